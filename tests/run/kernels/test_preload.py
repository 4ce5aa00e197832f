"""What notebooks import is read from them, and only the library's own modules are imported ahead of them."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bizlab.run.kernels.preload import preloaded

ROOT = Path(__file__).parents[3]


def notebook(folder, *sources, **metadata):
    path = folder / "page.ipynb"
    cells = [new_markdown_cell("import bizlab.never"), *map(new_code_cell, sources)]
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    return path


def test_the_librarys_modules_are_named_and_nobody_elses(tmp_path):
    """A module of a project may set what the next notebook would meet: it is left to the notebook."""
    path = notebook(
        tmp_path,
        "import bizlab, our_company\nimport pandas as pd",
        "if True:\n    from bizlab.labels import Label as L",
        "from .bizlab import other",
        "%matplotlib inline\nimport bizlab.never",
        bizlab={"name": "page", "analysis": "bizlab.analyses.budget.budget_variance:ANALYSIS"},
    )
    assert preloaded([path]) == [
        "bizlab",
        "bizlab.analyses.budget",
        "bizlab.analyses.budget.budget_variance",
        "bizlab.labels",
        "bizlab.labels.Label",
        "bizlab.run.session",
    ]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": [1], "metadata": {}}', "\x00"])
def test_what_is_no_notebook_names_nothing(tmp_path, content):
    (tmp_path / "page.ipynb").write_text(content, "utf-8")
    assert preloaded([tmp_path / "page.ipynb", tmp_path / "none.ipynb"]) == []


def test_the_notebooks_of_the_library_name_their_analyses():
    names = preloaded(sorted((ROOT / "notebooks").rglob("*.ipynb")))
    assert {"bizlab.budget", "bizlab.analyses.customers.tags", "bizlab.report.charts.charts"} <= set(names)
