"""Reading a company many times the sample's size: processor time and peak memory, its tables as Parquet and as csv.

Each reading runs in a fresh process, from files to the warehouse; what makes the files runs in another. The way by
texts, which rows that need care still go, is measured at the first scale beside it, and must give the same tables. Run
with ``python benchmarks/reading.py [--scales 1 10]``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from bizlab.data import building, warehouse
from bizlab.sample import write_parquet

PROJECT = Path(__file__).parents[1]
Measured = tuple[float, float, dict[str, tuple[int, int]]]


def make(project: Path, scale: int, kind: str) -> None:
    """A project whose sources are the company's clean tables."""
    (project / "params").mkdir(parents=True)
    shutil.copy(PROJECT / "params" / "lists.yaml", project / "params")
    text = write_parquet(project / "data", scale=scale, project_root=project).read_text("utf-8")
    if kind == "csv":
        duckdb.sql("SET enable_progress_bar = false")
        for path in (project / "data").glob("*/*.parquet"):
            duckdb.sql(f"COPY (FROM '{path}') TO '{path.with_suffix('.csv')}' (HEADER)")
        text = text.replace(".parquet", ".csv").replace("format: parquet", "format: csv")
    (project / "params" / "sources.yaml").write_text(text, encoding="utf-8")


def read(project: Path, by_texts: bool) -> Measured:
    """Processor seconds, peak gigabytes, and of each table the number of its rows and a hash over them."""
    shutil.rmtree(project / ".bizlab", ignore_errors=True)
    if by_texts:
        building.can_take = lambda *_: False
    start = time.process_time()
    warehouse.open_project(project)
    seconds = time.process_time() - start
    (place,) = (project / warehouse.FOLDER).glob("*.duckdb")
    with duckdb.connect(place, read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        rows = "SELECT count(*), coalesce(bit_xor(hash(rows)), 0) FROM"
        held = {name: connection.execute(f'{rows} "{name}" AS rows').fetchall()[0] for name in names}
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, held


def apart(work: Callable[..., Any], *given: Any) -> Any:
    """What a call gives in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scales", type=int, nargs="+", default=[1, 10])
    scales = parser.parse_args().scales
    for kind in ("parquet", "csv"):
        first = 0.0
        for scale in scales:
            with tempfile.TemporaryDirectory() as folder:
                apart(make, Path(folder), scale, kind)
                seconds, peak, held = apart(read, Path(folder), False)
                first = first or seconds
                n_rows = sum(n for n, _ in held.values())
                said = (
                    f"{kind} at scale {scale}, {n_rows:,} rows: {seconds:.1f} s, {peak:.2f} GB, {seconds / first:.1f} x"
                )
                if scale == scales[0]:
                    by_texts = apart(read, Path(folder), True)
                    if by_texts[2] != held:
                        raise SystemExit("the tables differ from those by texts")
                    said += f"; by texts {by_texts[0]:.1f} s, {by_texts[1]:.2f} GB"
                print(said, flush=True)


if __name__ == "__main__":
    main()
