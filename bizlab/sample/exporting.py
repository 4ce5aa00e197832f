"""Write the sample into a project: its exports and its README."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from bizlab.sample.company.draws import SEED
from bizlab.sample.exports.amoeba import write_amoeba
from bizlab.sample.exports.budget import write_budget
from bizlab.sample.exports.crm import write_crm
from bizlab.sample.exports.erp import write_erp
from bizlab.sample.planted.defects import record
from bizlab.sample.readme import readme
from bizlab.sample.truth import generate


def write_exports(truth: dict[str, pd.DataFrame], folder: Path, *, seed: int = SEED) -> None:
    """Write the company as its systems export it, defects and dirt included.

    Parameters
    ----------
    truth : the tables of ``generate(scale=1)``.
    folder : where the folders crm, erp, amoeba and budget go; files of the same names are replaced.
    seed : decides where the dirt falls; the same seed gives the same bytes.
    """
    held = record(truth)
    write_crm(held, folder / "crm", seed=seed)
    write_erp(held, folder / "erp", seed=seed)
    write_amoeba(held, folder / "amoeba", seed=seed)
    write_budget(held, folder / "budget")


def write_sample(project_root: Path, *, seed: int = SEED) -> Path:
    """Make ``data/sample`` of a project anew: exports and README. The old exports are removed.

    Returns
    -------
    The folder ``data/sample``.
    """
    folder = project_root / "data" / "sample"
    exports = folder / "exports"
    if exports.exists():
        shutil.rmtree(exports)
    write_exports(generate(seed), exports, seed=seed)
    (folder / "README.md").write_text(readme(), encoding="utf-8")
    return folder
