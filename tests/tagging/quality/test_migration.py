"""What moved a customer from one value to the next: worked examples, sums, and random worlds."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.tagging import Snapshot, parse_dictionary
from bizlab.tagging.quality import migration

WORDS = {"zh": "字", "en": "word"}
THEN, TODAY = date(2026, 9, 30), date(2026, 10, 31)


def entry(tag_id, tier, kind, rule, **more):
    fixed = {"layer": "enterprise", "refresh": "monthly", "owner": WORDS, "name": WORDS, "definition": WORDS}
    return {"id": tag_id, "tier": tier, "type": kind, "rule": rule, **fixed, **more}


def dictionary(recent=90, large=100):
    facts = [
        entry(
            "recency_days", "fact", "number", {"table": "orders", "measure": "days_since", "column": "on"}, unit="days"
        ),
        entry("bought", "fact", "number", {"table": "orders", "measure": "sum", "column": "n"}, unit="quantity"),
        entry("ends_on", "fact", "date", {"table": "orders", "measure": "max", "column": "on"}),
    ]
    care = [
        {"when": {"any": [{"recency_days": {"min": 400}}, {"bought": {"max": 5}}]}, "then": "lost"},
        {"when": {"recency_days": {"max": recent}, "bought": {"min": large}}, "then": "keep"},
        {"when": {"bought": {"min": large}}, "then": "win_back"},
        {"otherwise": "leave"},
    ]
    term = [{"when": {"ends_on": {"min": "as_of"}}, "then": "running"}, {"otherwise": "ended"}]
    models = [
        entry("care", "model", "category", {"cases": care}, inputs=["recency_days", "bought"],
              values=dict.fromkeys(("lost", "keep", "win_back", "leave"), WORDS)),
        entry("term", "model", "category", {"cases": term}, inputs=["ends_on"],
              values=dict.fromkeys(("running", "ended"), WORDS)),
    ]  # fmt: skip
    uses = {"orders": {"occurred": "on", "empty": WORDS}}
    return parse_dictionary({"tables": uses, "tags": [*facts, *models]})


def moment(rows, as_of, **rules):
    """A snapshot from rows of customer, recency, bought, end; the judged tags come from the rules."""
    from bizlab.tagging.tags.models import customer_tags

    tags = dictionary(**rules)
    frame = pd.DataFrame(rows, columns=["customer_id", "recency_days", "bought", "ends_on"])
    frame = frame.astype({"recency_days": "Int64", "bought": "Int64"})
    frame["ends_on"] = pd.to_datetime(frame["ends_on"])
    for name in ("recency_days", "bought", "ends_on"):
        frame[f"{name}_reason"] = pd.Series("no_orders", index=frame.index, dtype="str").where(frame[name].isna())
    facts = Snapshot(tags, as_of, frame.sort_values("customer_id", ignore_index=True), tags.reasons, ())
    return migration.Moment(customer_tags(facts, models={}), {})


def causes_of(before, now, tag_id="care"):
    moved = migration.moved(before, now)
    rows = moved[moved["tag_id"] == tag_id].set_index("customer_id")[["cause", "inputs", "crossed"]]
    return {
        key: tuple(None if pd.isna(cell) else cell for cell in row)
        for key, row in zip(rows.index, rows.to_numpy(), strict=True)
    }


def test_each_customer_is_moved_by_what_alone_was_enough():
    """Between the dates lie 31 days: 80 days since the order became 111 by waiting alone, 70 became 95 by a record."""
    before = moment(
        [("quiet", 80, 500, "2026-12-31"), ("grew", 10, 99, "2026-12-31"), ("both", 200, 50, "2026-12-31"),
         ("mended", 70, 500, "2026-12-31"), ("same", 5, 500, "2026-12-31")], THEN)  # fmt: skip
    now = moment(
        [("quiet", 111, 500, "2026-12-31"), ("grew", 12, 130, "2026-12-31"), ("both", 3, 150, "2026-12-31"),
         ("mended", 95, 500, "2026-12-31"), ("same", 36, 520, "2026-12-31"),
         ("born", 1, 1, "2026-12-31")], TODAY)  # fmt: skip
    assert causes_of(before, now) == {
        "quiet": ("time", "recency_days", "recency_days <= 90 (✓→✗)"),
        "mended": ("fact", "recency_days", "recency_days <= 90 (✓→✗)"),
        "grew": ("fact", "bought", "bought >= 100 (✗→✓)"),
        "both": ("together", "recency_days, bought", "recency_days <= 90 (✗→✓); bought >= 100 (✗→✓)"),
    }


def test_two_inputs_of_which_each_was_enough_are_both_named():
    before, now = moment([("a", 10, 500, None)], THEN), moment([("a", 500, 2, None)], TODAY)
    cause, inputs, _ = causes_of(before, now)["a"]
    assert (cause, inputs) == ("either", "recency_days, bought")


def test_a_fact_that_is_no_longer_known_can_be_the_cause():
    before, now = moment([("a", 10, 500, None)], THEN), moment([("a", None, 500, None)], TODAY)
    assert causes_of(before, now)["a"][:2] == ("fact", "recency_days")


def test_a_date_that_came_moves_a_customer_without_any_fact():
    rows = [("a", 10, 500, "2026-10-15")]
    causes = causes_of(moment(rows, THEN), moment(rows, TODAY), "term")
    assert causes == {"a": ("time", "time", "ends_on >= as_of (✓→✗)")}


def test_a_changed_rule_is_told_apart_from_changed_facts():
    same = [("rule", 80, 500, None), ("fact", 10, 500, None), ("mixed", 80, 60, None)]
    before = moment(same, THEN)
    now = moment(
        [("rule", 80, 500, None), ("fact", 70, 500, None), ("mixed", 20, 60, None)], TODAY, recent=60, large=50
    )
    assert {key: row[0] for key, row in causes_of(before, now).items()} == {
        "rule": "rule", "fact": "fact", "mixed": "rule_and_facts",
    }  # fmt: skip


def test_who_was_not_known_stands_in_the_matrix_and_is_no_move():
    before, now = moment([("a", 1, 1, None)], THEN), moment([("a", 1, 1, None), ("b", 1, 1, None)], TODAY)
    matrix = migration.migration(before, now).set_index(["tag_id", "from_state", "to_state"])["n_customers"]
    assert matrix["care", "care.not_known", "care.lost"] == 1
    assert migration.moved(before, now).empty


def test_a_tag_that_the_former_dictionary_lacks_has_no_history():
    before = moment([("a", 1, 1, None)], THEN)
    short = before.snapshot.frame.drop(columns=["term", "term_reason"])
    former = migration.Moment(Snapshot(before.snapshot.dictionary, THEN, short, {}, ()), {})
    assert set(migration.migration(former, moment([("a", 1, 1, None)], TODAY))["tag_id"]) == {"care"}


worlds = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 200)),
        st.one_of(st.none(), st.integers(0, 200)),
        st.one_of(st.none(), st.dates(date(2026, 9, 1), date(2026, 11, 30))),
    ),
    min_size=6, max_size=6,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(worlds, worlds, st.sampled_from([60, 90]))
def test_matrix_and_list_of_moves_always_agree_and_every_cause_is_enough(old, new, recent):
    before = moment([(f"c{i}", *row) for i, row in enumerate(old)], THEN)
    now = moment([(f"c{i}", *row) for i, row in enumerate(new)], TODAY, recent=recent)
    matrix, moves = migration.migration(before, now), migration.moved(before, now)
    assert all(check.passed for check in migration.migration_checks(matrix, moves, now.snapshot))
    migration.TAG_MOVED.verify(moves)
    assert migration.causes(moves)["n_customers"].sum() == len(moves)
    for row in moves[moves["cause"].isin(["fact", "together"]) & (moves["tag_id"] == "care")].to_dict("records"):
        i = int(row["customer_id"][1:])
        named = row["inputs"].split(", ")
        mixed = [(new if name in named else old)[i][at] for at, name in enumerate(["recency_days", "bought"])]
        again = moment([("c", *mixed, None)], THEN, recent=recent)
        state = migration.states(again.snapshot, again.snapshot.dictionary["care"]).iloc[0]
        assert state == row["to_state"]


@pytest.mark.parametrize("limit", [1, 2])
def test_causes_count_the_moves(limit):
    before = moment([(f"c{i}", 80, 500, None) for i in range(limit)], THEN)
    now = moment([(f"c{i}", 110, 500, None) for i in range(limit)], TODAY)
    causes = migration.causes(migration.moved(before, now))
    assert causes["n_customers"].tolist() == [limit]
