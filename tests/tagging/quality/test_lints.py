"""The dictionary is judged: exactly by its rules, and by the values of a date."""

import copy
import itertools
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.errors import SettingError
from bizlab.sample import generate
from bizlab.tagging import customer_facts, customer_tags, parse_dictionary
from bizlab.tagging.quality.lints import LINTS, TAG_LINTS, lint
from bizlab.tagging.quality.spread import effective_number
from bizlab.tagging.tags.snapshot import Snapshot

AS_OF = date(2026, 10, 31)
WORDS = {"zh": "词", "en": "word"}
ENTRY = {"name": WORDS, "definition": WORDS, "layer": "enterprise", "refresh": "monthly", "owner": WORDS}
USES = {"customers": {"occurred": "created_on", "empty": WORDS}}
INPUTS = {
    "x": ("number", "count", "value"),
    "y": ("number", "quantity", "value"),
    "n": ("number", "count", "count"),
    "s": ("number", "score", "value"),
    "colour": ("category", "code", "value"),
    "is_new": ("flag", "bool", "value"),
    "met_on": ("date", "date", "max"),
    "made_on": ("date", "date", "max"),
}


def fact(name: str, kind: str, unit: str, measure: str):
    rule = {"table": "customers", "measure": measure}
    if measure != "count":
        rule["column"] = "created_on" if name == "made_on" else name
    values = {"red": WORDS, "blue": WORDS} if kind == "category" else {}
    return {"id": name, "tier": "fact", "type": kind, "unit": unit, "rule": rule, "values": values, **ENTRY}


def read(cases):
    """The inputs that cases name."""
    parts = [part for c in cases if "when" in c for part in c["when"].get("any", [c["when"]])]
    return list(dict.fromkeys(name for part in parts for name in part))


def judged(cases, names):
    """A dictionary with one tag made of these cases; names that they do not read are left out."""
    names = [name for name in names if name in read(cases)]
    given = {part.get("then") or part.get("otherwise") for part in cases} - {None}
    tag = {"id": "judged", "tier": "model", "type": "category", "inputs": list(names), "rule": {"cases": cases}}
    facts = [fact(name, *INPUTS[name]) for name in names]
    return parse_dictionary({"tables": USES, "tags": [*facts, tag | ENTRY | {"values": dict.fromkeys(given, WORDS)}]})


def doubts(cases, *names):
    shown = lint(judged(cases, names))
    return list(zip(shown["lint"], shown["place"], strict=True))


def case(then, **when):
    return {"when": when, "then": then}


def test_the_projects_rules_hold_one_overlap_and_it_is_the_planted_one(dictionary):
    """data/sample/README.md, rule-overlap."""
    shown = lint(dictionary)
    TAG_LINTS.verify(shown)
    assert shown[["tag_id", "lint", "place"]].to_numpy().tolist() == [
        ["service_attention", "overlap", "cases[0], cases[1]"]
    ]
    assert shown["evidence"][0] == "collect / key: overdue_fen > 50,000.00, order_amount_12m_fen > 500,000.00"
    assert shown["n_customers_reason"].tolist() == ["no_snapshot"]


def test_the_planted_overlap_concerns_as_many_companies_as_were_planted(config):
    """data/sample/README.md, rule-overlap: 38 companies on 2026-10-31."""
    changed = copy.deepcopy(config)
    wanted = {"overdue_fen", "order_amount_12m_fen", "service_attention"}
    changed["tags"] = [tag for tag in changed["tags"] if tag["id"] in wanted]
    dictionary = parse_dictionary(changed)
    shown = lint(dictionary, customer_tags(customer_facts(dictionary, generate(), as_of=AS_OF), models={}))
    assert shown.loc[shown["lint"] == "overlap", "n_customers"].tolist() == [38]


@pytest.mark.parametrize(
    ("cases", "names", "expected"),
    [
        ([case("a", x={"min": 20}), case("b", x={"min": 15}), {"otherwise": "c"}], "x", []),
        ([case("a", x={"min": 15}), case("b", x={"min": 20}), {"otherwise": "c"}], "x", [("unreachable", "cases[1]")]),
        ([case("a", x={"min": 5}), case("b", x={"below": 5})], "x", []),
        ([case("a", x={"above": 5}), case("b", x={"below": 5})], "x", [("gap", "cases")]),
        ([case("a", x={"above": 5}), case("b", x={"below": 6})], "x", []),
        ([case("a", s={"above": 5}), case("b", s={"below": 6})], "s", [("overlap", "cases[0], cases[1]")]),
        ([case("a", n=0), case("b", n={"min": 1})], "n", []),
        ([case("a", n={"below": 0}), {"otherwise": "b"}], "n", [("unreachable", "cases[0]")]),
        ([case("a", x=0), case("b", x={"min": 1})], "x", [("gap", "cases")]),
        ([case("a", x={"min": 1, "max": 5}), case("b", x={"min": 3, "max": 9}), {"otherwise": "c"}], "x",
         [("overlap", "cases[0], cases[1]")]),
        ([case("a", x={"min": 1, "max": 5}), case("a", x={"min": 3, "max": 9}), {"otherwise": "c"}], "x", []),
        ([case("a", x=1, y=1), case("b", x=1), case("c", y=1), {"otherwise": "d"}], "xy", []),
        ([case("a", x=1, y=2), {"otherwise": "b"}, ], "xy", []),
        ([case("a", x={"min": 3, "max": 2}), {"otherwise": "b"}], "x", [("unreachable", "cases[0]")]),
        ([case("a", x={"missing": True}), case("b", x={"missing": False})], "x", []),
        ([case("a", x={"min": 3}), case("b", x={"missing": True}), {"otherwise": "c"}], "x",
         [("unreachable", "cases[1]")]),
    ],
)  # fmt: skip
def test_cases_of_numbers(cases, names, expected):
    assert doubts(cases, *names) == expected


def test_whoever_is_missing_waits_at_an_undecided_case():
    """``x`` missing decides nothing, so the question whether it is missing comes too late; asked first it is heard."""
    first = [case("b", x={"missing": True}), case("a", x={"min": 3}), {"otherwise": "c"}]
    assert doubts(first, "x") == []


def test_cases_of_categories_flags_and_dates():
    colours = [case("a", colour="red"), case("b", colour="blue")]
    assert doubts(colours, "colour") == [("gap", "cases")]
    assert doubts([*colours, {"otherwise": "c"}], "colour") == []
    flags = [case("a", is_new=True), case("b", is_new=False)]
    assert doubts(flags, "is_new") == []
    day = date(2026, 1, 1)
    dates = [case("a", met_on={"min": "as_of"}), case("b", met_on={"below": day}), {"otherwise": "c"}]
    assert doubts(dates, "met_on") == [("overlap", "cases[0], cases[1]")]
    assert doubts([case("a", made_on={"above": "as_of"}), {"otherwise": "c"}], "made_on") == [
        ("unreachable", "cases[0]")
    ]
    assert doubts([case("a", met_on={"above": "as_of"}), {"otherwise": "c"}], "met_on") == []


def test_values_of_a_model_tag_are_those_that_it_gives(config):
    """The two values of purchasing activity that are not asked for leave a gap; asked for, nothing is left."""
    changed = copy.deepcopy(config)
    tag = next(t for t in changed["tags"] if t["id"] == "service_attention")
    cases = [case("collect", activity_stage={"in": ["active", "slowing"]}), case("key", activity_stage="dormant")]
    tag.update(inputs=["activity_stage"], rule={"cases": cases})
    assert lint(parse_dictionary(changed))["evidence"].tolist() == ["activity_stage = lapsed"]
    tag["rule"]["cases"].append(case("routine", activity_stage="lapsed"))
    assert lint(parse_dictionary(changed)).empty


BOUNDS = st.sampled_from([{"min": 1}, {"max": 3}, {"above": 2}, {"below": 2}, {"min": 1, "max": 2}, 2, {"in": [0, 3]},
                          {"missing": True}, {"missing": False}])  # fmt: skip
PLAIN = st.dictionaries(st.sampled_from(["x", "y"]), BOUNDS, min_size=1)
WHENS = st.one_of(PLAIN, st.lists(PLAIN, min_size=1, max_size=2).map(lambda parts: {"any": parts}))
CASES = st.lists(st.builds(lambda w, v: {"when": w, "then": v}, WHENS, st.sampled_from("ab")), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cases=CASES, ends=st.booleans())
def test_the_regions_say_what_counting_out_every_value_says(cases, ends):
    """Each case made a tag of its own and computed over a grid of all values: who holds, who is first, who is left."""
    cases = [*cases, {"otherwise": "b"}] if ends else cases
    names = read(cases)
    grid = list(itertools.product([*range(-1, 6), None], repeat=len(names)))
    true = [computed([c | {"then": "b"}, {"otherwise": "a"}], names, grid) == "b" for c in cases if "when" in c]
    numbered = [c | {"then": "abcd"[i]} for i, c in enumerate(cases) if "when" in c]
    first = computed(numbered, names, grid)
    expected = {("unreachable", f"cases[{i}]") for i, n in enumerate("abcd"[: len(numbered)]) if not (first == n).any()}
    for i, j in itertools.combinations(range(len(numbered)), 2):
        nested = (true[i] <= true[j]).all() or (true[j] <= true[i]).all()
        if cases[i]["then"] != cases[j]["then"] and ((first == "abcd"[i]) & true[j]).any() and not nested:
            expected.add(("overlap", f"cases[{i}], cases[{j}]"))
    if not ends and (first == "no_case").any():
        expected.add(("gap", "cases"))
    assert set(doubts(cases, *names)) == expected


def computed(cases, names, grid):
    """The value for each row of the grid, or the reason why there is none."""
    dictionary = judged(cases, names)
    frame = pd.DataFrame({name: pd.array([row[i] for row in grid], dtype="Int64") for i, name in enumerate(names)})
    for name in names:
        frame[f"{name}_reason"] = pd.Series("not_recorded", index=frame.index).where(frame[name].isna())
    frame.insert(0, "customer_id", [str(number) for number in frame.index])
    tags = customer_tags(Snapshot(dictionary, AS_OF, frame, dictionary.reasons, ()), models={}).frame
    return tags["judged"].fillna(tags["judged_reason"]).to_numpy(dtype=object)


def test_a_rule_of_too_many_regions_is_refused_by_name():
    steps = [case("a", x=number, y=number) for number in range(0, 600, 2)]
    with pytest.raises(SettingError, match=r"more than 200000 regions .*tag 'judged'"):
        lint(judged(steps, "xy"))


def test_a_category_has_no_order():
    message = r"'colour' is a category and has no order for '>='.*cases\[0\]\.when\.colour\.min"
    with pytest.raises(SettingError, match=message):
        lint(judged([case("a", colour={"min": "red"})], ["colour"]))


@pytest.fixture
def spread():
    """200 companies whose tags are, each in its own way, of little use; made by hand."""
    kinds = {
        "x": ("number", "count"), "x_doubled": ("number", "quantity"), "x_noisy": ("number", "count"),
        "always": ("flag", "bool"), "rare": ("flag", "bool"), "rare_too": ("flag", "bool"),
        "half": ("flag", "bool"), "half_again": ("flag", "bool"), "sparse": ("number", "count"),
        "colour": ("category", "code"), "paint": ("category", "code"), "street": ("category", "code"),
        "y": ("number", "count"),
    }  # fmt: skip
    tags = [fact(name, kind, unit, "value") for name, (kind, unit) in kinds.items()]
    next(tag for tag in tags if tag["id"] == "paint")["values"] = {"rouge": WORDS, "bleu": WORDS, "vert": WORDS}
    next(tag for tag in tags if tag["id"] == "street")["values"] = {}
    tags.append({"id": "large", "tier": "model", "type": "category", "inputs": ["x"], **ENTRY,
                 "values": {"red": WORDS, "blue": WORDS},
                 "rule": {"cases": [case("red", x={"min": 100}), {"otherwise": "blue"}]}})  # fmt: skip
    n = np.arange(200)
    frame = pd.DataFrame(
        {
            "customer_id": [f"{i:03d}" for i in n],
            "x": n,
            "x_doubled": n * 2,
            "x_noisy": np.where(n % 2 == 0, n, 200 - n),
            "y": n * 7 % 200,
            "always": True,
            "rare": n < 4,
            "rare_too": n >= 199,
            "half": n % 2 == 0,
            "half_again": (n % 2 == 0) ^ (n == 7),
            "colour": np.where(n % 3 == 0, "red", "blue"),
            "paint": np.where(n % 3 == 0, "rouge", "bleu"),
            "street": [f"street {i % 40}" for i in n],
            "large": np.where(n >= 100, "red", "blue"),
        }
    )
    frame["sparse"] = pd.array([i if i < 60 else None for i in n], dtype="Int64")
    for name in frame.columns.drop("customer_id"):
        frame[f"{name}_reason"] = pd.Series("not_recorded", index=frame.index).where(frame[name].isna())
    dictionary = parse_dictionary({"tables": USES, "tags": tags})
    return Snapshot(dictionary, AS_OF, frame, dictionary.reasons, ())


def test_what_the_values_of_a_date_say(spread):
    """``large`` is made of ``x`` and half_again differs from half once; two rare flags agree by being rare."""
    shown = lint(spread.dictionary, spread)
    TAG_LINTS.verify(shown)
    assert set(shown[["tag_id", "lint", "place", "n_customers"]].itertuples(index=False, name=None)) == {
        ("always", "constant", "values", 200),
        ("sparse", "mostly_missing", "values", 140),
        ("x_doubled", "near_duplicate", "x", 200),
        ("half_again", "near_duplicate", "half", 200),
        ("paint", "near_duplicate", "colour", 200),
        ("rare", "too_coarse", "values", 196),
        ("rare_too", "too_coarse", "values", 199),
        ("street", "too_fine", "values", 200),
        ("paint", "unused_value", "vert", 0),
    }
    assert shown["severity"].tolist() == sorted(shown["severity"], key=["error", "warning", "note"].index)


def test_customers_of_an_overlap_are_counted_from_their_values(dictionary, tables):
    """A rule under which 001 (3 orders, 1 decision maker) meets both cases and 002 (1 order, none) the later one."""
    cases = [case("a", x={"min": 2}), case("b", n={"min": 1}), {"otherwise": "c"}]
    overlapping = judged(cases, ["x", "n"])
    frame = pd.DataFrame({"customer_id": ["001", "002", "003"], "x": [3, 1, 5], "n": [1, 1, 0]}).assign(
        x_reason=None, n_reason=None
    )
    facts = Snapshot(overlapping, AS_OF, frame, overlapping.reasons, ())
    shown = lint(overlapping, customer_tags(facts, models={}))
    assert shown.loc[shown["lint"] == "overlap", "n_customers"].tolist() == [1]


def test_a_snapshot_of_four_companies_says_nothing_of_spread(dictionary, tables):
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    assert set(lint(dictionary, facts)["lint"]) == {"overlap"}


def test_the_effective_number_of_values_is_hills():
    """Hill (1973): exp of Shannon's entropy; for shares 1/2, 1/4, 1/4 it is 2 ** 1.5."""
    assert effective_number(np.array([2, 1, 1])) == pytest.approx(2**1.5)


def test_every_lint_has_words_in_both_languages():
    assert all(text.zh and text.en for _, text in LINTS.values())
