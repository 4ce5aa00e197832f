"""A broken run never harms the month that was published before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bizlab.errors import RunError
from bizlab.run.publish import RECORD, locked, publish, recover, stage


def staged(reports, text):
    folder = stage(reports, "2026-10")
    (folder / "pages").mkdir()
    (folder / "pages" / "a.html").write_text(text)
    (folder / RECORD).write_text("{}")
    return folder


def page(reports):
    return (reports / "2026-10" / "pages" / "a.html").read_text()


def test_a_new_month_takes_the_place_of_the_old_one(tmp_path):
    staged(tmp_path, "old")
    publish(tmp_path, "2026-10")
    staged(tmp_path, "new")
    assert publish(tmp_path, "2026-10") == tmp_path / "2026-10"
    assert page(tmp_path) == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["2026-10"]


def test_what_is_not_complete_is_not_published(tmp_path):
    staged(tmp_path, "old")
    publish(tmp_path, "2026-10")
    (staged(tmp_path, "new") / RECORD).unlink()
    with pytest.raises(RunError, match="not complete"):
        publish(tmp_path, "2026-10")
    assert page(tmp_path) == "old"


@pytest.mark.parametrize("moved_in", [False, True])
def test_a_crash_between_the_two_renames_is_mended(tmp_path, moved_in):
    staged(tmp_path, "old")
    publish(tmp_path, "2026-10")
    (tmp_path / "2026-10").rename(tmp_path / ".2026-10.aside")
    folder = staged(tmp_path, "new")
    if moved_in:
        folder.rename(tmp_path / "2026-10")
    recover(tmp_path, "2026-10")
    assert page(tmp_path) == ("new" if moved_in else "old")
    assert [path.name for path in tmp_path.iterdir()] == ["2026-10"]


def test_a_process_killed_while_it_stages_leaves_the_old_month(tmp_path):
    staged(tmp_path, "old")
    publish(tmp_path, "2026-10")
    code = (
        "import os, sys, pathlib\nfrom bizlab.run.publish import locked, stage\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "with locked(root, '2026-10'):\n"
        "    (stage(root, '2026-10') / 'half').write_text('x'); os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert killed.returncode != 0
    with locked(tmp_path, "2026-10"):
        assert page(tmp_path) == "old"
        assert not (tmp_path / ".2026-10.staging").exists()


def test_one_month_is_run_by_one_at_a_time(tmp_path):
    code = (
        "import sys, pathlib; from bizlab.errors import RunError; from bizlab.run.publish import locked\n"
        "try:\n    with locked(pathlib.Path(sys.argv[1]), '2026-10'): print('got it')\n"
        "except RunError as error: print(error)\n"
    )
    with locked(tmp_path, "2026-10"):
        other = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert f"Another run of 2026-10 is going on: process {os.getpid()}, since" in other.stdout
    with locked(tmp_path, "2026-10"):
        pass
    assert [path.name for path in tmp_path.iterdir()] in ([], [".2026-10.lock"])


def interrupted(reports):
    staged(reports, "half")
    raise KeyboardInterrupt


def test_a_run_that_is_refused_or_interrupted_leaves_nothing_half_written(tmp_path):
    staged(tmp_path, "old")
    publish(tmp_path, "2026-10")
    with pytest.raises(KeyboardInterrupt), locked(tmp_path, "2026-10"):
        interrupted(tmp_path)
    assert page(tmp_path) == "old"
    assert {path.name for path in tmp_path.iterdir()} <= {"2026-10", ".2026-10.lock"}


@pytest.mark.parametrize("n_renames_before", [0, 1])
def test_a_place_that_cannot_be_taken_keeps_the_old_month(tmp_path, monkeypatch, n_renames_before):
    """As when a workbook is open in Windows: one of the two renames is refused."""
    staged(tmp_path, "old")
    publish(tmp_path, "2026-10")
    refusals = [None] * n_renames_before + [PermissionError(13, "Permission denied")]
    rename = Path.rename

    def renaming(self, target):
        refusal = refusals.pop(0) if refusals else None
        if refusal:
            raise refusal
        return rename(self, target)

    with locked(tmp_path, "2026-10"):
        staged(tmp_path, "new")
        monkeypatch.setattr(Path, "rename", renaming)
        with pytest.raises(RunError, match="cannot take its place: Permission denied"):
            publish(tmp_path, "2026-10")
    assert page(tmp_path) == "old"
    assert {path.name for path in tmp_path.iterdir()} <= {"2026-10", ".2026-10.lock"}


@pytest.mark.parametrize("nth", range(1, 11))
def test_killed_at_any_step_of_a_publication_the_month_is_the_old_or_the_new_one(tmp_path, nth):
    """The process is killed before its nth sync, rename or removal; the next run finds one whole month."""
    staged(tmp_path, "old")
    publish(tmp_path, "2026-10")
    code = f"""
import os, pathlib, shutil, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_publish import staged
from bizlab.run.publish import locked, publish
left = [{nth}]
def killing(step):
    def counted(*arguments, **options):
        left[0] -= 1
        if not left[0]:
            os._exit(9)
        return step(*arguments, **options)
    return counted
root = pathlib.Path({str(tmp_path)!r})
with locked(root, "2026-10"):
    staged(root, "new")
    os.fsync, pathlib.Path.rename, shutil.rmtree = map(killing, (os.fsync, pathlib.Path.rename, shutil.rmtree))
    publish(root, "2026-10")
"""
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == 9
    with locked(tmp_path, "2026-10"):
        assert page(tmp_path) in {"old", "new"}
        assert (tmp_path / "2026-10" / RECORD).is_file()
    assert {path.name for path in tmp_path.iterdir()} <= {"2026-10", ".2026-10.lock"}
