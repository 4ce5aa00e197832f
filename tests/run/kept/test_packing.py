"""What a step made comes back as it was, to the last bit and type; what cannot is refused."""

from __future__ import annotations

import json
import sys
from collections import OrderedDict, defaultdict
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from pandas.testing import assert_frame_equal, assert_series_equal

from bizlab.contracts.check import Check
from bizlab.data.seals import sha256
from bizlab.errors import ContractError
from bizlab.labels import Label
from bizlab.run.kept.packing import packed, unpacked
from bizlab.run.kept.store import Missing, Store
from bizlab.units.kinds import Unit

KEY = "0" * 32
LABELS = st.builds(Label, st.text(), st.text())
WHOLE = st.integers(-(2**70), 2**70)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    WHOLE,
    st.floats(allow_nan=False),
    st.text(),
    st.dates(),
    st.datetimes(),
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)).map(pd.Timestamp),
    st.fractions(),
    st.sampled_from(list(Unit)),
    LABELS,
    st.builds(Check, st.text(), LABELS, WHOLE, WHOLE, st.sampled_from(list(Unit))),
)
KEYS = st.one_of(SCALARS, st.tuples(SCALARS, SCALARS))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(KEYS, inner, max_size=3),
        st.dictionaries(st.one_of(st.just("$"), st.text()), inner, max_size=3),
        st.frozensets(KEYS, max_size=3),
    ),
    max_leaves=12,
)


@pytest.fixture
def kept(tmp_path):
    """Keeps a value and gives back what is read of it."""
    store = Store(tmp_path)

    def keep(value):
        store.write("step", KEY, value, {})
        return store.read("step", KEY)

    return keep


def through_json(value):
    frames = {}
    return unpacked(json.loads(json.dumps(packed(value, frames))), frames)


def types(value):
    """A value's types, whatever it is nested in."""
    match value:
        case dict():
            return [(types(key), types(each)) for key, each in value.items()]
        case list() | tuple():
            return [type(value), *map(types, value)]
    return type(value)


@given(VALUES)
@settings(deadline=None)
def test_plain_values_and_records_come_back_with_their_types(value):
    back = through_json(value)
    assert back == value
    assert types(back) == types(value)


def test_the_unit_of_a_moment_comes_back():
    moment = pd.Timestamp("2026-10-31 18:00").as_unit("ns")
    assert through_json(moment).unit == "ns"


@given(arrays_of.arrays(st.sampled_from(["int64", "float64", "bool", "float32", "<U5", "datetime64[us]"]), (2, 3)))
@settings(deadline=None)
def test_arrays_come_back_with_shape_and_type(array):
    back = through_json(array)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("values", [[2**80, None], [(1, 2), (3, 4)], [[1, 2], [3, 4]], []])
def test_objects_in_an_array_come_back_one_for_one(values):
    array = np.empty(len(values), dtype=object)
    for n, value in enumerate(values):
        array[n] = value
    back = through_json(array)
    assert back.dtype == object
    assert back.tolist() == values


TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)
DAYS = st.dates(date(1970, 1, 1), date(2200, 1, 1))
COLUMNS = {
    "int64": st.integers(-(2**63), 2**63 - 1),
    "Int64": st.none() | st.integers(-(2**53), 2**53),
    "float64": st.floats(),
    "str": st.none() | TEXTS,
    "object": st.none() | TEXTS,
    "bool": st.booleans(),
    "boolean": st.none() | st.booleans(),
    "datetime64[us]": st.none() | DAYS,
    "category": st.none() | TEXTS,
}
NAMES = st.none() | TEXTS | st.integers(0, 9) | st.tuples(TEXTS, st.integers()) | DAYS


@st.composite
def frames(draw):
    """A frame of any columns that steps make: named by anything, two alike among them, under any index."""
    n_rows, kinds = draw(st.integers(0, 4)), draw(st.lists(st.sampled_from([*COLUMNS]), max_size=5))

    def column(kind):
        return pd.Series(draw(st.lists(COLUMNS[kind], min_size=n_rows, max_size=n_rows)), dtype=kind)

    frame = pd.concat([column(kind) for kind in kinds], axis=1) if kinds else pd.DataFrame(index=range(n_rows))
    over = draw(st.none() | TEXTS)
    names = draw(st.lists(NAMES, min_size=len(kinds), max_size=len(kinds)))
    frame.columns = pd.Index(names, dtype=object, name=over, tupleize_cols=False)
    match draw(st.integers(0, 2)):
        case 1:
            frame.index = pd.Index(column(draw(st.sampled_from(["int64", "str"]))), name=draw(st.none() | TEXTS))
        case 2:
            levels = [column("str"), column("int64")]
            frame.index = pd.MultiIndex.from_arrays(levels, names=[draw(st.none() | TEXTS), draw(st.none() | TEXTS)])
    return frame


@given(frame=frames())
@settings(deadline=None)
def test_frames_come_back_or_are_refused(tmp_path_factory, frame):
    store = Store(tmp_path_factory.mktemp("store"))
    with suppress(ContractError):
        store.write("step", KEY, frame, {})
        assert_frame_equal(store.read("step", KEY), frame, check_exact=True, check_column_type=False)
        return
    assert store.entries() == []


FIRST = {"int64": 1, "Int64": 1, "float64": 0.1, "bool": True, "boolean": True, "datetime64[us]": "2026-10-31"}


@pytest.mark.parametrize("n_rows", [0, 1, 2])
@pytest.mark.parametrize("kind", COLUMNS)
def test_every_type_of_column_is_kept_with_missing_values_and_without_rows(kept, kind, n_rows):
    second = FIRST[kind] if kind in {"int64", "bool"} else None
    column = pd.Series([FIRST.get(kind, "a"), second], dtype=kind)[:n_rows]
    frame = column.to_frame("x").rename_axis(index="row", columns="column")
    assert_frame_equal(kept(frame), frame)


def test_columns_of_one_name_and_columns_of_several_levels_are_kept(kept):
    frame = pd.DataFrame([[1, 2.5]], columns=["x", "x"])
    many = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["unit", "month"]))
    once, again = kept([frame, many])
    assert_frame_equal(once, frame)
    assert_frame_equal(again, many)


@pytest.mark.parametrize("ordered", [True, False])
def test_categories_keep_their_order_and_those_that_no_row_has(kept, ordered):
    column = pd.Series(["a", None], dtype=pd.CategoricalDtype(["b", "a"], ordered=ordered))
    back = kept(column)
    assert_series_equal(back, column)
    assert [*back.cat.categories] == ["b", "a"]


def test_a_series_keeps_its_name_and_index(kept):
    days = pd.Index(pd.to_datetime(["2026-10-30", "2026-10-31"]), name="day")
    series = [pd.Series([1, 2], index=days, name=name) for name in ("x", None, 3, ("a", date(2026, 10, 31)))]
    for one, back in zip(series, kept(series), strict=True):
        assert_series_equal(back, one)


class Foreign(Enum):
    """Not of the library."""

    A = 1


@pytest.mark.parametrize(
    "value",
    [
        {1, 2},
        b"bytes",
        time(18),
        Decimal("0.1"),
        complex(1, 2),
        range(3),
        pd.NaT,
        Foreign.A,
        np.datetime64("2026-10-31", "ns"),
        np.longdouble(1),
        np.array([1j]),
        np.array([1, 2], dtype=">i8"),
        defaultdict(list, a=[1]),
        OrderedDict(a=1),
        pd.DataFrame,
        print,
    ],
    ids=repr,
)
def test_what_would_come_back_otherwise_or_as_another_type_is_refused(value):
    with pytest.raises(ContractError, match=r"cannot be kept.*give frames, plain values"):
        packed({"nested": [value]}, {})


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, "a"], dtype=object),
        pd.Series([1, 2.0], dtype=object),
        pd.Series([Fraction(1, 3)], dtype=object),
        pd.Series([2**80], dtype=object),
        pd.Series(["a", None, float("nan")], dtype=object),
        pd.Series([1], index=pd.Index([("a", 1)], name=("unit", 1), tupleize_cols=False)),
    ],
    ids=repr,
)
def test_a_frame_that_parquet_would_change_is_refused(kept, column):
    with pytest.raises(ContractError, match="would not come back as it is"):
        kept(column.to_frame("x"))


@pytest.mark.parametrize(
    "path",
    [
        "os:system",
        "subprocess:Popen",
        "antigravity:geohash",
        "this:anything",
        "bizlab.run.kept.packing:pd.DataFrame",
        "bizlab.run.kept.store:json.loads",
        "bizlab.run.kept.store:Store.read",
        "bizlab.cli.__main__:main",
        "bizlabs.labels:Label",
    ],
)
@pytest.mark.parametrize("mark", ["record", "choice"])
def test_a_file_that_was_tampered_with_makes_nothing_but_records_of_the_library(path, mark):
    before = {*sys.modules}
    with pytest.raises(ContractError, match=r"not a class of the library.*delete \.bizlab/steps"):
        unpacked({"$": mark, "of": [path, {"args": "true"} if mark == "record" else "PATH"]}, {})
    assert not {"antigravity", "this"} & ({*sys.modules} - before)


@pytest.mark.parametrize(
    ("mark", "path"), [("record", "bizlab.run.kept.code:Code"), ("choice", "bizlab.contracts.check:Check")]
)
def test_a_class_of_the_library_that_is_no_record_is_not_made(mark, path):
    with pytest.raises(ContractError, match=r"is not a record|has no choices"):
        unpacked({"$": mark, "of": [path, {} if mark == "record" else "A"]}, {})


def test_an_entry_that_names_a_stranger_counts_as_damaged(kept, tmp_path):
    kept(Label("中", "en"))
    place = tmp_path / "step" / KEY
    value = (place / "value.json").read_text().replace("bizlab.labels:Label", "os:system")
    (place / "value.json").write_text(value)
    about = json.loads((place / "about.json").read_text())
    about["files"]["value.json"] = sha256(place / "value.json")
    (place / "about.json").write_text(json.dumps(about))
    with pytest.raises(Missing):
        Store(tmp_path).read("step", KEY)
    assert not place.exists()
