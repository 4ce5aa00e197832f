"""Snapshots are kept once; what changes afterwards shows and changes nothing."""

import pandas as pd
import pytest

from bizlab.data.snapshots import keep_snapshot, load_snapshot
from bizlab.errors import ContractError, SourceError


def frame(amounts, grades):
    ids = [f"c{i}" for i in range(len(amounts))]
    return pd.DataFrame(
        {"customer_id": ids, "amount_fen": pd.array(amounts, dtype="Int64"), "grade": pd.array(grades, dtype="str")}
    )


def keep(folder, snapshot):
    return keep_snapshot(folder, "2026-09", snapshot, key="customer_id", about={"as_of": "2026-09-30"})


def test_what_was_kept_is_read_back_type_for_type(tmp_path):
    snapshot = frame([9007199254740993, None], ["A", None])
    assert keep(tmp_path, snapshot).is_new
    pd.testing.assert_frame_equal(load_snapshot(tmp_path, "2026-09"), snapshot)


def test_a_month_that_is_computed_again_leaves_the_kept_one_and_tells_the_difference(tmp_path):
    keep(tmp_path, frame([100, 200], ["A", "B"]))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = keep(tmp_path, frame([100, 250, 7], ["A", "B", None]))
    assert not again.is_new
    assert again.differences[["column", "n_rows", "example", "kept", "now"]].to_numpy().tolist()[0] == [
        "amount_fen", 2, "c1", "200", "250",
    ]  # fmt: skip
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_same_month_computed_again_differs_in_nothing(tmp_path):
    snapshot = frame([100, None], ["A", None])
    keep(tmp_path, snapshot)
    assert keep(tmp_path, snapshot.copy()).differences.empty


def test_a_column_that_came_later_is_a_difference(tmp_path):
    keep(tmp_path, frame([1], ["A"]))
    differences = keep(tmp_path, frame([1], ["A"]).assign(n_orders=3)).differences
    assert differences["column"].tolist() == ["n_orders"]


@pytest.mark.parametrize("broken", ["2026-09.parquet", "2026-09.json"])
def test_a_damaged_snapshot_is_refused(tmp_path, broken):
    keep(tmp_path, frame([1], ["A"]))
    path = tmp_path / broken
    content = path.read_bytes()
    path.write_bytes(
        content.replace(content[40:41], bytes([content[40] ^ 1]), 1) if broken.endswith("t") else b'{"sha256": ""}'
    )
    with pytest.raises(SourceError, match="not the one that was sealed"):
        load_snapshot(tmp_path, "2026-09")


def test_a_month_that_was_never_kept_says_so(tmp_path):
    with pytest.raises(SourceError, match="No snapshot '2026-08' was kept"):
        load_snapshot(tmp_path, "2026-08")


def test_a_frame_without_a_key_is_refused(tmp_path):
    keep(tmp_path, frame([1], ["A"]))
    with pytest.raises(ContractError, match="repeats"):
        keep(tmp_path, pd.concat([frame([1], ["A"])] * 2))


def test_what_a_killed_run_left_half_done_is_finished_by_the_next(tmp_path):
    snapshot = frame([1], ["A"])
    keep(tmp_path, snapshot)
    (tmp_path / "2026-09.parquet").unlink()
    assert keep(tmp_path, snapshot).is_new
    pd.testing.assert_frame_equal(load_snapshot(tmp_path, "2026-09"), snapshot)
