"""The published rules of customer classification: the grade an application earns, and when it cannot be graded yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from bizlab.configuration import Spot, fields, label
from bizlab.contracts.columns import code, column, reason, table, text, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.units.kinds import Unit
from bizlab.units.parse import parse_fen

GRADE, SPECIAL = "rule", "special"
WAYS = words({GRADE: "按规则定级 | Graded by the rules", SPECIAL: "特殊客户流程 | Special-customer way"})
REASONS = words(
    no_standing="行业地位未填 | standing not given",
    no_capital="注册资金未填 | registered capital not given",
    no_expected="预计年销售额未填 | expected sales not given",
    special_standing="该行业地位暂不定级 | no grade for this standing yet",
    no_rules="申请时规则尚未发布 | no rules were published on that day",
)

RULE_GRADES = table(
    "rule_grades",
    "按规则判定的等级 | Grades by the rules",
    "每份申请一行 | one row per application",
    code("application_id", "申请编号 | Application"),
    code("customer_id", "企业 | Company", nullable=True, refers="customers"),
    text("name", "客户名称 | Company name"),
    code("grade", "申请等级 | Applied for"),
    code("rule_grade", "规则等级 | By the rules", nullable=True),
    reason("rule_grade", REASONS),
    column("way", "流程 | Way", choices=WAYS),
    column("differs", "与申请不同 | Differs from the application", unit=Unit.BOOL),
    column("rules_from", "规则自 | Rules from", unit=Unit.DATE, nullable=True),
    key="application_id",
)


@dataclass(frozen=True)
class Requirement:
    """What a grade asks for; None where it does not ask."""

    grade: str
    standing: tuple[str, ...] | None
    capital_fen: int | None
    expected_fen: int | None


@dataclass(frozen=True)
class RuleSet:
    """The rules that hold from a day on: grades best first, and standings that get none yet."""

    from_on: date
    note: Label
    grades: tuple[Requirement, ...]
    special: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(requirement.grade for requirement in self.grades)


def parse_rule_sets(config: Sequence[Mapping[str, Any]]) -> tuple[RuleSet, ...]:
    """Read the part ``rules`` of ``grade_rules.yaml``, in the order of their first days.

    Raises
    ------
    SettingError : no rules, days that do not rise, a missing part, or an amount without a unit.

    >>> parse_rule_sets([])
    Traceback (most recent call last):
    bizlab.errors.SettingError: There are no rules. Where: params/grade_rules.yaml, rules. Fix: ...
    """
    spot = Spot("params/grade_rules.yaml", "rules")
    if not config:
        raise spot.refuse("There are no rules", "publish at least one set")
    rule_sets = tuple(_rule_set(entry, spot.at(number)) for number, entry in enumerate(config))
    days = [rules.from_on for rules in rule_sets]
    if days != sorted(set(days)):
        raise spot.refuse("The first days of the rules do not rise", "put the oldest set first")
    return rule_sets


def rules_on(rule_sets: Sequence[RuleSet], day: date) -> RuleSet | None:
    """The set in force on a day; None before the first."""
    begun = [rules for rules in rule_sets if rules.from_on <= day]
    return begun[-1] if begun else None


def grade_of(
    rules: RuleSet, *, standing: str | None, capital_fen: int | None, expected_fen: int | None
) -> tuple[str | None, str | None]:
    """The grade that a set of rules gives, or why it gives none.

    A grade is given only if every better one is known to be out of reach: a missing figure decides nothing.

    Returns
    -------
    Grade and None, or None and a code of `REASONS`.

    >>> ask = Requirement("A", ("leading",), 5_000, None), Requirement("B", None, None, None)
    >>> rules = RuleSet(date(2026, 1, 1), Label("", ""), ask, ("newcomer",))
    >>> grade_of(rules, standing="leading", capital_fen=None, expected_fen=None)
    (None, 'no_capital')
    >>> grade_of(rules, standing="major", capital_fen=None, expected_fen=None)
    ('B', None)
    """
    if standing in rules.special:
        return None, "special_standing"
    for asked in rules.grades:
        conditions = (
            (asked.standing, standing, "no_standing", standing in (asked.standing or ())),
            (asked.capital_fen, capital_fen, "no_capital", (capital_fen or 0) >= (asked.capital_fen or 0)),
            (asked.expected_fen, expected_fen, "no_expected", (expected_fen or 0) >= (asked.expected_fen or 0)),
        )
        wanted = [(value, reason, met) for bound, value, reason, met in conditions if bound is not None]
        if any(value is not None and not met for value, _, met in wanted):
            continue
        unknown = [reason for value, reason, _ in wanted if value is None]
        return (None, unknown[0]) if unknown else (asked.grade, None)
    raise SettingError(
        "No grade is left for who meets no requirement",
        place=f"params/grade_rules.yaml, rules from {rules.from_on}",
        fix="let the last grade ask for nothing",
    )


def grade_applications(applications: pd.DataFrame, rule_sets: Sequence[RuleSet]) -> pd.DataFrame:
    """What each application earns under the rules of the day it was made.

    Parameters
    ----------
    applications : under the contract ``grade_applications``.

    Returns
    -------
    `RULE_GRADES`; who cannot be graded goes the special-customer way with the reason, never to a lower grade.
    """
    rows = []
    for row in applications.to_dict("records"):
        rules = rules_on(rule_sets, row["applied_on"].date())
        grade: str | None = None
        reason: str | None = "no_rules"
        if rules is not None:
            grade, reason = grade_of(
                rules,
                standing=_known(row["standing"]),
                capital_fen=_known(row["capital_fen"]),
                expected_fen=_known(row["expected_fen"]),
            )
        rows.append(
            {
                **{name: row[name] for name in ("application_id", "customer_id", "name", "grade")},
                "rule_grade": grade,
                "rule_grade_reason": reason,
                "way": SPECIAL if grade is None else GRADE,
                "differs": grade is not None and grade != row["grade"],
                "rules_from": None if rules is None else pd.Timestamp(rules.from_on),
            }
        )
    return RULE_GRADES.conform(pd.DataFrame(rows, columns=list(RULE_GRADES.names)))


def special_findings(grades: pd.DataFrame, *, key: str = "grades") -> list[Finding]:
    """One sentence for each row of `RULE_GRADES`, shown under ``key``, that goes the special-customer way."""
    sentence = "{name}暂不能定级:{way} | {name} cannot be graded yet: {way}"
    return [
        says(row, RULE_GRADES, sentence, key=f"special.{row['application_id']}", table=key)
        for row in grades[grades["way"] == SPECIAL].to_dict("records")
    ]


def _known(value: Any) -> Any:
    return None if pd.isna(value) else value


def _rule_set(entry: Any, spot: Spot) -> RuleSet:
    given = fields(entry, spot, needed=("from", "note", "grades", "special"))
    from_on = given["from"]
    try:
        first = from_on if isinstance(from_on, date) else date.fromisoformat(str(from_on))
    except ValueError as fault:
        raise spot.at("from").refuse(f"'{from_on}' is not a date", "write it as YYYY-MM-DD") from fault
    here = spot.at("grades")
    grades = tuple(_requirement(asked, here.at(number)) for number, asked in enumerate(given["grades"]))
    last = grades[-1]
    if (last.standing, last.capital_fen, last.expected_fen) != (None, None, None):
        raise here.refuse(f"The last grade '{last.grade}' asks for something", "add a last grade without requirements")
    return RuleSet(first, label(given["note"], spot.at("note")), grades, tuple(given["special"]))


def _requirement(entry: Any, spot: Spot) -> Requirement:
    given = fields(entry, spot, needed=("grade",), allowed=("standing", "capital", "expected"))
    standing = tuple(given.get("standing") or ()) or None
    capital, expected = (_amount(given.get(name), spot.at(name)) for name in ("capital", "expected"))
    return Requirement(str(given["grade"]), standing, capital, expected)


def _amount(value: Any, spot: Spot) -> int | None:
    if value is None:
        return None
    text = str(value)
    for unit in ("万元", "元"):
        if text.endswith(unit):
            return parse_fen(text.removesuffix(unit), unit=unit)
    raise spot.refuse(f"The amount '{text}' has no unit", "write it as 50万元 or 500000元")
