"""Where sellers' entries and facts disagree: facts decide, and the difference is listed."""

from __future__ import annotations

from datetime import date

import narwhals as nw
import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.engine import Lazy, lazy, to_pandas, until
from bizlab.labels import Label
from bizlab.lifecycle.stages.facts import COLUMNS, day_of, dealings, fact_entries
from bizlab.lifecycle.stages.stages import Stages
from bizlab.lifecycle.stages.staging import Records
from bizlab.units.kinds import Unit

KINDS = words(
    typed_without_fact="有录入,无事实 | Typed, but no fact",
    fact_without_typed="有事实,无录入 | Fact, but not typed",
    dates_differ="日期相差过大 | Dates too far apart",
    unknown_stage="阶段代码不存在 | Unknown stage code",
)
_KIND = column("kind", "例外类别 | Kind", choices=KINDS)

EXCEPTIONS = table(
    "stage_exceptions",
    "录入与事实不一致 | Entries that facts contradict",
    "每家企业每阶段一行 | one row per company and stage",
    code("customer_id", "企业 | Company", refers="customers"),
    code("stage", "阶段 | Stage"),
    _KIND,
    column("typed_on", "录入日期 | Typed for", nullable=True),
    column("fact_on", "事实日期 | Fact on", nullable=True),
    column(
        "difference_days", "相差 | Days apart", "录入日期 − 事实日期 | Typed date − date of the fact", nullable=True
    ),
    key="customer_id stage",
)

EXCEPTION_COUNTS = table(
    "stage_exception_counts",
    "例外统计 | Exceptions counted",
    "每阶段每类例外一行 | one row per stage and kind",
    code("stage", "阶段 | Stage"),
    _KIND,
    column("n_companies", "企业数 | Companies"),
    key="stage kind",
)


def exceptions(records: Records, *, stages: Stages, as_of: date) -> pd.DataFrame:
    """Every company and stage for which sellers and facts say different things: `EXCEPTIONS`.

    Compared are the stages that have facts: the first typed date with the first fact, for states the last with the
    last. A missing counterpart is listed once it is older than the stage's tolerance, so that sellers have time to
    type. Entries under a stage code that the configuration does not know are listed too; staging leaves them out.
    Records dated after ``as_of`` are not read.
    """
    tables = Records(*map(lazy, records))
    facts = fact_entries(dealings(tables.orders, tables.subscriptions, as_of), stages=stages, as_of=as_of)
    typed = until(
        tables.stage_events.with_columns(day_of("entered_on"), nw.lit("typed").alias("source")), "entered_on", as_of
    )
    pairs = _pairs([typed.select(*COLUMNS), *facts])
    listed = pd.concat(
        [
            pairs[~pairs["stage"].isin(stages.ids)].assign(kind="unknown_stage"),
            *(_contradicted(pairs, stages, name, as_of) for name in stages.ids),
        ]
    )
    days = (listed["typed_on"] - listed["fact_on"]).dt.days
    place = listed["stage"].map({name: number for number, name in enumerate(stages.ids)})
    ordered = listed.assign(difference_days=days, place=place.fillna(len(stages.ids)))
    return EXCEPTIONS.conform(ordered.sort_values(["place", "stage", "customer_id"]))


def exception_counts(listed: pd.DataFrame) -> pd.DataFrame:
    """How many companies each kind of exception concerns, stage by stage (contract ``EXCEPTION_COUNTS``).

    >>> listed = pd.DataFrame({"stage": ["won", "won"], "kind": ["dates_differ", "dates_differ"]})
    >>> exception_counts(listed).to_numpy().tolist()
    [['won', 'dates_differ', 2]]
    """
    return EXCEPTION_COUNTS.conform(
        listed.groupby(["stage", "kind"], sort=False, as_index=False).size().rename(columns={"size": "n_companies"})
    )


def exception_findings(counts: pd.DataFrame) -> list[Finding]:
    """The disagreement that concerns the most companies in `EXCEPTION_COUNTS`, shown as ``exception_counts``."""
    return [
        says(
            row,
            EXCEPTION_COUNTS,
            "销售录入与业务事实不一致最多的是「{stage}」:{kind},{n_companies} 家。阶段以事实为准。 | "
            "Sellers and facts disagree most at '{stage}': {kind}, {n_companies} companies. "
            "The stages follow the facts.",
            key="exceptions.most",
            table="exception_counts",
            direction="bad",
            weight=float(row["n_companies"]),
        )
        for row in counts.nlargest(1, "n_companies").to_dict("records")
    ]


def exception_checks(listed: pd.DataFrame, counts: pd.DataFrame) -> list[Check]:
    """Every listed exception is counted once."""
    label = Label("例外统计之和 = 例外名单行数", "exceptions counted = exceptions listed")
    return [Check("exceptions.counted", label, int(counts["n_companies"].sum()), len(listed), Unit.COUNT)]


def _pairs(entries: list[Lazy]) -> pd.DataFrame:
    """One row per company and stage: first and last day typed, first and last day by facts."""
    day, typed = nw.col("entered_on"), nw.col("source") == "typed"
    sides = nw.concat(entries).with_columns(
        nw.when(typed).then(day).alias("typed_on"), nw.when(~typed).then(day).alias("fact_on")
    )
    return to_pandas(
        sides.group_by("customer_id", "stage").agg(
            nw.col("typed_on").min(),
            nw.col("fact_on").min(),
            nw.col("typed_on").max().alias("typed_last_on"),
            nw.col("fact_on").max().alias("fact_last_on"),
        )
    )


def _contradicted(pairs: pd.DataFrame, stages: Stages, name: str, as_of: date) -> pd.DataFrame:
    stage = stages.everything[stages.number(name) - 1]
    here = pairs[pairs["stage"] == name] if stage.facts else pairs.iloc[:0]
    if stage in stages.states:
        here = here.assign(typed_on=here["typed_last_on"], fact_on=here["fact_last_on"])
    typed, fact = here["typed_on"], here["fact_on"]
    tolerance = pd.Timedelta(days=stages.tolerance(stage))
    kind = pd.Series("", index=here.index, dtype="str")
    kind = kind.mask(typed.isna() & (pd.Timestamp(as_of) - fact > tolerance), "fact_without_typed")
    kind = kind.mask(fact.isna() & (pd.Timestamp(as_of) - typed > tolerance), "typed_without_fact")
    kind = kind.mask((typed - fact).abs() > tolerance, "dates_differ")
    return here.assign(kind=kind)[kind != ""]
