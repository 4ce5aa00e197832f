"""Notebooks run in processes of their own with time limits; a failing one does not stop the others."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jobs import executed, job, printed

from bizlab.run.papermill_job import ORPHANED
from bizlab.run.parameters import Limits

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is told by Linux only")


def test_parameters_arrive_as_data_and_failures_are_told_in_one_line(tmp_path):
    said = []
    good = job(tmp_path, "good", "print(repr(a))", a="云帆'); import os #{x}")
    bad = job(tmp_path, "bad", "raise ValueError('二月没有\\n\\n三十日')", "print('never')")
    other = job(tmp_path, "other", "1")
    done, failed, after = executed(good, bad, other, said=said)
    assert done.problem == after.problem == ""
    assert printed(done) == repr("云帆'); import os #{x}")
    assert failed.problem == "cell [2]: ValueError: 二月没有 三十日"
    assert said[0] == "[0/3] running: good, bad"
    assert sum("bad failed after" in line for line in said) == 1
    assert said[-1].startswith("[3/3]")


def test_braces_in_the_name_of_a_folder_are_no_place_for_a_parameter(tmp_path):
    folder = tmp_path / "{a} 报告"
    folder.mkdir()
    (done,) = executed(job(folder, "good", "1", a="../../elsewhere"))
    assert done.problem == ""
    assert done.output.is_file()


@pytest.mark.skipif(os.name != "posix", reason="kernels are reached by ports")
def test_no_other_program_can_take_the_place_of_a_kernel(tmp_path):
    """A port may be taken between its choice and its use; a socket in a folder of its own may not."""
    reached = "from ipykernel.connect import get_connection_info as info; print(*sorted(info(unpack=True).items()))"
    first, second = executed(job(tmp_path, "first", reached), job(tmp_path, "second", reached))
    places = [re.search(r"'ip', '([^']+)'", printed(done)).group(1) for done in (first, second)]
    assert len(set(places)) == 2
    assert not any(Path(place).parent.exists() for place in places)


HOG = "held = []\nwhile True:\n    held.append(bytearray(b'x' * 50_000_000))\n    __import__('time').sleep(0.05)"
ENDLESS = "while True: pass"
SILENT = "get_ipython().kernel._publish_status_and_flush = lambda *_, **__: None"
CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {HOG!r}])"


@pytest.mark.parametrize(
    ("source", "limits", "problem"),
    [
        ("import os; os.kill(os.getpid(), 9)", Limits(), "its kernel died"),
        (ENDLESS, Limits(cell_seconds=1), "timed out while it was being executed, after 1 seconds"),
        (ENDLESS, Limits(cell_seconds=1), "met the limit cell_seconds = 1"),
        (
            ENDLESS,
            Limits(notebook_seconds=1),
            "it ran for more than 1 seconds and was ended: the limit notebook_seconds",
        ),
        pytest.param(HOG, Limits(notebook_memory_mb=600), "met the limit notebook_memory_mb = 600", marks=LINUX),
        pytest.param(CHILD, Limits(notebook_memory_mb=600), "met the limit notebook_memory_mb = 600", marks=LINUX),
        (SILENT, Limits(iopub_seconds=1), "met the limit iopub_seconds = 1"),
    ],
    ids=["dead kernel", "endless cell", "its limit", "endless notebook", "memory", "memory of a child", "no output"],
)
def test_a_notebook_that_does_not_come_back_is_a_failure(tmp_path, source, limits, problem):
    (lost,) = executed(job(tmp_path, "lost", source), limits=limits)
    assert problem in lost.problem
    assert "\n" not in lost.problem


def test_a_notebook_ends_when_the_run_that_ordered_it_is_killed(tmp_path):
    """Otherwise it would write on into the folder that the next run is using."""
    endless = job(tmp_path, "endless", "import time; time.sleep(1000)")
    order = {
        "input_path": str(endless.notebook),
        "output_path": str(endless.output),
        "limits": endless.limits.model_dump(),
        "forks": "",
    }
    command = [sys.executable, "-m", "bizlab.run.papermill_job"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.close()
        try:
            assert process.wait(timeout=60) == ORPHANED
        finally:
            process.kill()
    assert not endless.output.exists()
