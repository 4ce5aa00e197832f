"""Write the sample into a project: its exports and its README."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bizlab.contracts.table import Table
from bizlab.sample.company.draws import SEED
from bizlab.sample.exports.amoeba import write_amoeba
from bizlab.sample.exports.budget import write_budget
from bizlab.sample.exports.crm import write_crm
from bizlab.sample.exports.erp import write_erp
from bizlab.sample.planted.defects import record
from bizlab.sample.readme import readme
from bizlab.sample.truth import generate
from bizlab.tables import project_tables


def write_exports(
    truth: dict[str, pd.DataFrame], folder: Path, contracts: Mapping[str, Table], *, seed: int = SEED
) -> None:
    """Write the company as its systems export it, defects and dirt included.

    Parameters
    ----------
    truth : the tables of ``generate(scale=1)``.
    folder : where the folders crm, erp, amoeba and budget go; files of the same names are replaced.
    contracts : the company's tables, with the words of its lists.
    seed : decides where the dirt falls; the same seed gives the same bytes.
    """
    recorded = record(truth)
    write_crm(recorded, folder / "crm", contracts, seed=seed)
    write_erp(recorded, folder / "erp", contracts, seed=seed)
    write_amoeba(recorded, folder / "amoeba", contracts, seed=seed)
    write_budget(recorded, folder / "budget", contracts)


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
    write_exports(generate(seed), exports, project_tables(project_root), seed=seed)
    (folder / "README.md").write_text(readme(), encoding="utf-8")
    return folder
