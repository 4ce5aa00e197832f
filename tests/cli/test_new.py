"""A new page runs as it stands: in the library's own project and in any other."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bizlab.cli.main import main
from bizlab.run.pages import page_named, pages

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A company's own project: the sample's parameters and exports, and no page yet."""
    for name in ("params", "data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "params" / "base.yaml").write_text("lang: zh\nconfidence: 0.9\n")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_in_a_project_it_is_one_notebook_that_can_be_looked_at_at_once(project, capsys):
    assert main(["new", "orders_seen", "--title", "订单 | Orders", "--table", "orders"]) == 0
    assert [path.name for path in project.rglob("*orders_seen*")] == ["01_orders_seen.ipynb"]
    page = page_named(pages(project), "orders_seen")
    assert (page.title.zh, page.group, page.parameter_names) == ("订单", "own", ("month", "lang", "n_months"))
    assert main(["preview", "orders_seen", "--no-open", "--set", "n_months=3"]) == 0
    html = (project / "reports" / "preview" / "2026-10" / "01_orders_seen.html").read_text("utf-8")
    assert {"2026-08", "2026-09"} <= set(re.findall(r">(2026-\d\d)<", html)) <= {"2026-08", "2026-09", "2026-10"}
    assert "months looked back" in html
    capsys.readouterr()
    assert main(["new", "orders_seen"]) == 2
    assert "There is a page 'orders_seen' already" in capsys.readouterr().err


def test_a_notebook_that_failed_is_kept_for_looking_until_its_page_is_made(project, capsys):
    assert main(["new", "orders_seen", "--title", "订单 | Orders", "--table", "orders"]) == 0
    page = page_named(pages(project), "orders_seen")
    written = page.notebook.read_text("utf-8")
    place = project / "reports" / "preview" / "2026-10"
    page.notebook.write_text(written.replace("run.finish()", "run.finsh()"), "utf-8")
    assert main(["preview", "orders_seen", "--no-open"]) == 2
    assert "No page was made" in capsys.readouterr().err
    assert [path.name for path in place.iterdir()] == ["01_orders_seen.failed.ipynb"]
    page.notebook.write_text(written, "utf-8")
    assert main(["preview", "orders_seen", "--no-open"]) == 0
    assert [path.name for path in place.iterdir()] == ["01_orders_seen.html"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Orders!"], "'Orders!' cannot be a name"),
        (["mine", "--table", "order"], "The table 'order' is not mapped, or has no date.*write 'orders'"),
        (["mine", "--table", "units"], "has no date"),
    ],
)
def test_what_cannot_be_a_page_is_refused(project, capsys, arguments, said):
    assert main(["new", *arguments]) == 2
    assert said.split(".*")[-1] in capsys.readouterr().err
    assert list((project / "notebooks").rglob("*.ipynb")) == []


def test_in_the_library_it_is_a_notebook_a_module_a_test_and_a_page_of_the_docs(tmp_path):
    """In a copy of the library itself; its test passes, and it keeps the library's own rules."""
    for name in ("params", "data", "notebooks", "bizlab", "docs", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)

    def python(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False,
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    written = python("-m", "bizlab.cli", "new", "orders_seen", "--group", "budget", "--title", "订单 | Orders")
    assert [line.split(":")[0] for line in written.splitlines()[:-1]] == [
        "notebooks/budget/16_orders_seen.ipynb",
        "bizlab/analyses/budget/orders_seen.py",
        "tests/analyses/budget/test_orders_seen.py",
        "docs/orders_seen.md",
    ]
    assert "1 passed" in python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/analyses/budget")
    python("-m", "bizlab.cli", "preview", "orders_seen", "--no-open")
    python("-m", "ruff", "check", "bizlab/analyses", "tests", "notebooks/budget")
    python("-m", "ruff", "format", "--check", "bizlab/analyses", "tests", "notebooks/budget")
    notebook = json.loads((tmp_path / "notebooks" / "budget" / "16_orders_seen.ipynb").read_text("utf-8"))
    assert notebook["metadata"]["bizlab"]["analysis"] == "bizlab.analyses.budget.orders_seen:ANALYSIS"
