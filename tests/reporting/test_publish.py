"""A broken run never harms the month that was published before."""

import subprocess
import sys

import pytest

from bizlab.errors import RunError
from bizlab.reporting.publish import RECORD, locked, publish, recover, stage


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
        "import os, sys, pathlib\nfrom bizlab.reporting.publish import locked, stage\n"
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
        "import sys, pathlib; from bizlab.errors import RunError; from bizlab.reporting.publish import locked\n"
        "try:\n    with locked(pathlib.Path(sys.argv[1]), '2026-10'): print('got it')\n"
        "except RunError as error: print(error)\n"
    )
    with locked(tmp_path, "2026-10"):
        other = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "Another run of 2026-10 is going on" in other.stdout
    with locked(tmp_path, "2026-10"):
        pass
