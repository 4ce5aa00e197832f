"""A notebook in a forked kernel finds what it would find in one that was started by itself, and nothing else."""

import os
import signal
import sys
import time
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

import nbformat
import pytest
from jobs import gone, job, printed

from bizlab.run.execute import processes_for, start
from bizlab.run.kernels.kernel import NAME, NotebookKernel
from bizlab.run.month import without_clock

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")

SPOIL = """
import json, os, random, sys, threading, time, warnings
import numpy as np, pandas as pd, altair as alt, duckdb
import bizlab, bizlab.labels
bizlab.labels.spoilt = json.loads.spoilt = pd.spoilt = True
pd.DataFrame.spoilt = property(lambda frame: True)
sys.modules["our_own"] = sys
sys.path.insert(0, "/spoilt")
os.environ["SPOILT"] = "1"
os.environ.pop("PYTHONHASHSEED")
os.mkdir("spoilt")
os.chdir("spoilt")
os.umask(0o077)
warnings.simplefilter("error")
pd.set_option("display.max_rows", 3)
np.set_printoptions(precision=2)
np.seterr(all="raise")
random.seed(1), np.random.seed(1)
alt.data_transformers.disable_max_rows()
duckdb.sql("create table spoilt as select 1 as a")
sys.setrecursionlimit(500)
threading.Thread(target=time.sleep, args=[1000], daemon=True).start()
get_ipython().run_line_magic("alias", "spoilt echo")
del pd.read_csv
"""

LOOK = """
import json, os, random, sys, threading, warnings
import numpy as np, pandas as pd, altair as alt, duckdb
import bizlab, bizlab.labels
print(
    [hasattr(place, "spoilt") for place in (bizlab.labels, json.loads, pd, pd.DataFrame)], hasattr(pd, "read_csv"),
    "our_own" in sys.modules, "/spoilt" in sys.path, sorted(os.environ.keys() - {"JPY_PARENT_PID"}),
    os.environ["PYTHONHASHSEED"], os.path.basename(os.getcwd()), oct(os.umask(0o022)), len(warnings.filters) > 1,
    warnings.filters[0][0], pd.get_option("display.max_rows"), np.get_printoptions()["precision"], np.geterr(),
    alt.data_transformers.active, alt.data_transformers.options, duckdb.sql("show tables").fetchall(),
    sys.getrecursionlimit(), threading.active_count(), get_ipython().find_line_magic("spoilt"), sys.argv[0], sys.path,
    In, sorted(name for name in globals() if not name.startswith("_")),
    sep="\\n",
)
"""

WORK = """
import numpy as np, pandas as pd, duckdb, pyarrow as pa, pyarrow.compute, altair as alt, vl_convert
import statsmodels.api as sm
from scipy import linalg, stats
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
numbers = np.random.default_rng(1)
x = numbers.normal(size=(500, 20)); y = (x[:, 0] + numbers.normal(size=500) > 0).astype(int)
frame = pd.DataFrame({"a": range(200_000), "b": [n % 7 for n in range(200_000)]})
models = (
    LogisticRegression(),
    HistGradientBoostingClassifier(max_iter=10),
    RandomForestClassifier(20, n_jobs=2, random_state=1),
)
with duckdb.connect(config={"threads": 2}) as connection:
    sums = connection.sql("select b, sum(a)::bigint as a from frame group by b order by b").df()
chart = alt.Chart(pd.DataFrame({"月": [1, 2], "额": [3, 4]})).mark_bar().encode(x="月:Q", y="额:Q")
print(
    *(model.fit(x, y).predict_proba(x)[:3, 1] for model in models),
    sm.GLM(y, x, family=sm.families.Binomial()).fit().params[:3], linalg.svdvals(x)[:3], (x.T @ x)[0, :3],
    stats.kendalltau(x[:, 0], y).statistic, sums.to_string(),
    pa.compute.sum(pa.chunked_array([frame["a"]] * 3)), pa.Table.from_pandas(frame).nbytes,
    vl_convert.vegalite_to_svg(chart.to_json()),
)
"""


def came_of(running):
    """How a notebook in execution ended."""
    while not running.is_over:
        time.sleep(0.05)
    return running.end()


@pytest.fixture
def forks(tmp_path):
    """Where the processes of notebooks come from that use what the library rests on."""
    imported = job(tmp_path, "all", "import bizlab\nfrom bizlab.analyses.customers import charts")
    with processes_for(tmp_path, [imported.notebook]) as server:
        yield server


def test_nothing_that_a_notebook_does_reaches_the_next(tmp_path, forks):
    look = job(tmp_path, "look", LOOK)
    by_itself = printed(came_of(start(look, None)))
    assert printed(came_of(start(look, forks))) == by_itself
    spoilt = came_of(start(job(tmp_path, "spoil", SPOIL), forks))
    assert spoilt.problem == ""
    assert (tmp_path / "spoilt").is_dir()
    assert printed(came_of(start(look, forks))) == by_itself


def test_what_notebooks_compute_with_works_in_a_forked_kernel_and_gives_the_same_bytes(tmp_path, forks):
    """Two at once, with threads of OpenMP, DuckDB, Arrow and joblib, against a kernel started by itself."""
    work = job(tmp_path, "work", WORK)
    running = [start(replace(work, output=tmp_path / f"{n}.ipynb"), forks) for n in range(2)]
    ended = [*map(came_of, running), came_of(start(work, None))]
    assert [one.problem for one in ended] == ["", "", ""]
    first, second, by_itself = (
        nbformat.writes(without_clock(nbformat.read(one.output, as_version=4))) for one in ended
    )
    assert first == second == by_itself


def test_kernels_are_forked_from_the_server_and_not_started(tmp_path, forks):
    """The parent of the kernel is the parent of the process that executes its notebook."""
    source = "import os, time; print(os.getppid(), os.getsid(0) == os.getpid(), flush=True)"
    running = start(job(tmp_path, "parent", source), forks)
    stat = Path(f"/proc/{running.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    assert printed(came_of(running)) == f"{stat[1]} True"


def test_what_a_notebook_leaves_open_is_written_and_cleared_away(tmp_path, forks):
    source = (
        "import atexit, pathlib, tempfile, threading, time\n"
        "left = open('left', 'w'); left.write('all of it')\n"
        "cycle = [open('cycle', 'w')]; cycle.append(cycle); cycle[0].write('this too')\n"
        "folder = tempfile.TemporaryDirectory(dir='.', prefix='cleared')\n"
        "atexit.register(pathlib.Path('atexit').write_text, 'done')\n"
        "threading.Thread(target=lambda: (time.sleep(0.5), pathlib.Path('thread').write_text('done'))).start()"
    )
    assert came_of(start(job(tmp_path, "leaves", source), forks)).problem == ""
    written = {name: (tmp_path / name).read_text("utf-8") for name in ("left", "cycle", "atexit", "thread")}
    assert written == {"left": "all of it", "cycle": "this too", "atexit": "done", "thread": "done"}
    assert list(tmp_path.glob("cleared*")) == []


@pytest.fixture
def endless(tmp_path, forks):
    """A notebook in a cell without end, and its kernel's process."""
    told = tmp_path / "told"
    source = f"import os, time; open({str(told)!r}, 'w').write(f'{{os.getpid()}} '); time.sleep(1000)"
    running = start(job(tmp_path, "endless", source), forks)
    while not (told.exists() and told.read_text("utf-8").endswith(" ")):
        time.sleep(0.02)
    return running, int(told.read_text("utf-8"))


def test_a_kernel_ends_with_the_process_that_executes_its_notebook(endless):
    running, kernel = endless
    os.kill(running.process.pid, signal.SIGKILL)
    assert came_of(running).problem == "its process ended with code -9"
    assert gone(kernel)


def test_without_the_server_notebooks_end_and_the_next_are_started_by_themselves(tmp_path, endless, forks):
    running, kernel = endless
    stat = Path(f"/proc/{kernel}/stat").read_text("utf-8").rpartition(")")[2].split()
    os.kill(int(stat[1]), signal.SIGKILL)
    assert "code -9" in came_of(running).problem
    assert gone(running.process.pid, kernel)
    assert printed(came_of(start(job(tmp_path, "next", "print(1)"), forks))) == "1"


def test_an_ended_notebook_leaves_no_kernel(endless):
    running, kernel = endless
    assert "was ended" in running.end().problem
    assert gone(running.process.pid, kernel)


def test_the_kernel_of_a_notebook_is_an_entry_point_of_the_installed_library():
    """Where it is not, as in an installation that is older than its code, kernels are started by themselves."""
    (found,) = entry_points(group="jupyter_client.kernel_provisioners", name=NAME)
    assert found.load() is NotebookKernel
