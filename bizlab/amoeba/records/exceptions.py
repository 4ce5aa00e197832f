"""Records that break a rule: listed with their rule and amount, and whether the sheet counts them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import narwhals as nw
import pandas as pd

from bizlab.amoeba.accounting.components import Components
from bizlab.amoeba.accounting.ledger import BOOKED, DAILY, Daily, Records
from bizlab.amoeba.records.confirmations import CONFIRMED
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table, text, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.engine import dated, day_number, lazy, midnight, to_pandas, whole
from bizlab.labels import Label
from bizlab.tables import TABLES
from bizlab.units.kinds import Unit

RULES = words(
    unknown_unit="单元不存在 | no such unit",
    not_yet_open="单元当日尚未设立 | the unit was not open yet",
    closed="单元当日已撤销 | the unit was closed",
    other_side="交易对方当日不在组织树中 | the other side of the trade is not in the tree",
    with_itself="与自身交易 | a trade with itself",
    no_person="工时没有当日在该单元的人员 | hours of nobody who was in the unit on the day",
    reversal="红字冲销 | a reversed entry",
    after_closing="所属月份结账后才确认 | confirmed after the books of its month were closed",
)
_SOURCES = tuple(table for table in DAILY.values() if table.name != "headcount")
SOURCES = {source.name: TABLES[source.name].label for source in _SOURCES}
_COUNTED = ("no_person", "reversal", "after_closing")

EXCEPTIONS = table(
    "exceptions",
    "例外记录 | Records that break a rule",
    "每条记录、每项规则一行 | one row per record and rule",
    column("rule", "规则 | Rule", choices=RULES),
    column("source", "记录表 | Table", choices=SOURCES),
    text("record", "记录 | Record"),
    code("unit_id", "单元 | Unit", refers="units"),
    code("other_id", "交易对方 | Other side", nullable=True, refers="units"),
    column("recorded_on", "日期 | Date"),
    column("amount_fen", "金额 | Amount", nullable=True),
    column("minutes", "工时 | Hours", nullable=True),
    column(
        "confirmed_at",
        "确认时间 | Confirmed at",
        "仅列结账后才确认的记录 | for records confirmed after closing alone",
        nullable=True,
    ),
    column(
        "is_counted",
        "计入核算表 | Counted",
        "计入日期所在月份;否:未计入任何数字 | in the month of its date; no: in no figure",
    ),
    key="source record rule",
)


def exceptions(
    records: Records, parts: Components, *, persons: pd.DataFrame, as_of: date, books_close_days: int
) -> pd.DataFrame:
    """What broke a rule in a month: see `EXCEPTIONS`, what no figure counts first, the largest first.

    Parameters
    ----------
    records, parts : the daily records, and the month as it was computed from them.
    persons : under the contract ``persons``: who was in which unit on which day.
    as_of : last day of which anything is known.
    books_close_days : days after the end of a month on which its books are still open.

    Returns
    -------
    One row per record and rule. A record without a place in the tree is listed with that rule alone. A record that its
    unit confirmed after closing is listed in the month in which it did, whichever earlier month it is dated in; the
    sheet of that earlier month counts it, and is another one than when it was closed.
    """
    listed = [rows for source in _SOURCES for rows in _of_source(records, parts, source)]
    listed.append(_without_person(records, parts, persons))
    listed.append(after_closing(records, first=parts.month.first, as_of=as_of, books_close_days=books_close_days))
    rows = EXCEPTIONS.stacked(listed)
    size = rows["amount_fen"].fillna(rows["minutes"]).abs()
    order = ["is_counted", "size", "source", "record", "rule"]
    ordered = rows.assign(size=size).sort_values(order, ascending=[True, False, True, True, True], kind="stable")
    return EXCEPTIONS.conform(ordered)


def _of_source(records: Records, parts: Components, source: Daily) -> Iterator[pd.DataFrame]:
    table = dated(getattr(records, source.name), source.day, parts.month.first, parts.month.last)
    lost = _listed(_misplaced(to_pandas(table.filter(_suspect(parts, source))), parts, source), source)
    below = _listed(to_pandas(table.filter(nw.col(source.column) < 0)).assign(rule="reversal"), source)
    yield lost
    yield below[~below["record"].isin(lost["record"])]


def _suspect(parts: Components, source: Daily) -> nw.Expr:
    """Records of units that were not in the tree all month, and trades of a unit with itself."""
    spans = parts.organisation.closure.groupby("unit_id")["span"].nunique()
    always = spans[spans == len(parts.organisation.spans)].index.tolist()
    suspect = ~nw.col(source.sides[0]).is_in(always)
    if len(source.sides) == 1:
        return suspect
    other = source.sides[1]
    return suspect | ~nw.col(other).is_in(always) | (nw.col(source.sides[0]) == nw.col(other))


def _misplaced(rows: pd.DataFrame, parts: Components, source: Daily) -> pd.DataFrame:
    """Those without a place in the tree, each with the rule that it breaks."""
    placed = rows.assign(span=parts.organisation.span_of(rows[source.day].astype("datetime64[us]")))
    outside = [parts.organisation.outside(placed, side) for side in source.sides]
    rule = pd.Series(None, index=rows.index, dtype="object")
    if len(source.sides) > 1:
        rule = rule.mask(rows[source.sides[0]] == rows[source.sides[1]], "with_itself").mask(outside[1], "other_side")
    units = parts.organisation.units.set_index("unit_id")
    opened = rows[source.sides[0]].map(units["opened_on"])
    late = (rows[source.day] >= opened).map({True: "closed", False: "not_yet_open"})
    rule = rule.mask(outside[0], late.where(opened.notna(), "unknown_unit"))
    return rows.assign(rule=rule)[rule.notna()]


def _without_person(records: Records, parts: Components, persons: pd.DataFrame) -> pd.DataFrame:
    """Hours of a unit in the tree by somebody who was not in it on the day."""
    source = DAILY["hour_records"]
    hours = to_pandas(dated(records.hour_records, source.day, parts.month.first, parts.month.last))
    stays = hours.reset_index(names="row").merge(persons, on=["person_id", "unit_id"])
    valid = (stays["valid_from"] <= stays[source.day]) & ~(stays["valid_to"] < stays[source.day])
    nobody = hours[~hours.index.isin(stays.loc[valid, "row"])]
    placed = nobody.assign(span=parts.organisation.span_of(nobody[source.day].astype("datetime64[us]")))
    return _listed(nobody[~parts.organisation.outside(placed, "unit_id")].assign(rule="no_person"), source)


def after_closing(records: Records, *, first: date, as_of: date, books_close_days: int) -> pd.DataFrame:
    """Records that their unit confirmed in a period, after the books of the month of their date had been closed.

    Parameters
    ----------
    first, as_of : the period of the confirmations, both days included.
    books_close_days : days after the end of a month on which its books are still open; 0 closes them with the month.

    Returns
    -------
    `EXCEPTIONS`, of the tables whose records are confirmed. What is not confirmed yet is not late but owed, and what
    has no place in the tree is listed with that rule, in the month of its date.

    >>> day = pd.to_datetime(["2026-09-30", "2026-09-01", "2026-10-01"])
    >>> money = pd.DataFrame({"record_id": ["late", "in time", "open"], "unit_id": "t", "recorded_on": day,
    ...     "amount_fen": 900, "confirmed_at": pd.to_datetime(["2026-10-06 08:00", "2026-10-05 20:00", None])})
    >>> trades = pd.DataFrame({"trade_id": [], "seller_id": [], "buyer_id": [], "amount_fen": [],
    ...     "traded_on": day[:0], "confirmed_at": day[:0]})
    >>> units = pd.DataFrame({"unit_id": ["t"], "opened_on": day[1], "closed_on": pd.NaT})
    >>> records = Records(money, money[:0], None, None, None, trades, trades, units, *(None,) * 4)
    >>> late = after_closing(records, first=date(2026, 10, 1), as_of=date(2026, 10, 31), books_close_days=5)
    >>> late[["record", "amount_fen", "confirmed_at"]].astype(str).to_numpy().tolist()
    [['late', '900', '2026-10-06 08:00:00']]
    """
    at = nw.col("confirmed_at")
    known = (at >= midnight(first), at < midnight(as_of + timedelta(days=1)))
    parts = []
    for source in CONFIRMED:
        took = day_number("confirmed_at") - day_number(source.day)
        rows = to_pandas(lazy(getattr(records, source.name)).filter(*known, took > books_close_days))
        month_end = rows[source.day].astype("datetime64[us]") + pd.offsets.MonthEnd(0)
        is_late = rows["confirmed_at"] >= month_end + pd.Timedelta(days=books_close_days + 1)
        late = rows[is_late & _has_place(rows, source, records.units)]
        listed = _listed(late.assign(rule="after_closing"), source)
        parts.append(listed.assign(confirmed_at=late["confirmed_at"].to_numpy()))
    return EXCEPTIONS.stacked(parts)


def _has_place(rows: pd.DataFrame, source: Daily, units: pd.DataFrame) -> pd.Series[bool]:
    """Whether all sides were open on the day, and a trade has two of them: what the sheet of its month counts."""
    dates = units.set_index("unit_id")
    has_place = pd.Series(True, index=rows.index)
    for side in source.sides:
        opened, closed = (rows[side].map(dates[end]) for end in ("opened_on", "closed_on"))
        has_place &= (opened <= rows[source.day]) & ~(closed < rows[source.day])
    return has_place if len(source.sides) == 1 else has_place & (rows[source.sides[0]] != rows[source.sides[1]])


def _listed(rows: pd.DataFrame, source: Daily) -> pd.DataFrame:
    if source.name == "hour_records":
        day = rows[source.day].dt.strftime("%Y-%m-%d")
        record = rows["person_id"].astype("str") + " " + day + " " + rows["kind"].astype("str")
    else:
        record = rows["trade_id" if len(source.sides) > 1 else "record_id"].astype("str")
    listed = rows[["rule", source.column]].assign(
        source=source.name,
        record=record,
        recorded_on=rows[source.day],
        is_counted=rows["rule"].isin(_COUNTED),
        **{name: rows[side] for name, side in zip(("unit_id", "other_id"), source.sides, strict=False)},
    )
    return EXCEPTIONS.conform(listed.reindex(columns=EXCEPTIONS.names))


def exception_checks(records: Records, parts: Components, broken: pd.DataFrame) -> list[Check]:
    """Every record of the month is in the sheet or in the list that `exceptions` gave: totals by table."""
    own, booked = parts.own.sum(numeric_only=True), parts.booked
    counted = {
        "revenue_records": booked["external_sales_fen"],
        "expense_records": booked[list(BOOKED)].sum(),
        "hour_records": booked["normal_minutes"] + booked["overtime_minutes"],
        "order_intake": booked["orders_fen"],
        "internal_trades_sold": own["internal_sales_fen"],
        "internal_trades_bought": own["internal_purchases_fen"],
    }
    aside = broken[~broken["is_counted"]]
    checks = []
    for source in _SOURCES:
        label = Label(
            f"{SOURCES[source.name].zh}合计 = 核算表 + 所列例外",
            f"{SOURCES[source.name].en}: all records = the sheet + exceptions listed",
        )
        table = dated(getattr(records, source.name), source.day, parts.month.first, parts.month.last)
        total = to_pandas(whole(table.select(nw.col(source.column).sum()), [source.column]))[source.column]
        listed = aside.loc[aside["source"] == source.name, source.column].sum()
        unit = Unit.MINUTES if source.column == "minutes" else Unit.FEN
        key = f"exceptions.{parts.month}.{source.name}"
        checks.append(Check(key, label, int(total.fillna(0).sum()), int(counted[source.name] + listed), unit))
    return checks


def exception_findings(broken: pd.DataFrame, *, most: int = 5) -> list[Finding]:
    """The largest of `EXCEPTIONS`, those first that no figure counts."""
    largest = broken[broken["rule"] != "reversal"].head(most)
    sizes = largest["amount_fen"].isna().map({True: "minutes", False: "amount_fen"})
    return [
        says(
            row,
            EXCEPTIONS,
            f"{{source}} {{record}}({{unit_id}}){{rule}},涉及 {{{size}}} | "
            f"{{source}} {{record}} ({{unit_id}}): {{rule}}; {{{size}}} is concerned",
            key=f"exception-{row['source']}-{row['record']}-{row['rule']}",
            direction="bad",
            material=not row["is_counted"],
            weight=abs(float(row[size])),
            basis="未计入的记录不进入任何数字 | records that are not counted are in no figure",
        )
        for row, size in zip(largest.to_dict("records"), sizes, strict=True)
    ]
