"""One changed bit in an input is seen."""

import subprocess
import sys

from bizlab.data.seals import READING, combined, seal, second_deliveries


def test_a_flipped_bit_changes_its_seal_and_the_whole(tmp_path):
    settings = tmp_path / "sources.yaml"
    settings.write_text("")
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).write_bytes(b"same")
    paths = [tmp_path / "b.csv", tmp_path / "a.csv"]
    before = seal(tmp_path, paths)
    assert [sealing.path for sealing in before] == ["a.csv", "b.csv"]
    (tmp_path / "b.csv").write_bytes(b"samd")
    after = seal(tmp_path, paths)
    assert before[0] == after[0]
    assert combined(before, [settings]) != combined(after, [settings])
    assert combined(after, [settings]) == combined(seal(tmp_path, reversed(paths)), [settings])
    missing = tmp_path / "merges.yaml"
    without = combined(after, [settings, missing])
    missing.write_text("")
    assert combined(after, [settings, missing]) != without


def test_of_equal_files_the_shorter_name_is_the_first_delivery(tmp_path):
    for name in ("a (1).csv", "a.csv", "b.csv"):
        (tmp_path / name).write_text("x" if name[0] == "a" else "y")
    assert second_deliveries(seal(tmp_path, tmp_path.iterdir())) == {"a (1).csv": "a.csv"}


def test_all_code_that_reads_is_under_the_seal():
    """A fresh interpreter tells which modules the warehouse is made of."""
    code = "import sys, bizlab.data.warehouse; print(*(name for name in sys.modules if name.startswith('bizlab.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    rooms = {name.split(".")[1] for name in loaded if name.count(".") > 1}
    assert rooms == set(READING)
