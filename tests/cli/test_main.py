"""The command line: exit codes, one-paragraph errors, and a start that loads nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest

from bizlab.cli.main import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def in_project(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(
    "code", ["import bizlab", "from bizlab.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass"]
)
def test_starting_loads_no_heavy_library(code):
    heavy = ["pandas", "numpy", "statsmodels", "sklearn", "papermill", "duckdb", "altair", "pydantic"]
    check = f"{code}\nimport sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "2026-13"], "'2026-13' is not a month"),
        (["run", "2026-10", "--set", "materialty_rate=0.1"], "write 'materiality_rate'"),
        (["run", "2026-10", "--only", "unithour"], "write 'unit_hour'"),
        (["run", "2031-01"], "No input table has a row dated in 2031-01"),
        (["run", "2026-10", "--only", ""], "no page ''"),
        (["run", "2026-10", "--set", "month=2026-09"], "'month' is given twice"),
        (["check", "2026-10", "--set", "stuck_days=soon"], "'stuck_days' cannot be 'soon'"),
        (["check", "2031-01"], "No input table has a row dated in 2031-01"),
        (["open", "../2026-10"], "is not a month"),
        (["open", "2031-01"], "not published"),
        (["sample", "--out", "../elsewhere"], "leads outside the project"),
    ],
)
def test_a_refusal_is_one_paragraph_and_exit_2(capsys, arguments, message):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert "Fix:" in error


def test_check_tells_the_account_and_what_does_not_agree(capsys):
    assert main(["check", "2026-10"]) == 1
    printed = capsys.readouterr().out
    assert "actual_lines" in printed
    assert "difference -2,773,411 fen" in printed
    assert "the same key with other content (1)" in printed


def test_list_names_the_analyses(capsys):
    assert main(["list"]) == 0
    assert "单位时间核算表 · Unit-hour sheet" in capsys.readouterr().out


def test_outside_a_project_nothing_is_half_said(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["list"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "No project found" in printed.err


def test_open_shows_the_published_index(monkeypatch, tmp_path, capsys):
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "base.yaml").write_text("")
    page = tmp_path / "reports" / "2026-10" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("")
    monkeypatch.chdir(tmp_path)
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main(["open", "2026-10"]) == 0
    assert capsys.readouterr().out.strip() == str(page.resolve())
    assert opened == [page.resolve().as_uri()]


def test_a_file_that_cannot_be_written_is_told_without_a_traceback(monkeypatch, tmp_path, capsys):
    for name in ("params", "notebooks", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "reports").write_text("a file where a folder should be")
    monkeypatch.chdir(tmp_path)
    assert main(["run", "2026-10"]) == 2
    error = capsys.readouterr().err
    assert "Where: " in error
    assert error.count("\n") == 1
