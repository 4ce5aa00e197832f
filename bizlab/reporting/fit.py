"""``bizlab fit``: the value grade fitted once and kept as a version, so that every month is cut at the same points."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

from bizlab import customers, tagging
from bizlab.customers.stored import stored_model, stored_version
from bizlab.reporting import settings
from bizlab.reporting.parameters import Parameters
from bizlab.reporting.session import Run
from bizlab.reporting.tags import TAG_TABLES, VALUE_GRADE, fitted_value_grade

_HEAD = """# Value grades as they were fitted, written by 'bizlab fit'; a version is never changed, only added.
# A month uses the latest version whose weighting, reference and settings are its own; without one it fits anew.
versions:
"""


def keep_fit(project: Path, params: Parameters) -> str:
    """Fit the value grade on the reference period and add it as a version, unless it is kept already.

    Returns
    -------
    What was done, in one line.
    """
    run, config = Run("customer_tags", project, params), partial(settings.config, project)
    versions: list[dict[str, Any]] = list(config(VALUE_GRADE, optional=True).get("versions", []))
    grading = customers.parse_grading(config("grading"))
    weighting, reference = params.value_weighting, params.grade_reference
    kept = stored_model(versions, grading, weighting=weighting, reference=reference)
    tables = {name: run.scan(name) for name in TAG_TABLES}
    fitted = fitted_value_grade(tables, tagging.parse_dictionary(config("tags")), config, params)
    if kept is not None:
        cuts = fitted.estimator.cut_points_.tolist()
        now = "the same" if kept.estimator.cut_points_.tolist() == cuts else f"cut at {cuts}"
        return f"kept already; fitted on today's records of the reference period it would be {now}"
    entry = stored_version(fitted, version=len(versions) + 1, weighting=weighting, reference=reference)
    path = project / "params" / f"{VALUE_GRADE}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(_HEAD + "".join(f"  - {_flow(one)}\n" for one in [*versions, entry]), encoding="utf-8")
    unfinished.replace(path)
    return f"params/{VALUE_GRADE}.yaml: version {entry['version']} added"


def _flow(entry: dict[str, Any]) -> str:
    """JSON, which is YAML too; numbers such as 1e-05 get the point that strict YAML asks for."""
    return re.sub(r"(?<![\d.])(\d+)e", r"\1.0e", json.dumps(entry, ensure_ascii=False))
