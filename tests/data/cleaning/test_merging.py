"""Which records are one company: the rules, people's decisions, and the map that comes of both."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from bizlab.data.cleaning.decisions import Decision, Decisions
from bizlab.data.cleaning.merging import merge_map, same_companies
from bizlab.data.cleaning.quality import MERGE_MAP
from bizlab.errors import SettingError


def customers(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "name", "credit_code", "created_on"])
    return frame.assign(created_on=pd.to_datetime(frame["created_on"]))


def test_the_record_entered_first_is_kept_whatever_the_order_of_rows():
    frame = customers(
        ("9", "甲有限公司", None, "2025-01-01"),
        ("1", "甲有限责任公司", "C1", "2025-03-01"),
        ("2", "另一个名字", "C1", "2025-04-01"),
        ("3", "乙公司", "C2", "2025-01-01"),
    )
    for ordered in (frame, frame.iloc[::-1]):
        assert same_companies(ordered).to_dict("records") == [
            {"customer_id": "1", "kept_id": "9", "rule": "same_company_name"},
            {"customer_id": "2", "kept_id": "9", "rule": "same_company_code"},
        ]


def test_one_name_with_two_credit_codes_is_two_companies():
    frame = customers(("1", "长城机械有限公司", "C1", "2025-01-01"), ("2", "长城机械有限公司", "C2", "2025-02-01"))
    assert same_companies(frame).empty


def test_a_record_without_a_code_does_not_join_two_companies_that_have_one_each():
    """Whichever was entered first: two codes are two companies, and nothing says which the third record means."""
    for days in (("01", "02", "03"), ("03", "01", "02"), ("02", "03", "01")):
        rows = zip("123", (None, "C1", "C2"), days, strict=True)
        frame = customers(*((n, "长城机械有限公司", code, f"2025-01-{day}") for n, code, day in rows))
        assert same_companies(frame).empty


@given(
    records=st.lists(
        st.tuples(
            st.sampled_from(["甲公司", "甲 有限公司", "乙公司", "乙（中国）公司", "丙公司"]),
            st.sampled_from([None, "C1", "C2", "C3"]),
            st.integers(1, 28),
        ),
        max_size=8,
    ),
    data=st.data(),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_merging_never_joins_two_codes_and_does_not_depend_on_the_order(records, data):
    frame = customers(*((str(n), name, code, f"2025-01-{day:02d}") for n, (name, code, day) in enumerate(records)))
    merged = same_companies(frame)
    into = dict(zip(merged["customer_id"], merged["kept_id"], strict=True))
    ends = frame.assign(end=frame["customer_id"].replace(into))
    assert not set(into) & set(into.values())
    assert ends.groupby("end")["credit_code"].nunique().le(1).all()
    assert ends.dropna(subset="credit_code").groupby("credit_code")["end"].nunique().le(1).all()
    shuffled = frame.iloc[data.draw(st.permutations(range(len(frame))))]
    pd.testing.assert_frame_equal(same_companies(shuffled), merged)


def decide(decision, other, day="2026-10-20", *, entry=1):
    return Decision(decision, other, date.fromisoformat(day), "王芳", "同一法人", f"params/merges.yaml, line {entry}")


BOOKS = customers(
    ("1", "云岭泵业有限公司", None, "2025-01-01"),
    ("2", "云岭泵业公司", None, "2025-02-01"),
    ("3", "云领泵业公司", None, "2025-03-01"),
    ("4", "东海造纸公司", "C4", "2025-04-01"),
)


def shown(frame, *columns):
    return frame[list(columns)].to_numpy().tolist()


def test_a_rule_and_a_decision_end_at_the_record_entered_first():
    """The decision names the record that the rule had merged away already: the chain is resolved."""
    mapped = merge_map(BOOKS, Decisions(merge=(decide("3", "2"),)))
    assert MERGE_MAP.verify(mapped) == []
    assert shown(mapped, "customer_id", "kept_id", "kept_name", "rule", "decided_by") == [
        ["2", "1", "云岭泵业有限公司", "same_company_name", "automatic"],
        ["3", "1", "云岭泵业有限公司", "same_company_decision", "王芳"],
    ]
    assert mapped["why"].fillna("").tolist() == ["", "同一法人"]
    assert mapped["from_on"].dt.date.tolist() == [date(2025, 2, 1), date(2026, 10, 20)]


def test_a_decision_that_a_rule_has_overtaken_changes_nothing():
    assert merge_map(BOOKS, Decisions(merge=(decide("1", "2"),))).equals(merge_map(BOOKS, Decisions()))


def test_a_pair_kept_apart_is_never_merged_by_rule():
    """Of three records with one name, the later of the two that are apart stands alone; the third is merged."""
    books = customers(*((n, "云岭泵业公司", None, f"2025-0{n}-01") for n in "123"))
    for apart, merged in (("12", ["3"]), ("13", ["2"]), ("23", ["2"])):
        mapped = merge_map(books, Decisions(apart=(decide(*apart),)))
        assert shown(mapped, "customer_id", "kept_id") == [[n, "1"] for n in merged]
    everyone = Decisions(apart=(decide("1", "2"), decide("2", "3"), decide("1", "3")))
    assert merge_map(books, everyone).empty


def test_what_people_decided_wins_over_a_rule():
    """1 and 2 are one, 2 and 3 are two: then 1 and 3 are two, although their names agree."""
    books = customers(
        *zip("123", ("云岭泵业公司", "东海造纸", "云岭泵业公司"), (None,) * 3, ("2025-01-01",) * 3, strict=True)
    )
    assert shown(merge_map(books, Decisions()), "customer_id", "kept_id") == [["3", "1"]]
    mapped = merge_map(books, Decisions(merge=(decide("1", "2"),), apart=(decide("2", "3"),)))
    assert shown(mapped, "customer_id", "kept_id") == [["2", "1"]]


@pytest.mark.parametrize(
    ("decisions", "problem"),
    [
        (Decisions(merge=(decide("1", "9"),)), "There is no company '9'"),
        (Decisions(apart=(decide("9", "1"),)), "There is no company '9'"),
        (Decisions(merge=(decide("1", "3"), decide("3", "4"), decide("4", "1", entry=3))), "closes a circle.*line 3"),
        (
            Decisions(merge=(decide("1", "3"), decide("4", "3")), apart=(decide("1", "4", entry=7),)),
            "kept apart, but.*join them.*line 7",
        ),
    ],
)
def test_decisions_that_cannot_be_carried_out(decisions, problem):
    with pytest.raises(SettingError, match=problem):
        merge_map(BOOKS, decisions)


IDS = st.sampled_from("012345")


@given(
    records=st.lists(
        st.tuples(
            st.sampled_from(["甲公司", "甲 有限公司", "乙公司"]),
            st.sampled_from([None, "C1", "C2"]),
            st.integers(1, 28),
        ),
        min_size=6,
        max_size=6,
    ),
    merge=st.lists(st.tuples(IDS, IDS), max_size=3),
    apart=st.lists(st.tuples(IDS, IDS), max_size=2),
    data=st.data(),
)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_the_map_applied_twice_is_the_map_applied_once_and_keeps_what_is_apart(records, merge, apart, data):
    books = customers(*((str(n), name, code, f"2025-01-{day:02d}") for n, (name, code, day) in enumerate(records)))
    decisions = Decisions(*(tuple(decide(*pair) for pair in pairs if len(set(pair)) == 2) for pairs in (merge, apart)))
    try:
        mapped = merge_map(books, decisions)
    except SettingError:
        reject()
    became = dict(zip(mapped["customer_id"], mapped["kept_id"], strict=True))
    assert not became.keys() & set(became.values())
    ends = {customer_id: became.get(customer_id, customer_id) for customer_id in "012345"}
    assert all(ends[decision.one] == ends[decision.other] for decision in decisions.merge)
    assert all(ends[decision.one] != ends[decision.other] for decision in decisions.apart)
    days = books.set_index("customer_id")["created_on"]
    assert all(days[kept] <= days[gone] for gone, kept in became.items())
    shuffled = books.iloc[data.draw(st.permutations(range(6)))]
    again = merge_map(shuffled, Decisions(decisions.merge[::-1], decisions.apart[::-1]))
    assert shown(again, "customer_id", "kept_id") == shown(mapped, "customer_id", "kept_id")
