"""Opening a page imports what that page uses, and no other domain."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bizlab.run.pages import page_named, pages

ROOT = Path(__file__).parents[2]
DOMAINS = {"amoeba", "budget", "customers", "lifecycle", "prediction", "tagging"}


@pytest.mark.parametrize(
    ("name", "own"),
    [("lifecycle", {"lifecycle"}), ("budget_variance", {"budget"}), ("unit_hour", {"amoeba"}), ("data_quality", set())],
)
def test_the_first_cell_of_a_page_imports_no_other_domain(name, own):
    cells = json.loads(page_named(pages(ROOT), name).notebook.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"][:2]
    names = "import sys\nprint('\\n'.join(name for name in sys.modules if name.startswith('bizlab')))"
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*code, names])], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    modules = [line.split(".") for line in done.stdout.splitlines() if line.startswith("bizlab")]
    assert {parts[1] for parts in modules if len(parts) > 1} & DOMAINS == own
