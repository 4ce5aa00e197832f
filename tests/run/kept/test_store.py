"""The store of what steps made: whole entries or none, whatever is damaged, killed, full or read at the same time."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from bizlab.data.seals import sha256
from bizlab.errors import ContractError
from bizlab.run.kept.store import Missing, Store

ROOT = Path(__file__).parents[3]
KEY, OTHER = "a" * 32, "b" * 32
FRAME = pd.DataFrame({"customer_id": ["C1", "C2"], "amount_fen": [100, 250]})
VALUE = ("tags", {"frame": FRAME, "share": 0.5})
FORKED = multiprocessing.get_context("spawn")
COUNTED = b"made\n"
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and signals of Linux")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "steps")


@pytest.fixture
def entry(store):
    """The folder of a kept value."""
    store.write("tags", KEY, VALUE, {"seconds": 1.0})
    return store.folder / "tags" / KEY


def assert_whole(store, key=KEY):
    words, held = store.read("tags", key)
    assert (words, held["share"]) == ("tags", 0.5)
    assert_frame_equal(held["frame"], FRAME)


def python(source, *arguments):
    """A process of its own that runs a piece of code."""
    return subprocess.Popen(
        [sys.executable, "-c", source, *map(str, arguments)], env=os.environ | {"PYTHONPATH": str(ROOT)}
    )


def test_what_is_kept_is_read_and_listed(store, entry):
    assert_whole(store)
    assert store.about("tags", KEY)["seconds"] == 1.0
    assert [(kept.name, kept.key) for kept in store.entries()] == [("tags", KEY)]
    assert {path.name for path in entry.iterdir()} == {"about.json", "value.json", "0.parquet"}
    with pytest.raises(Missing):
        store.read("tags", OTHER)


def emptied(path):
    path.write_bytes(b"")


def cut(path):
    path.write_bytes(path.read_bytes()[:-3])


def one_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def a_list(path):
    path.write_text("[1]")


def of_another_layout(path):
    path.write_text('{"value": 1}')


DAMAGES = [Path.unlink, emptied, cut, a_list, of_another_layout]


@pytest.mark.parametrize(
    ("file", "damage"),
    [*product(["about.json", "value.json", "0.parquet"], DAMAGES), ("value.json", one_bit), ("0.parquet", one_bit)],
)
def test_a_damaged_entry_is_removed_and_can_be_kept_again(store, entry, file, damage):
    damage(entry / file)
    with pytest.raises(Missing):
        store.read("tags", KEY)
    assert not entry.exists()
    store.write("tags", KEY, VALUE, {})
    assert_whole(store)


def test_files_of_another_version_under_a_right_seal_are_removed(store, entry):
    (entry / "value.json").write_text('{"value": {"$": "matrix", "of": "0"}, "layouts": {}}')
    (entry / "about.json").write_text(f'{{"files": {{"value.json": "{sha256(entry / "value.json")}"}}}}')
    with pytest.raises(Missing):
        store.read("tags", KEY)
    assert not entry.exists()


def test_a_value_that_cannot_be_kept_leaves_nothing(store):
    with pytest.raises(ContractError):
        store.write("tags", KEY, pd.DataFrame({"mixed": [1, "a"]}), {})
    assert [*store.folder.rglob("*.*")] == []


def make(folder, log, go):
    """Ask for an entry as steps do; what was made is counted in a file."""
    store = Store(Path(folder))
    go.wait()
    with store.making("tags", KEY):
        try:
            store.read("tags", KEY)
        except Missing:
            with Path(log).open("ab") as made:
                made.write(COUNTED)
            store.write("tags", KEY, VALUE, {})


def test_two_processes_that_ask_at_once_make_it_once_and_both_have_it(store, tmp_path):
    log, go = tmp_path / "log", FORKED.Event()
    processes = [FORKED.Process(target=make, args=(str(store.folder), str(log), go)) for _ in range(2)]
    for process in processes:
        process.start()
    go.set()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert log.read_bytes() == COUNTED
    assert_whole(store)
    assert [path.name for path in (store.folder / "tags").iterdir()] == [KEY]


def test_the_second_of_two_writers_gives_way(store, entry):
    before = (entry / "about.json").stat().st_ino
    store.write("tags", KEY, VALUE, {})
    assert (entry / "about.json").stat().st_ino == before


KILLED = """
import os, signal, sys
from pathlib import Path
from bizlab.run.kept.store import Store

folder, key, last, where = sys.argv[1:]

def kill(event, given):
    if event == last and where in str(given[0]):
        os.kill(os.getpid(), signal.SIGKILL)

store = Store(Path(folder))
sys.addaudithook(kill)
with store.making("tags", key):
    store.write("tags", key, 1, {})
"""


@linux
@pytest.mark.parametrize(("event", "where"), [("open", "value.json"), ("open", "about.json"), ("os.rename", "tags")])
def test_who_is_killed_while_writing_leaves_nothing_that_is_read_and_holds_up_nobody(store, event, where):
    assert python(KILLED, store.folder, KEY, event, where).wait() == -signal.SIGKILL
    assert [path.name[0] for path in (store.folder / "tags").iterdir()] == [".", "."]
    assert store.entries() == []
    with store.making("tags", KEY), pytest.raises(Missing):
        store.read("tags", KEY)
    store.write("tags", KEY, VALUE, {})
    assert_whole(store)


def test_what_was_never_finished_goes_after_a_day(store, entry):
    left = [entry.with_name(f".{OTHER}.4711"), entry.with_name(f".{OTHER}.lock")]
    left[0].mkdir()
    (left[0] / "0.parquet").write_bytes(b"half")
    left[1].touch()
    store.remove_old()
    assert all(path.exists() for path in left), "somebody may be writing it"
    for path in left:
        os.utime(path, (time.time() - 2 * 86_400,) * 2)
    store.remove_old()
    assert [path.name for path in (store.folder / "tags").iterdir()] == [KEY]


FULL = """
import resource, sys
from pathlib import Path
from bizlab.run.kept.store import Store

whole = Store(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    with whole.making("tags", sys.argv[3]):
        whole.write("tags", sys.argv[3], list(range(10_000)), {})
except OSError:
    sys.exit(9)
"""


@linux
@pytest.mark.parametrize("n_bytes", [0, 1000])
def test_a_full_disk_is_told_and_nothing_half_is_left(store, entry, n_bytes):
    assert python(FULL, store.folder, n_bytes, OTHER).wait() == 9
    assert [kept.key for kept in store.entries()] == [KEY]
    assert [path.name for path in (store.folder / "tags").iterdir() if path.is_dir()] == [KEY]


def test_where_no_folder_can_be_made_it_is_told_and_nothing_is_waited_for(tmp_path):
    (tmp_path / "steps").write_text("a file")
    store = Store(tmp_path / "steps")
    with store.making("tags", KEY), pytest.raises(Missing):
        store.read("tags", KEY)
    with pytest.raises(OSError, match="steps"):
        store.write("tags", KEY, VALUE, {})
    store.remove_old()
    assert store.entries() == []


@linux
def test_a_store_on_a_read_only_disk_is_read(store, entry):
    """Mounted anew in a namespace of its own, so that not even an administrator can write."""
    source = f"""
from pathlib import Path
from bizlab.run.kept.store import Store
store = Store(Path({str(store.folder)!r}))
print(store.read("tags", {KEY!r})[0])
with store.making("tags", {OTHER!r}):
    try:
        store.write("tags", {OTHER!r}, 1, {{}})
    except OSError as fault:
        print(fault.strerror)
"""
    mount = f"mount --bind {store.folder} {store.folder} && mount -o remount,bind,ro {store.folder}"
    inside = ["unshare", "-rm", "sh", "-c", f'{mount} && exec {sys.executable} -c "$0"', source]
    done = subprocess.run(
        inside, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    if "ermi" in done.stderr:  # not permitted, permission denied
        pytest.skip("namespaces are not permitted here")
    assert done.stdout.split("\n")[:2] == ["tags", "Read-only file system"], done.stderr
    assert_whole(store)


def test_the_least_used_go_first_and_what_was_used_last_stays(store):
    for n, key in enumerate("abc"):
        store.write("tags", key * 32, VALUE, {})
        os.utime(store.folder / "tags" / (key * 32), (1_000 + n,) * 2)
    assert_whole(store, "a" * 32)
    (size,) = {kept.n_bytes for kept in store.entries()}
    Store(store.folder, largest=2 * size).remove_old()
    assert [kept.key[0] for kept in store.entries()] == ["a", "c"]
    Store(store.folder, largest=size - 1).remove_old()
    assert store.entries() == []


def test_a_clock_that_was_set_back_does_no_harm(store, entry):
    """What was used in the future by then counts as used last, until it is used again."""
    store.write("tags", OTHER, VALUE, {})
    for path in (entry, *entry.iterdir()):
        os.utime(path, (time.time() + 10 * 365 * 86_400,) * 2)
    store.remove_old()
    assert [kept.key for kept in store.entries()] == [KEY, OTHER]
    assert_whole(store)
    assert abs(store.entries()[0].used - time.time()) < 3600


def test_it_may_be_deleted_at_any_time(store, entry):
    shutil.rmtree(store.folder)
    assert store.entries() == []
    store.write("tags", KEY, VALUE, {})
    assert_whole(store)
