"""The fork server: what it forks is a process like any other, and none outlives whoever asked for it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jobs import alive, gone

from bizlab.run.kernels.forks import Forks, forking

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def forks():
    """A server that has imported numpy with its BLAS, and pyarrow with its allocators."""
    with forking(["numpy", "pyarrow", "scipy.linalg"], environment=ENVIRONMENT, folder=ROOT) as server:
        yield server


class Ordered:
    """A module that was run in a forked process, and what came of it."""

    def __init__(self, forks, folder, source, *arguments, module="ordered", **environment):
        (folder / f"{module}.py").write_text(source, "utf-8")
        self.said = folder / "said"
        with Path(os.devnull).open("rb") as nothing, self.said.open("wb") as said:
            self.process = forks.start(
                module,
                arguments,
                environment={**ENVIRONMENT, **environment},
                folder=folder,
                files=(nothing.fileno(), said.fileno(), said.fileno()),
            )

    @property
    def text(self):
        self.process.wait(60)
        return self.said.read_text("utf-8")


def test_a_forked_process_is_what_python_m_starts(forks, tmp_path):
    source = (
        "import os, signal, sys, threading\n"
        "print(__name__, sys.argv[1:], os.getcwd(), sys.path[0], sorted(os.environ.items()))\n"
        "print(sys.stdin.read() == '', os.getsid(0) == os.getpid(), threading.active_count())\n"
        "print(signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL, signal.getsignal(signal.SIGINT))\n"
        "print(sorted(os.listdir('/proc/self/fd')))\n"
    )
    ordered = Ordered(forks, tmp_path, source, "-f", "云帆.json", OWN="1")
    by_itself = subprocess.run(
        [sys.executable, "-m", "ordered", "-f", "云帆.json"],
        cwd=tmp_path,
        env={**ENVIRONMENT, "OWN": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert ordered.text == by_itself.stdout
    assert ordered.process.returncode == 0


def test_exit_codes_and_what_is_done_at_exit_are_those_of_a_process(forks, tmp_path):
    source = "import atexit, sys\natexit.register(print, 'left')\nsys.exit(int(sys.argv[1]))"
    left = Ordered(forks, tmp_path, source, "7")
    assert left.text == "left\n"
    assert left.process.poll() == left.process.wait() == left.process.returncode == 7
    fails = Ordered(forks, tmp_path, "1 / 0")
    assert "ZeroDivisionError" in fails.text
    assert fails.process.returncode == 1
    says = Ordered(forks, tmp_path, "import sys; sys.exit('no such month')")
    assert says.text == "no such month\n"
    assert says.process.returncode == 1


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_signals_reach_the_process_and_what_it_started(forks, tmp_path, signum):
    source = "import subprocess, time\nprint(subprocess.Popen(['sleep', '1000']).pid, flush=True)\ntime.sleep(1000)"
    ordered = Ordered(forks, tmp_path, source)
    while not ordered.said.read_text("utf-8").endswith("\n"):
        time.sleep(0.02)
    child = int(ordered.said.read_text("utf-8"))
    assert ordered.process.poll() is None
    assert ordered.process.wait(0.05) is None
    ordered.process.send_signal(signum)
    assert ordered.process.wait(20) in {-signum, 1}
    assert gone(child)
    ordered.process.kill()  # once more: nothing happens


def test_numbers_drawn_are_not_those_that_the_next_process_draws(forks, tmp_path):
    source = "import random, uuid, numpy\nprint(random.random(), numpy.random.random(), uuid.uuid4(), hash('云帆'))"
    first, second = (Ordered(forks, tmp_path, source).text.split() for _ in range(2))
    assert not set(first[:3]) & set(second[:3])
    assert first[3] == second[3]


def test_a_child_may_start_threads_though_its_parent_must_not(forks, tmp_path):
    source = (
        "import numpy, pyarrow, pyarrow.compute, scipy.linalg\n"
        "a = numpy.arange(90_000.0).reshape(300, 300) + 1000 * numpy.eye(300)\n"
        "print(numpy.allclose(a @ scipy.linalg.inv(a), numpy.eye(300)))\n"
        "print(pyarrow.compute.sum(pyarrow.chunked_array([range(1000)] * 100)), pyarrow.cpu_count() > 0)\n"
        "print(pyarrow.Table.from_pydict({'a': range(1000)}).to_pandas()['a'].sum())\n"
    )
    assert Ordered(forks, tmp_path, source).text.split() == ["True", "49950000", "True", "499500"]


def test_a_child_ends_when_whoever_asked_for_it_is_gone(forks, tmp_path):
    ordered = Ordered(forks, tmp_path, "import time; time.sleep(1000)")
    pid = ordered.process.pid
    assert alive(pid)
    ordered.process._connection.close()
    assert gone(pid)
    assert Ordered(forks, tmp_path, "print('next')").text == "next\n"


def test_all_end_with_the_run_that_started_the_server(tmp_path):
    """Killed with a signal that nobody can catch: the server and all that it forked are gone."""
    (tmp_path / "endless.py").write_text("import time; time.sleep(1000)", "utf-8")
    (tmp_path / "run.py").write_text(
        "import os, time, pathlib\n"
        "from bizlab.run.kernels.forks import forking\n"
        "here = pathlib.Path.cwd()\n"
        "with forking([], environment=os.environ, folder=here) as forks:\n"
        "    child = forks.start('endless', environment=os.environ, folder=here, files=(0, 1, 2))\n"
        "    stat = pathlib.Path(f'/proc/{child.pid}/stat').read_text().rpartition(')')[2].split()\n"
        "    print(child.pid, stat[1], flush=True)\n"
        "    time.sleep(1000)\n",
        "utf-8",
    )
    with subprocess.Popen(
        [sys.executable, "run.py"], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as run:
        child, server = map(int, run.stdout.readline().split())
        assert alive(child)
        assert alive(server)
        run.kill()
    assert gone(child, server)


def test_a_server_that_holds_a_second_thread_does_not_fork(tmp_path):
    """A lock that the other thread holds at that moment would stay locked in the child for ever."""
    (tmp_path / "threading_at_import.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=[1000], daemon=True).start()", "utf-8"
    )
    with (
        forking(["threading_at_import"], environment=ENVIRONMENT, folder=tmp_path) as forks,
        pytest.raises(OSError, match="does not fork"),
    ):
        Ordered(forks, tmp_path, "")


def test_where_no_server_listens_nothing_is_forked(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        Ordered(Forks(str(tmp_path / "nobody")), tmp_path, "")
    assert list(tmp_path.glob("nobody*")) == []
