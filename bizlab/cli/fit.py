"""``bizlab fit``: what is fitted once and kept as a version, so that months compare: value grade, customer clusters."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bizlab.analyses.customers.model_steps import CUSTOMER_CLUSTERS, kept_clusters, reference_facts
from bizlab.analyses.customers.tag_steps import VALUE_GRADE, fitted_value_grade, kept_value_grade
from bizlab.cli import DONE
from bizlab.cli.options import latest_month_options, run_of
from bizlab.customers.clusters.model import fit_clusters, parse_clusters
from bizlab.customers.clusters.stored import clusters_version
from bizlab.customers.grading.stored import stored_version
from bizlab.run.session import Run

_HEADS = {
    VALUE_GRADE: """# Value grades as they were fitted, written by 'bizlab fit'; a version is never changed, only added.
# A month uses the latest version whose weighting, reference and settings are its own; without one it fits anew.
versions:
""",
    CUSTOMER_CLUSTERS: """# Customer clusters as 'bizlab fit' found them; versions are added, never changed.
# A month uses the latest version whose reference and settings are its own; without one it fits anew.
versions:
""",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    latest_month_options(parser)


def command(options: argparse.Namespace) -> int:
    run = run_of(options, "customer_models")
    print(f"value grade: {keep_fit(run)}")
    print(f"customer clusters: {keep_clusters(run)}")
    return DONE


def keep_fit(run: Run) -> str:
    """Fit the value grade on the reference period and add it as a version, unless it is kept already.

    Returns
    -------
    What was done, in one line.
    """
    kept, fitted = kept_value_grade(run), fitted_value_grade(run)
    if kept is not None:
        cuts = fitted.estimator.cut_points_.tolist()
        now = "the same" if kept.estimator.cut_points_.tolist() == cuts else f"cut at {cuts}"
        return f"kept already; fitted on today's records of the reference period it would be {now}"
    versions: list[dict[str, Any]] = list(run.config(VALUE_GRADE, optional=True).get("versions", []))
    weighting, reference = run.params.value_weighting, run.params.grade_reference
    entry = stored_version(fitted, version=len(versions) + 1, weighting=weighting, reference=reference)
    return _add(run.project, VALUE_GRADE, versions, entry)


def keep_clusters(run: Run) -> str:
    """Find the customer clusters in the reference period and add them as a version, unless they are kept already.

    Returns
    -------
    What was done, in one line.

    Raises
    ------
    DataError : the reference period does not carry clusters.
    """
    reference, kept = run.step(reference_facts), kept_clusters(run)
    fitted = fit_clusters(reference, parse_clusters(run.config("clusters")))
    if kept is not None:
        moved = int((kept.standing(reference) != fitted.standing(reference)).sum())
        now = "the same" if moved == 0 else f"others: {moved} companies would stand elsewhere"
        return f"kept already; found in today's records of the reference period they would be {now}"
    versions = run.config(CUSTOMER_CLUSTERS, optional=True).get("versions", [])
    entry = clusters_version(fitted, version=len(versions) + 1, reference=run.params.grade_reference)
    return _add(run.project, CUSTOMER_CLUSTERS, versions, entry)


def _add(project: Path, name: str, versions: Sequence[dict[str, Any]], entry: dict[str, Any]) -> str:
    """Write a file of versions anew with one more at its end."""
    path = project / "params" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    lines = [f"  - {_flow(version)}\n" for version in [*versions, entry]]
    unfinished.write_text(_HEADS[name] + "".join(lines), encoding="utf-8")
    unfinished.replace(path)
    return f"params/{name}.yaml: version {entry['version']} added"


def _flow(entry: dict[str, Any]) -> str:
    """JSON, which is YAML too; numbers such as 1e-05 get the point that strict YAML asks for."""
    return re.sub(r"(?<![\d.])(\d+)e", r"\1.0e", json.dumps(entry, ensure_ascii=False))
