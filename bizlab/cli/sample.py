"""``bizlab sample``: the made company, as its systems export it or many times as large."""

from __future__ import annotations

import argparse
from pathlib import Path

from bizlab import sample
from bizlab.cli import DONE
from bizlab.cli.options import within
from bizlab.errors import SettingError
from bizlab.run.project import find_project
from bizlab.sample.company.draws import SEED


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scale", type=int, default=1, help="times as large, as Parquet (default 1: the exports)")
    parser.add_argument("--out", type=Path, help="folder for --scale, within the project (default build/sample)")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed than the sample's own")


def command(options: argparse.Namespace) -> int:
    project = find_project()
    if options.scale == 1 and options.out is None:
        sample.write_sample(project, seed=options.seed)
        print("data/sample: written")
        return DONE
    folder = (project / (options.out or Path("build") / "sample")).resolve()
    if not folder.is_relative_to(project):
        raise SettingError(f"'{options.out}' leads outside the project", place="--out", fix="name a folder within it")
    sample.write_parquet(folder, scale=options.scale, seed=options.seed, project_root=project)
    print(f"{within(project, folder)}: written at scale {options.scale}")
    return DONE
