"""The shape of the project, kept by a machine."""

import ast
import re
import subprocess
import unicodedata
from collections import Counter
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
TRACKED = [ROOT / name for name in subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
    cwd=ROOT, capture_output=True, text=True, check=True,
).stdout.splitlines()]  # fmt: skip
MODULES = sorted(path for path in (ROOT / "bizlab").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
VAGUE = {"utils", "util", "helpers", "helper", "core", "common", "misc", "base"}


def relative(path):
    return path.relative_to(ROOT).as_posix()


def columns(line):
    """How wide a line is on the screen, where a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_is_about_one_idea(path):
    text = path.read_text("utf-8")
    assert path.stem not in VAGUE
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            length = body[-1].end_lineno - body[0].lineno + 1
            assert length <= 60, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=relative)
def test_a_notebook_only_loads_calls_explains_and_shows(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    source = "\n".join(cell.source for cell in code)
    assert len(code) <= 14
    assert len([line for line in source.splitlines() if line.strip()]) <= 120
    assert [line for line in source.splitlines() if columns(line) > 100] == []
    assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(ast.parse(source)))
    assert not re.search(r"\bselect\b.+\bfrom\b", source, re.I)
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert [cell for cell in code if "parameters" in cell.metadata.get("tags", [])] == code[:1]
    assert code[-1].source.splitlines()[-1] == "run.finish()"
    for lang in ("zh", "en"):
        assert any(lang in cell.metadata.get("tags", []) for cell in notebook.cells if cell.cell_type == "markdown")


def test_the_top_level_is_the_agreed_one():
    agreed = {"bizlab", "notebooks", "params", "data", "docs", "tests", "benchmarks", ".ci", "Makefile", "README.md",
              "CHANGELOG.md", "CONTRIBUTING.md", "pyproject.toml", "requirements.lock", ".gitignore"}  # fmt: skip
    assert {path.relative_to(ROOT).parts[0] for path in TRACKED} <= agreed


def test_nothing_that_is_tracked_is_large_or_speaks_of_a_machine():
    place = re.compile(rb"(?<![\w.])/(?:home|root|Users|tmp|work)/[a-z]")
    index = re.compile(rb"--(?:extra-)?index-url|https?://[^\s]*/simple")
    for path in TRACKED:
        if not path.is_file():
            continue
        content = path.read_bytes()
        assert len(content) <= 1_000_000, relative(path)
        if path.suffix not in {".xlsx", ".png", ".parquet"} and path != Path(__file__):
            assert not place.search(content), relative(path)
            assert not index.search(content), relative(path)


def test_a_folder_can_be_taken_in_at_a_glance():
    """No more than 20 files in a folder of the library, the notebooks and the tests."""
    crowded = Counter(
        path.parent
        for path in TRACKED
        if path.relative_to(ROOT).parts[0] in {"bizlab", "notebooks", "tests"} and path.is_file()
    )
    assert {relative(folder): n for folder, n in crowded.items() if n > 20} == {}
