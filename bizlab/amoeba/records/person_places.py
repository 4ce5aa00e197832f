"""Where each person stood in a period: from the team up to the SBU, or in a department outside any SBU."""

from __future__ import annotations

from typing import Any, NamedTuple

import narwhals as nw
import pandas as pd

from bizlab.amoeba.accounting.ledger import Records
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.records.presence import stays
from bizlab.amoeba.results.unit_hour import UNIT_ID
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, reason, table, words
from bizlab.engine import lazy, midnight, to_pandas, whole
from bizlab.labels import Label
from bizlab.units.kinds import Unit

NO_PLACE, WITHOUT_PERSON = "no_place", "without_person"
NOWHERE = words(
    {
        NO_PLACE: "单元当日不在组织树中 | the unit is not in the tree on the days",
        WITHOUT_PERSON: "工时没有当日在该单元的人员 | hours of nobody who was in the unit on the day",
    }
)
"""Where persons and hours stand that have no place in the tree; single records are listed in `exceptions`."""
_NO_SBU = {"outside_sbu": Label("不属于任何 SBU", "outside any SBU"), NO_PLACE: NOWHERE[NO_PLACE]}
_STEPS = words(
    team="团队 | Team",
    primary="初级巴 | Primary amoeba",
    middle="中级巴 | Middle amoeba",
    senior="高级巴 | Senior amoeba",
    sbu="SBU",
)
_ABOVE = tuple(f"{step}_id" for step in _STEPS)
_MINUTES = {"normal": "normal_minutes", "overtime": "overtime_minutes"}
_STAY = ["person_id", "unit_id"]
_HOURS = (
    column("normal_minutes", "正常工时 | Normal hours"),
    column("overtime_minutes", "加班工时 | Overtime"),
    column("total_minutes", "工时合计 | Hours"),
)
_SUM = {"total_minutes = normal_minutes + overtime_minutes": "工时合计 = 正常 + 加班 | hours = normal + overtime"}
_GROUP = column(
    "group_id",
    "归属 | Belongs to",
    "所属 SBU;SBU 之外为公司直属单元 | the SBU; outside any, the unit right below the company",
    words=NOWHERE,
    refers="units",
)

PERSON_PLACES = table(
    "person_places",
    "人员归属到 SBU | Persons up to the SBU",
    "每人、每个单元、每段归属不变的日期一行 | one row per person, unit and stretch of days without a move above it",
    code("person_id", "人员 | Person"),
    UNIT_ID,
    column("first_on", "首日 | First day"),
    column("last_on", "末日 | Last day"),
    column("is_amoeba", "是否阿米巴 | Is an amoeba", nullable=True),
    (
        code(
            f"{step}_id",
            label,
            "空:其上没有这一级 | missing: there is none of this level at or above the unit",
            nullable=True,
            refers="units",
        )
        for step, label in _STEPS.items()
    ),
    reason("sbu_id", _NO_SBU),
    _GROUP,
    _HOURS,
    key="person_id unit_id first_on",
    sums=_SUM,
)

SBU_STAFF = table(
    "sbu_staff",
    "各 SBU 与部门的人员和工时 | Persons and hours of each SBU and department",
    "每个 SBU 或 SBU 之外的公司直属单元一行 | one row per SBU, or unit right below the company outside any",
    _GROUP,
    column("is_sbu", "是否 SBU | Is an SBU"),
    column(
        "n_persons", "人数 | Persons", "按期内最后所在单元,每人一次 | each once, where they stood last in the period"
    ),
    _HOURS,
    key="group_id",
    sums=_SUM,
)


class Placed(NamedTuple):
    """Persons by where they stood (`PERSON_PLACES`), and persons and hours of each SBU (`SBU_STAFF`)."""

    places: pd.DataFrame
    staff: pd.DataFrame


def person_places(records: Records, persons: pd.DataFrame, organisation: Organisation) -> Placed:
    """Where each person stood and how long they worked there, by the tree of the day.

    Parameters
    ----------
    records : hour records are read; rows outside the period of the tree are passed over.
    persons : under the contract ``persons``.
    organisation : the tree of the period.

    Returns
    -------
    A stay is cut on the day on which the person moves, or any unit above. Days on which a person's unit is not in the
    tree keep their row, without a place; hours of nobody who was in the unit stand in `SBU_STAFF` alone.

    >>> day = pd.to_datetime
    >>> units = pd.DataFrame({"unit_id": ["Y", "S", "a", "PO"], "level": ["company", "sbu", "primary", "department"],
    ...     "is_amoeba": [True, True, True, False], "opened_on": day("2020-01-01"), "closed_on": day(None)})
    >>> parents = pd.DataFrame({"unit_id": ["S", "a", "PO"], "parent_id": ["Y", "S", "Y"],
    ...                         "valid_from": day(["2020-01-01"] * 3), "valid_to": day([None] * 3)})
    >>> persons = pd.DataFrame({"person_id": ["p", "p", "q"], "unit_id": ["PO", "a", "a"],
    ...     "valid_from": day(["2020-01-01", "2026-10-09", "2020-01-01"]), "valid_to": day(["2026-10-08", None, None])})
    >>> hours = pd.DataFrame({"person_id": ["p", "q"], "unit_id": ["a", "a"], "kind": "normal", "minutes": [480, 60],
    ...                       "worked_on": day(["2026-10-08", "2026-10-08"])})
    >>> october = Organisation(units, parents, first=pd.Timestamp("2026-10-01"), last=pd.Timestamp("2026-10-31"))
    >>> placed = person_places(Records(None, None, hours, *(None,) * 9), persons, october)
    >>> placed.places[["person_id", "unit_id", "sbu_id", "total_minutes"]].fillna("").to_numpy().tolist()
    [['p', 'PO', '', 0], ['p', 'a', 'S', 0], ['q', 'a', 'S', 60]]
    >>> placed.staff[["group_id", "n_persons", "total_minutes"]].to_numpy().tolist()
    [['S', 2, 60], ['PO', 0, 0], ['without_person', 0, 480]]
    """
    days = stays(persons, pd.date_range(organisation.first, organisation.last))
    worked = _worked(records, organisation)
    placed = days.assign(span=organisation.span_of(days["day"])).merge(
        _above(organisation), on=["span", "unit_id"], how="left"
    )
    with_hours = placed.merge(worked, on=[*_STAY, "day"], how="left")
    hours = with_hours[list(_MINUTES.values())].fillna(0).astype("int64")
    places = _stretches(with_hours.assign(**hours), organisation)
    there = pd.MultiIndex.from_frame(days[[*_STAY, "day"]])
    nobody = worked[~pd.MultiIndex.from_frame(worked[[*_STAY, "day"]]).isin(there)]
    return Placed(places, _staff(places, nobody, organisation))


def place_checks(placed: Placed, records: Records, persons: pd.DataFrame, organisation: Organisation) -> list[Check]:
    """All persons of the register and all recorded hours stand in one row of `SBU_STAFF`."""
    inside = (persons["valid_from"] <= organisation.last) & ~(persons["valid_to"] < organisation.first)
    hours = to_pandas(whole(_of_period(records, organisation).select(nw.col("minutes").sum()), ["minutes"]))
    staff = placed.staff
    everybody = Label("各归属人数之和 = 名册人数", "persons of all groups = persons of the register")
    all_hours = Label(
        "各归属工时之和(含没有人员、不在树中的) = 全部工时记录",
        "hours of all groups, of nobody and outside the tree included = all recorded hours",
    )
    n_persons, minutes = persons.loc[inside, "person_id"].nunique(), int(hours["minutes"].fillna(0).sum())
    return [
        Check("places.persons", everybody, int(staff["n_persons"].sum()), n_persons, Unit.COUNT),
        Check("places.hours", all_hours, int(staff["total_minutes"].sum()), minutes, Unit.MINUTES),
    ]


def _of_period(records: Records, organisation: Organisation) -> nw.LazyFrame[Any]:
    first, last = midnight(organisation.first.date()), midnight(organisation.last.date())
    return lazy(records.hour_records).filter(nw.col("worked_on") >= first, nw.col("worked_on") <= last)


def _worked(records: Records, organisation: Organisation) -> pd.DataFrame:
    """Minutes of each kind by person, unit and day."""
    sums = _of_period(records, organisation).group_by(*_STAY, "worked_on", "kind").agg(nw.col("minutes").sum())
    rows = to_pandas(whole(sums, ["minutes"])).rename(columns={"worked_on": "day"})
    typed = rows.astype(dict.fromkeys([*_STAY, "kind"], "str") | {"day": "datetime64[us]", "minutes": "int64"})
    kinds = {line: typed["minutes"].where(typed["kind"] == kind, 0) for kind, line in _MINUTES.items()}
    return typed.assign(**kinds).groupby([*_STAY, "day"], as_index=False)[list(kinds)].sum()


def _above(organisation: Organisation) -> pd.DataFrame:
    """One row per span and unit: the nearest unit of each level at or above it, its group, and its whole path."""
    levels = organisation.units.set_index("unit_id")["level"]
    closure = organisation.closure.assign(level=organisation.closure["ancestor_id"].map(levels))
    by_unit = closure.groupby(["span", "unit_id"], sort=False)["ancestor_id"]
    above = pd.DataFrame(
        {"path": by_unit.agg("/".join), "below_company": by_unit.agg(lambda path: path.iloc[-2:].iloc[0])}
    )
    for step in _STEPS:
        nearest = closure[closure["level"] == step].drop_duplicates(["span", "unit_id"])
        above[f"{step}_id"] = nearest.set_index(["span", "unit_id"])["ancestor_id"]
    return above.assign(group_id=above["sbu_id"].fillna(above["below_company"])).reset_index()


def _stretches(placed: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """Days in a row of a person in a unit under the same units, with what was worked on them."""
    rows = placed.assign(path=placed["path"].fillna("")).sort_values([*_STAY, "day"], ignore_index=True)
    before = rows.shift()
    moved = (rows[[*_STAY, "path"]] != before[[*_STAY, "path"]]).any(axis=1)
    stretch = (moved | (rows["day"] - before["day"] != pd.Timedelta(days=1))).cumsum()
    ends = {"first_on": ("day", "min"), "last_on": ("day", "max")}
    kept = {name: (name, "first") for name in (*_STAY, *_ABOVE, "group_id")}
    sums = {line: (line, "sum") for line in _MINUTES.values()}
    stretches = rows.groupby(stretch).agg(**kept, **ends, **sums)
    lost = stretches["group_id"].isna()
    why = pd.Series("outside_sbu", index=stretches.index).mask(lost, NO_PLACE).where(stretches["sbu_id"].isna())
    amoebas = organisation.units.set_index("unit_id")["is_amoeba"]
    ordered = stretches.assign(
        is_amoeba=stretches["unit_id"].map(amoebas),
        sbu_id_reason=why,
        group_id=stretches["group_id"].fillna(NO_PLACE),
        total_minutes=stretches["normal_minutes"] + stretches["overtime_minutes"],
    ).sort_values(["person_id", "first_on", "unit_id"])
    return PERSON_PLACES.conform(ordered)


def _staff(places: pd.DataFrame, nobody: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    last = places.sort_values("last_on", kind="stable").drop_duplicates("person_id", keep="last")
    hours = pd.concat([places, nobody.assign(group_id=WITHOUT_PERSON)]).groupby("group_id")[list(_MINUTES.values())]
    sums = hours.sum().assign(n_persons=last.groupby("group_id").size())
    sbus = set(organisation.units.loc[organisation.units["level"] == "sbu", "unit_id"])
    order = [*organisation.tree()["unit_id"], NO_PLACE, WITHOUT_PERSON]
    rows = sums.reindex([group for group in order if group in sums.index]).rename_axis("group_id").reset_index()
    return SBU_STAFF.conform(
        rows.assign(
            is_sbu=rows["group_id"].isin(sbus),
            n_persons=rows["n_persons"].fillna(0).astype("int64"),
            total_minutes=rows["normal_minutes"] + rows["overtime_minutes"],
        ).sort_values("is_sbu", ascending=False, kind="stable")
    )
