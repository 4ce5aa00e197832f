"""The grades in force: the service each gets, what its customers buy and think, and who should be regraded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from bizlab.configuration import Spot, fields
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, count, ratio, score, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.customers.grading.applications import ACCEPTED
from bizlab.customers.grading.published_rules import RuleSet, grade_of
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.statistics.robust import rank_correlation
from bizlab.units.kinds import Unit

_YEAR = 365
_GRADE = code("grade", "等级 | Grade")

SERVICE = table(
    "service_standards",
    "各等级服务标准 | Service standards by grade",
    "每个等级一行 | one row per grade",
    _GRADE,
    count("response_hours", "响应时限(小时) | Response within hours"),
    count("visits_a_quarter", "每季拜访 | Visits a quarter"),
    column("credit_days", "信用账期(天) | Credit days"),
    code("contact", "对口人员 | Contact"),
    key="grade",
)
_NO_RATE = words(
    nothing_expected="没有预计销售额 | nothing was expected",
    no_year="无人定级满一年 | nobody was graded a year ago",
    nobody_rated="没有评价 | nobody gave a rating",
    one_rating="只有一个评价,给不出区间 | one rating gives no interval",
    no_visits="标准中没有拜访 | no visits in the standards",
    nothing_sold="没有销售 | nothing was sold",
    too_few="样本太少 | too few",
)
CLASSIFICATION = table(
    "classification",
    "等级与实际 | Grades and what came of them",
    "每个等级一行,末行为合计 | one row per grade, the last the total",
    _GRADE,
    column("n_customers", "客户数 | Customers"),
    column("actual_fen", "近12个月采购额 | Bought in 12 months"),
    column(
        "n_with_year",
        "定级满一年 | Graded a year ago",
        "只有这些客户的预计年销售额有整年可比 | only theirs is a year to hold the expected annual sales against",
    ),
    column("expected_fen", "其中预计年销售额 | Theirs expected a year"),
    column("year_fen", "其中近12个月采购额 | Theirs bought in 12 months"),
    ratio(
        "attainment_rate",
        "达成率 | Attainment",
        "定级满一年的客户:实际合计 ÷ 预计合计 | of those graded a year ago: sum of actual over sum of expected",
        missing=_NO_RATE,
    ),
    ratio("amount_rate", "占销售额 | Share of sales", missing=_NO_RATE),
    ratio(
        "visit_rate",
        "占拜访标准 | Share of visits",
        "该等级标准拜访次数占全部 | standard visits of the grade over those of all",
        missing=_NO_RATE,
    ),
    column("n_idle", "近12个月未采购 | Bought nothing in 12 months"),
    column("n_rated", "有评价 | With a rating"),
    ratio("mean_rating", "平均评价 | Mean rating", missing=_NO_RATE),
    ratio("lower_rating", "下限 | Lower limit", missing=_NO_RATE),
    ratio("upper_rating", "上限 | Upper limit", missing=_NO_RATE),
    column("is_total", "合计 | Total"),
    key="grade",
)
AGREEMENT = table(
    "grade_agreement",
    "等级越高是否越好 | Do higher grades do better",
    "每项对照一行 | one row per comparison",
    column(
        "with_what",
        "对照 | With",
        choices=words(sales="近12个月采购额 | Bought in 12 months", rating="产品评价 | Rating"),
    ),
    column("n_customers", "客户数 | Customers"),
    ratio(
        "correlation",
        "秩相关 | Rank correlation",
        "Spearman;1 为等级越高越多 | Spearman; 1: the higher the grade, the more",
        missing=_NO_RATE,
    ),
    score("lower", "下限 | Lower limit", nullable=True),
    score("upper", "上限 | Upper limit", nullable=True),
    key="with_what",
)
MOVES = words(up="建议升级 | Up", down="建议降级 | Down")
PROPOSALS = table(
    "regrading",
    "调级建议 | Proposals to regrade",
    "每家建议调级的客户一行 | one row per customer proposed",
    code("customer_id", "企业 | Company", refers="customers"),
    _GRADE,
    code("proposed", "建议等级 | Proposed"),
    column("move", "建议 | Move", choices=MOVES),
    column("expected_fen", "申请时预计年销售额 | Expected when applying", nullable=True),
    column("actual_fen", "近12个月采购额 | Bought in 12 months"),
    column("bound_fen", "所越过的界限 | Bound crossed"),
    column("approved_on", "定级日期 | Graded on"),
    key="customer_id",
)


@dataclass(frozen=True)
class Regrading:
    """When a grade is looked at again, and how far past a bound actual sales must lie to move it."""

    after_days: int
    margin: float


def service_standards(config: Mapping[str, Mapping[str, Any]], rules: RuleSet) -> pd.DataFrame:
    """Read the part ``service`` of ``grade_rules.yaml``: see `SERVICE`; ``contact`` holds the Chinese name.

    Raises
    ------
    SettingError : a grade of the rules without a standard, or a standard of no grade.
    """
    if tuple(config) != rules.names:
        raise SettingError(
            f"There are standards for {', '.join(config)}, but the grades are {', '.join(rules.names)}",
            place="params/grade_rules.yaml, service",
            fix="give one standard for each grade, in the same order",
        )
    rows = [{"grade": grade, **entry, "contact": entry["contact"]["zh"]} for grade, entry in config.items()]
    return SERVICE.conform(pd.DataFrame(rows))


def contact_words(config: Mapping[str, Mapping[str, Any]]) -> dict[str, Label]:
    """The words of the column ``contact``."""
    return {entry["contact"]["zh"]: Label(**entry["contact"]) for entry in config.values()}


def parse_regrading(config: Mapping[str, Any]) -> Regrading:
    """Read the part ``regrading`` of ``grade_rules.yaml``.

    Raises
    ------
    SettingError : a missing name, or a margin outside 0 to 1.
    """
    spot = Spot("params/grade_rules.yaml", "regrading")
    given = fields(config, spot, needed=("after_days", "margin"))
    if not 0 <= given["margin"] < 1:
        raise spot.at("margin").refuse(f"The margin {given['margin']} is not within 0 and 1", "write 0.2")
    return Regrading(int(given["after_days"]), float(given["margin"]))


def grades_in_force(
    applications: pd.DataFrame, outcomes: pd.Series[str], grades: pd.DataFrame, orders: pd.DataFrame,
    customers: pd.DataFrame, *, as_of: date,
) -> pd.DataFrame:  # fmt: skip
    """Every customer that was approved by a day, with its grade and what it has done since.

    Parameters
    ----------
    applications, outcomes, grades : the applications, what became of them, and their grades by the rules; only
        accepted ones give a grade, and none on the special-customer way.
    orders : order lines; the 365 days to ``as_of`` count.

    Returns
    -------
    One row per customer, by its latest approval: ``customer_id``, ``grade`` (by the published rules, whatever was
    applied for), ``standing``, ``capital_fen``, ``expected_fen``, ``approved_on``, ``actual_fen``, ``rating``.
    """
    accepted = outcomes[outcomes == ACCEPTED].index
    special = grades.loc[grades["rule_grade"].isna(), "application_id"]
    in_force = applications[
        applications["customer_id"].notna()
        & (applications["approved_on"] <= pd.Timestamp(as_of))
        & applications["application_id"].isin(accepted)
        & ~applications["application_id"].isin(special)
    ]
    latest = in_force.sort_values(["approved_on", "application_id"]).drop_duplicates("customer_id", keep="last")
    since = pd.Timestamp(as_of - timedelta(days=_YEAR - 1))
    lately = orders[orders["ordered_on"].between(since, pd.Timestamp(as_of))]
    bought = lately.groupby("customer_id")["amount_fen"].sum()
    rating = customers.set_index("customer_id")["rating"]
    by_rules = grades.set_index("application_id")["rule_grade"]
    latest = latest.assign(grade=latest["application_id"].map(by_rules))
    columns = ["customer_id", "grade", "standing", "capital_fen", "expected_fen", "approved_on"]
    graded = latest[columns].sort_values("customer_id", ignore_index=True)
    graded["actual_fen"] = graded["customer_id"].map(bought).fillna(0).astype("int64")
    return graded.assign(rating=graded["customer_id"].map(rating).astype("Int64"))


def classification(
    in_force: pd.DataFrame, service: pd.DataFrame, *, as_of: date, confidence: float = 0.95
) -> pd.DataFrame:
    """Grade by grade: expected against actual sales, satisfaction, and the share of service it may count on.

    Parameters
    ----------
    in_force : as from `grades_in_force`, on the same ``as_of``. service : `SERVICE`.

    Returns
    -------
    `CLASSIFICATION`; intervals of the mean rating by Student's t. A year's expectation is compared with a year: who was
    graded less than 365 days ago is in no attainment.
    """
    year_ago = pd.Timestamp(as_of - timedelta(days=_YEAR))
    in_force = in_force.assign(has_year=in_force["approved_on"] <= year_ago)
    visits = service.set_index("grade")["visits_a_quarter"]
    total = {
        "amount": int(in_force["actual_fen"].sum()),
        "visits": int(in_force["grade"].map(visits).astype("int64").sum()),
    }
    parts = [(grade, in_force[in_force["grade"] == grade]) for grade in service["grade"]] + [("total", in_force)]
    rows = [_graded(grade, rows, visits, total, confidence) for grade, rows in parts]
    return CLASSIFICATION.conform(pd.DataFrame(rows))


def classification_checks(graded: pd.DataFrame, in_force: pd.DataFrame) -> list[Check]:
    """Grades add up to all graded customers and to what they bought."""
    parts = graded[~graded["is_total"]]
    n, fen = int(parts["n_customers"].sum()), int(parts["actual_fen"].sum())
    customers = Label("各等级客户数之和 = 全部", "customers of all grades = all")
    amounts = Label("各等级采购额之和 = 全部", "amounts of all grades = all")
    return [
        Check("classification.n", customers, n, len(in_force), Unit.COUNT),
        Check("classification.fen", amounts, fen, int(in_force["actual_fen"].sum()), Unit.FEN),
    ]


def agreement(in_force: pd.DataFrame, grades: Sequence[str], *, confidence: float = 0.95) -> pd.DataFrame:
    """Whether better grades buy more and rate better, by rank correlation with its interval: `AGREEMENT`.

    Missing with fewer than ten customers, or where nothing varies.

    Parameters
    ----------
    grades : best first.
    """
    height = in_force["grade"].map({grade: -number for number, grade in enumerate(grades)})
    rows = []
    for name, measured in (("sales", "actual_fen"), ("rating", "rating")):
        known = in_force[measured].notna()
        values = in_force.loc[known, measured].astype("float64")
        association = rank_correlation(height[known].to_numpy("float64"), values.to_numpy(), confidence=confidence)
        why = "too_few" if np.isnan(association.correlation) else None
        counted = {"with_what": name, "n_customers": int(known.sum())}
        rows.append({**counted, "correlation_reason": why, **association._asdict()})
    return AGREEMENT.conform(pd.DataFrame(rows))


def proposals(in_force: pd.DataFrame, rules: RuleSet, settings: Regrading, *, as_of: date) -> pd.DataFrame:
    """Who should be regraded, judged by the published rules with a year of sales in place of the expectation.

    Actual sales must pass the bound by the margin, so that nobody near a bound moves back and forth. Customers graded
    less than ``after_days`` ago are left alone: they have not had a year. In `PROPOSALS` those to move down come first,
    then up, the largest difference to the bound first.
    """
    rank = {grade: number for number, grade in enumerate(rules.names)}
    bounds = {asked.grade: asked.expected_fen for asked in rules.grades}
    rows = []
    for row in in_force.to_dict("records"):
        if (pd.Timestamp(as_of) - row["approved_on"]).days < settings.after_days:
            continue
        actual, now = int(row["actual_fen"]), row["grade"]
        lower = _under(rules, row, round(actual / (1 - settings.margin)))
        higher = _under(rules, row, round(actual / (1 + settings.margin)))
        down = lower is not None and rank[lower] > rank[now]
        up = higher is not None and rank[higher] < rank[now]
        if down or up:
            proposed = lower if down else higher
            bound = bounds[now] if down else bounds[str(proposed)]
            rows.append({**row, "proposed": proposed, "move": "down" if down else "up", "bound_fen": bound or 0})
    moves = pd.DataFrame(rows, columns=[*in_force.columns, "proposed", "move", "bound_fen"])
    moves["distance"] = (moves["actual_fen"] - moves["bound_fen"]).abs()
    moves = moves.sort_values(["move", "distance", "customer_id"], ascending=[True, False, True])
    return PROPOSALS.conform(moves)


def regrading_findings(proposed: pd.DataFrame, *, material_fen: int, key: str = "proposals") -> list[Finding]:
    """One sentence for each proposal to regrade; its weight is how far sales lie from the bound.

    Parameters
    ----------
    proposed : `PROPOSALS`. material_fen : a proposal is material when sales lie this far from the bound.
    key : the name under which the notebook shows it.
    """
    text = (
        "{customer_id}由{grade}{move}为{proposed}:近12个月采购 {actual_fen},界限 {bound_fen} | "
        "{customer_id}, grade {grade}: {move} to {proposed}; {actual_fen} bought in 12 months, the bound is {bound_fen}"
    )
    distance = (proposed["actual_fen"] - proposed["bound_fen"]).abs()
    return [
        says(
            row,
            PROPOSALS,
            text,
            key=f"regrade.{row['customer_id']}",
            table=key,
            direction="good" if row["move"] == "up" else "bad",
            material=distance_fen >= material_fen,
            weight=float(distance_fen),
            basis="公布的规则,以一年实际采购代替预计 | "
            "the published rules, a year of actual sales in place of the expectation",
        )
        for row, distance_fen in zip(proposed.to_dict("records"), distance.tolist(), strict=True)
    ]


def _under(rules: RuleSet, row: Mapping[str, Any], sales: int) -> str | None:
    """The grade the rules would give with these sales; None where they cannot say."""
    standing, capital = (None if pd.isna(row[name]) else row[name] for name in ("standing", "capital_fen"))
    return grade_of(rules, standing=standing, capital_fen=capital, expected_fen=sales)[0]


def _graded(
    grade: str, rows: pd.DataFrame, visits: pd.Series[Any], total: Mapping[str, int], confidence: float
) -> dict[str, Any]:
    actual, with_year = int(rows["actual_fen"].sum()), rows[rows["has_year"]]
    expected, in_year = int(with_year["expected_fen"].sum()), int(with_year["actual_fen"].sum())
    standard = int(rows["grade"].map(visits).astype("int64").sum())
    return {
        "grade": grade,
        "n_customers": len(rows),
        "actual_fen": actual,
        "n_with_year": len(with_year),
        "expected_fen": expected,
        "year_fen": in_year,
        **_rate("attainment_rate", in_year, expected, "nothing_expected" if len(with_year) else "no_year"),
        **_rate("amount_rate", actual, total["amount"], "nothing_sold"),
        **_rate("visit_rate", standard, total["visits"], "no_visits"),
        "n_idle": int((rows["actual_fen"] <= 0).sum()),
        **_rated(rows["rating"].dropna().to_numpy("float64"), confidence),
        "is_total": grade == "total",
    }


def _rate(name: str, over: int, under: int, reason: str) -> dict[str, Any]:
    return {name: over / under if under else None, f"{name}_reason": None if under else reason}


def _rated(ratings: np.ndarray[Any, Any], confidence: float) -> dict[str, Any]:
    """Mean with Student's interval."""
    from scipy.stats import t

    n = len(ratings)
    mean = float(ratings.mean()) if n else None
    why = "nobody_rated" if not n else "one_rating" if n == 1 else None
    reach = float(t.ppf(0.5 + confidence / 2, n - 1) * ratings.std(ddof=1) / np.sqrt(n)) if n > 1 else 0.0
    limits = (None, None) if mean is None or why else (mean - reach, mean + reach)
    return {
        "n_rated": n,
        "mean_rating": mean,
        "mean_rating_reason": None if n else "nobody_rated",
        "lower_rating": limits[0],
        "lower_rating_reason": why,
        "upper_rating": limits[1],
        "upper_rating_reason": why,
    }
