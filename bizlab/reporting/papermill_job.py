"""One papermill execution, ordered as JSON on standard input; the parent process sets the time limit."""

from __future__ import annotations

import json
import sys
from typing import Any

import papermill
from traitlets.config import Config

from bizlab.reporting.execute import CELL_SECONDS


def main() -> None:
    """Execute the notebook that standard input orders."""
    order: dict[str, Any] = json.load(sys.stdin)
    papermill.execute_notebook(
        **order,
        kernel_name="python3",
        progress_bar=False,
        log_output=False,
        execution_timeout=CELL_SECONDS,
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
    )


if __name__ == "__main__":
    main()
