"""How tags moved from one snapshot to the next, and what moved each customer: a fact, time, or a changed rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import Any

import pandas as pd

from bizlab.conditions.evaluate import truth
from bizlab.conditions.tree import Condition, names_of, reads_the_date, statements
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table, text, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import row_key, says
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import CUSTOMER, KEY, TAG, Tag, Tier
from bizlab.tagging.dictionary.rules import Aggregate, Cases
from bizlab.tagging.tags.models import TagModel, value_of
from bizlab.tagging.tags.snapshot import Snapshot
from bizlab.units.kinds import Unit

NEW = "not_known"
_LARGEST_SET = 3
TIME = "time"
CAUSES = words(
    fact="一个输入变化 | one input changed",
    time="仅因时间推移 | time going by alone",
    either="数个输入各自足以引起 | several inputs, each enough alone",
    together="数个输入共同引起 | several inputs together",
    rule="规则或模型改变 | the rule or model changed",
    rule_and_facts="规则与输入同时改变 | rule and inputs changed",
)
_FROM = code("from_state", "上期 | Before")
_TO = code("to_state", "本期 | Now")
_N = column("n_customers", "企业数 | Companies")
_WHY = (
    column("cause", "原因 | Cause", choices=CAUSES),
    text(
        "inputs",
        "变化的输入 | Inputs that changed",
        "只替换所列输入即得到本期的值;共同引起时为足够的最小一组 | "
        "putting in these inputs alone gives today's value; of several sets the smallest",
        nullable=True,
    ),
    text(
        "crossed",
        "跨过的界限 | Bound crossed",
        "规则中因此成立或不再成立的条件 | conditions of the rule that came to hold, or ceased to",
        nullable=True,
    ),
)

_MOST_MOVEMENTS = 3

TAG_MIGRATION = table(
    "tag_migration",
    "标签迁移 | Migration of tags",
    "每个标签、上期值、本期值一行 | one row per tag, value before and value now",
    TAG,
    _FROM,
    _TO,
    _N,
    key="tag_id from_state to_state",
)
TAG_CAUSES = table(
    "tag_causes",
    "标签变动的原因 | Why tags moved",
    "每个标签、上期值、本期值与原因一行 | one row per tag, value before, value now and cause",
    TAG,
    _FROM,
    _TO,
    _WHY,
    _N,
    key="tag_id from_state to_state cause inputs crossed",
)
TAG_MOVED = table(
    "tag_moved",
    "变动的客户 | Companies that moved",
    "每个标签、每家变动的企业一行 | one row per tag and company that moved",
    TAG,
    CUSTOMER,
    _FROM,
    _TO,
    _WHY,
    key=f"tag_id {KEY}",
)


@dataclass(frozen=True)
class Moment:
    """A snapshot with the models that its named tags came from."""

    snapshot: Snapshot
    models: Mapping[str, TagModel]


def states(snapshot: Snapshot, tag: Tag) -> pd.Series[Any]:
    """What a customer's tag stands at: ``<tag>.<value>``, or ``<tag>.<reason>`` where there is no value."""
    frame = snapshot.frame.set_index(KEY)
    return f"{tag.tag_id}." + frame[tag.tag_id].astype("str").fillna(frame[f"{tag.tag_id}_reason"])


def state_labels(snapshot: Snapshot) -> dict[str, Label]:
    """Words for every state that a judged tag may stand at."""
    reasons = snapshot.reason_labels | {NEW: Label("上期未建档", "not known before")}
    return {
        f"{tag.tag_id}.{code}": label
        for tag in snapshot.dictionary.of_tier(Tier.MODEL)
        for code, label in {**reasons, **tag.words}.items()
    }


def moved(before: Moment, now: Moment) -> pd.DataFrame:
    """Every customer whose model tag changed from one snapshot to a later one, with the cause.

    The cause is found by counterfactuals: today's rule over yesterday's inputs shows what the rule did; then each
    input, and the date, is put in alone at today's value. An input that is enough alone is the cause; where several
    are, each is named; where none is, the smallest set that is enough together. Inputs that only aged, as days since
    the latest order do without an order, are time going by. (Actual causes by minimal sufficient
    sets: Halpern and Pearl, "Causes and explanations: a structural-model approach", 2005.)

    Returns
    -------
    `TAG_MOVED`: one row per model tag and customer that moved, by tag, then customer; who was not known before has not
    moved. ``crossed`` is missing for fitted models, whose score has no stated conditions.
    """
    return TAG_MOVED.stacked(_moved(tag, both, before, now) for tag, both in _states_of_both(before, now))


def migration(before: Moment, now: Moment) -> pd.DataFrame:
    """The matrix of every model tag: how many customers went from which state to which.

    Returns
    -------
    `TAG_MIGRATION`: one row per pair of states that occurs, those who stayed included; who was not known before comes
    from ``not_known``.
    """
    return TAG_MIGRATION.stacked(
        both.groupby(["from_state", "to_state"]).size().reset_index(name="n_customers").assign(tag_id=tag.tag_id)
        for tag, both in _states_of_both(before, now)
    )


def causes(moved: pd.DataFrame) -> pd.DataFrame:
    """Moves counted by cause.

    Returns
    -------
    `TAG_CAUSES`, the most frequent first within a tag.
    """
    by = list(TAG_CAUSES.key)
    counted = moved.groupby(by, dropna=False).size().reset_index(name="n_customers")
    return TAG_CAUSES.conform(
        counted.sort_values(["tag_id", "n_customers", *by[1:]], ascending=[True, False, *[True] * 5])
    )


def migration_checks(matrix: pd.DataFrame, moved: pd.DataFrame, now: Snapshot) -> list[Check]:
    """Each tag's matrix holds every customer once, and the listed moves are what stands off its diagonal."""
    tags = matrix["tag_id"].nunique()
    is_new = matrix["from_state"].str.endswith(f".{NEW}")
    off = matrix[(matrix["from_state"] != matrix["to_state"]) & ~is_new]
    return [
        Check(
            "migration.all",
            Label("各标签迁移矩阵合计 = 企业数 × 标签数", "matrices of all tags = companies x tags"),
            int(matrix["n_customers"].sum()),
            len(now.frame) * tags,
            Unit.COUNT,
        ),
        Check(
            "migration.moved",
            Label("矩阵对角线以外 = 逐一列出原因的变动", "off the diagonals = moves listed with their cause"),
            int(off["n_customers"].sum()),
            len(moved),
            Unit.COUNT,
        ),
    ]


def _states_of_both(before: Moment, now: Moment) -> Iterator[tuple[Tag, pd.DataFrame]]:
    """Each model tag of both dates, and the states of today's customers on the two."""
    for tag in now.snapshot.dictionary.of_tier(Tier.MODEL):
        if tag.tag_id in before.snapshot.frame:
            after = states(now.snapshot, tag)
            former = states(before.snapshot, tag).reindex(after.index).fillna(f"{tag.tag_id}.{NEW}")
            yield tag, pd.DataFrame({"from_state": former, "to_state": after})


def _moved(tag: Tag, both: pd.DataFrame, before: Moment, now: Moment) -> pd.DataFrame:
    changed = both[both["from_state"] != both["to_state"]]
    known = changed[changed["from_state"] != f"{tag.tag_id}.{NEW}"]
    why = _Counterfactual(tag, before, now, known.index).causes(known["from_state"], known["to_state"])
    return known.join(why).sort_index().reset_index(names=KEY).assign(tag_id=tag.tag_id)


class _Counterfactual:
    """What a tag would have been for some customers, had only part of its world changed."""

    def __init__(self, tag: Tag, before: Moment, now: Moment, customers: Sequence[str]) -> None:
        self.tag, self.models, self.dictionary = tag, now.models, now.snapshot.dictionary
        self.columns = [name for read in tag.inputs for name in (read, f"{read}_reason")]
        self.old, self.new = (
            moment.snapshot.frame.set_index(KEY).reindex(columns=self.columns).loc[customers].reset_index(drop=True)
            for moment in (before, now)
        )
        self.then, self.today = before.snapshot.as_of, now.snapshot.as_of

    def causes(self, was: pd.Series[Any], becomes: pd.Series[Any]) -> pd.DataFrame:
        """Cause, inputs and crossed conditions of each customer, from the states then and now."""
        customers, was, becomes = was.index, was.reset_index(drop=True), becomes.reset_index(drop=True)
        by_rule, enough = self._state(self.old, self.then), self._sufficient(becomes)
        rows = []
        for i, sets in enumerate(enough):
            cause = "together" if len(sets[0]) > 1 else "fact" if len(sets) == 1 else "either"
            named = (
                list(sets[0]) if cause == "together" else [factor for enough_alone in sets for factor in enough_alone]
            )
            if named and all(self._only_aged(i, factor) for factor in named):
                cause = TIME
            if by_rule[i] == becomes[i]:
                cause, named = "rule", []
            elif by_rule[i] != was[i]:
                cause = "rule_and_facts"
            rows.append({"cause": cause, "inputs": ", ".join(named) or None, "crossed": self._crossed(i, named)})
        return pd.DataFrame(rows, columns=["cause", "inputs", "crossed"], index=customers, dtype="object").astype("str")

    def _sufficient(self, becomes: pd.Series[Any]) -> list[list[tuple[str, ...]]]:
        """For each customer the smallest sets of changed factors that give today's state, in the order of inputs."""
        dated = any(reads_the_date(statement) for statement in self._statements)
        factors = (*self.tag.inputs, TIME) if dated else self.tag.inputs
        differs = pd.DataFrame({factor: self._differs(factor) for factor in factors}).to_dict("records")
        smallest: list[list[tuple[str, ...]]] = [[] for _ in differs]
        for size in range(1, min(len(factors), _LARGEST_SET) + 1):
            for some in combinations(factors, size):
                gives = self._with(some) == becomes
                for i, changed in enumerate(differs):
                    is_smallest = not smallest[i] or len(smallest[i][0]) == size
                    if gives[i] and is_smallest and all(changed[factor] for factor in some):
                        smallest[i].append(some)
        return [
            sets or [tuple(factor for factor in factors if changed[factor])]
            for sets, changed in zip(smallest, differs, strict=True)
        ]

    def _state(self, inputs: pd.DataFrame, as_of: date) -> pd.Series[Any]:
        values, why = value_of(self.tag, inputs, as_of=as_of, models=self.models)
        return f"{self.tag.tag_id}." + values.astype("str").fillna(why)

    def _with(self, factors: Sequence[str]) -> pd.Series[Any]:
        """The state with some factors of today in the world of then."""
        names = [name for factor in factors if factor != TIME for name in (factor, f"{factor}_reason")]
        swapped = self.old.assign(**{name: self.new[name] for name in names})
        return self._state(swapped, self.today if TIME in factors else self.then)

    def _differs(self, factor: str) -> pd.Series[Any]:
        if factor == TIME:
            return pd.Series(True, index=self.old.index)
        old, new = (frame[factor].astype("object").fillna(frame[f"{factor}_reason"]) for frame in (self.old, self.new))
        return old != new

    def _only_aged(self, row: int, factor: str) -> bool:
        """Whether nothing happened: an age that grew by the days between, or the date itself."""
        if factor == TIME:
            return True
        rule = self.dictionary[factor].rule
        if not isinstance(rule, Aggregate) or rule.measure not in {"days_since", "years_since"}:
            return False
        was, is_now = self.old[factor].iloc[row], self.new[factor].iloc[row]
        grown = None if pd.isna(was) or pd.isna(is_now) else int(is_now) - int(was)
        days = (self.today - self.then).days
        return grown == days if rule.measure == "days_since" else grown is not None and 0 <= grown <= days // 365 + 1

    @cached_property
    def _statements(self) -> tuple[Condition, ...]:
        """What the cases of the rule say of one input at a time; nothing of a fitted model."""
        cases = self.tag.rule.cases if isinstance(self.tag.rule, Cases) else ()
        return tuple(dict.fromkeys(statement for when, _ in cases for statement in statements(when)))

    def _crossed(self, row: int, factors: Sequence[str]) -> str | None:
        crossed = [
            f"{statement} ({was[row]}→{is_now[row]})"
            for statement, (was, is_now) in self._answers.items()
            if names_of(statement)[0] in factors or (TIME in factors and reads_the_date(statement))
            if was[row] != is_now[row]
        ]
        return "; ".join(crossed) or None

    @cached_property
    def _answers(self) -> dict[Condition, tuple[list[str], list[str]]]:
        """The answer to each statement for every customer, then and today."""
        signs = {True: "✓", False: "✗"}

        def answers(statement: Condition, frame: pd.DataFrame, as_of: date) -> list[str]:
            return list(truth(statement, frame, as_of=as_of).map(signs).fillna("?"))

        return {
            statement: (answers(statement, self.old, self.then), answers(statement, self.new, self.today))
            for statement in self._statements
        }


def migration_findings(causes: pd.DataFrame, *, key: str = "causes") -> list[Finding]:
    """The largest movements of `TAG_CAUSES`, each with what caused it.

    Returns
    -------
    Three findings at most; ``weight`` is the number of companies that moved.
    """
    by_input = (
        "{tag_id}:{n_customers}家由{from_state}变为{to_state},原因是{inputs}({cause}) | "
        "{tag_id}: {n_customers} companies went from {from_state} to {to_state} by {inputs} ({cause})"
    )
    by_rule = (
        "{tag_id}:{n_customers}家由{from_state}变为{to_state}({cause}) | "
        "{tag_id}: {n_customers} companies went from {from_state} to {to_state} ({cause})"
    )
    largest_first = [False, *[True] * len(TAG_CAUSES.key)]
    largest = causes.sort_values(["n_customers", *TAG_CAUSES.key], ascending=largest_first).head(_MOST_MOVEMENTS)
    return [
        says(
            row,
            TAG_CAUSES,
            by_input if pd.notna(row["inputs"]) else by_rule,
            key=f"moved.{'.'.join(row_key(row, TAG_CAUSES)[:5])}",
            table=key,
            weight=float(row["n_customers"]),
        )
        for row in largest.to_dict("records")
    ]
