"""Who belongs to whom: units, their parents over time, and the people in them."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.sample.company.calendar_cn import FIRST, Days
from bizlab.sample.company.draws import generator, numbered
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
FOUNDED = "2023-01-01"
SPLIT_ON = "2026-04-01"
MOVED_ON = "2026-10-16"
LAST_JOINING = np.datetime64("2026-09-15")
STAY_DAYS = 260


class UnitPlan(NamedTuple):
    """One unit as planned; ``heads`` are persons at its start (or 2024-11) and at the end."""

    unit_id: str
    name_zh: str
    name_en: str
    level: str
    parent_id: str
    heads: tuple[int, int] = (0, 0)
    opened_on: str = FOUNDED
    closed_on: str | None = None


UNITS = (
    UnitPlan("YF", "云帆智造", "Yunfan", "company", ""),
    UnitPlan("EQ", "设备SBU", "Equipment SBU", "sbu", "YF", (3, 3)),
    UnitPlan("EQ-MC", "机加工巴", "Machining", "senior", "EQ", (1, 1)),
    UnitPlan("EQ-MC-1", "壳体班", "Housing team", "team", "EQ-MC", (8, 16)),
    UnitPlan("EQ-MC-2", "底座班", "Base team", "team", "EQ-MC", (8, 14)),
    UnitPlan("EQ-AS", "装配巴", "Assembly", "senior", "EQ", (2, 2)),
    UnitPlan("EQ-AS-1", "装配一线", "Assembly line 1", "middle", "EQ-AS"),
    UnitPlan("EQ-AS-1A", "一线甲班", "Line 1 team A", "team", "EQ-AS-1", (7, 10)),
    UnitPlan("EQ-AS-1B", "一线乙班", "Line 1 team B", "team", "EQ-AS-1", (9, 17)),
    UnitPlan("EQ-AS-2", "装配二线", "Assembly line 2", "middle", "EQ-AS"),
    UnitPlan("EQ-AS-2A", "二线甲班", "Line 2 team A", "team", "EQ-AS-2", (5, 10)),
    UnitPlan("EQ-AS-2B", "二线乙班", "Line 2 team B", "team", "EQ-AS-2", (5, 10)),
    UnitPlan("EQ-QA", "质量巴", "Quality", "primary", "EQ", (4, 9)),
    UnitPlan("CL", "云服务SBU", "Cloud SBU", "sbu", "YF", (2, 2)),
    UnitPlan("CL-PD", "云产品巴", "Cloud product", "primary", "CL", (12, 22)),
    UnitPlan("CL-CS", "客户成功巴", "Customer success", "primary", "CL", (4, 14)),
    UnitPlan("SA", "销售SBU", "Sales SBU", "sbu", "YF", (1, 3)),
    UnitPlan("SA-E", "华东大区", "East region", "senior", "SA", (0, 1)),
    UnitPlan("SA-E1", "上海组", "Shanghai team", "primary", "SA-E", (1, 9)),
    UnitPlan("SA-E2", "江浙组", "Jiangsu and Zhejiang team", "primary", "SA-E", (2, 7), "2025-03-01"),
    UnitPlan("SA-E3", "重点客户组", "Key account team", "primary", "SA-E", (2, 6), "2025-09-01"),
    UnitPlan("SA-S", "华南大区", "South region", "senior", "SA", (0, 1)),
    UnitPlan("SA-S1", "华南组", "South team", "primary", "SA-S", (1, 9), FOUNDED, "2026-03-31"),
    UnitPlan("SA-S2", "广州组", "Guangzhou team", "primary", "SA-S", (0, 1), SPLIT_ON),
    UnitPlan("SA-S3", "深圳组", "Shenzhen team", "primary", "SA-S", (0, 1), SPLIT_ON),
    UnitPlan("SA-N", "华北大区", "North region", "senior", "SA", (0, 1)),
    UnitPlan("SA-N1", "京津组", "Beijing and Tianjin team", "primary", "SA-N", (1, 7)),
    UnitPlan("SA-N2", "山东组", "Shandong team", "primary", "SA-N", (2, 5), "2025-06-01"),
    UnitPlan("SA-W", "西南大区", "Southwest region", "senior", "SA", (0, 1)),
    UnitPlan("SA-W1", "成都组", "Chengdu team", "primary", "SA-W", (1, 4)),
    UnitPlan("SA-W2", "重庆组", "Chongqing team", "primary", "SA-W", (2, 4), "2026-01-01"),
    UnitPlan("FIN", "财务部", "Finance", "department", "YF", (4, 7)),
    UnitPlan("HR", "人力资源部", "Human resources", "department", "YF", (2, 4)),
    UnitPlan("IT", "信息部", "IT", "department", "YF", (2, 5)),
    UnitPlan("WH", "仓储物流部", "Warehouse", "department", "YF", (6, 12)),
    UnitPlan("PO", "总裁办", "President's office", "department", "YF", (3, 3)),
)
BY_ID = {unit.unit_id: unit for unit in UNITS}
SBUS = ("EQ", "CL", "SA")
REGIONS = ("SA-E", "SA-S", "SA-N", "SA-W")
PARENTS = {unit.parent_id for unit in UNITS}
SALES_TEAMS = tuple(u.unit_id for u in UNITS if u.parent_id in REGIONS)
LEAVES = tuple(u.unit_id for u in UNITS if u.unit_id not in PARENTS and u.level != "department")


def units() -> Frame:
    """The table ``units``."""
    rows = [
        (u.unit_id, u.name_zh, u.name_en, u.level, u.level != "department", u.opened_on, u.closed_on) for u in UNITS
    ]
    frame = pd.DataFrame(rows, columns=list(TABLES["units"].names))
    frame["opened_on"] = pd.to_datetime(frame["opened_on"])
    frame["closed_on"] = pd.to_datetime(frame["closed_on"])
    return TABLES["units"].conform(frame)


def unit_parents() -> Frame:
    """The table ``unit_parents``: SA-E3 moves from SA-E to SA-N on 2026-10-16."""
    rows = [(u.unit_id, u.parent_id, u.opened_on, u.closed_on) for u in UNITS if u.parent_id]
    at = next(i for i, row in enumerate(rows) if row[0] == "SA-E3")
    rows[at] = ("SA-E3", "SA-E", BY_ID["SA-E3"].opened_on, "2026-10-15")
    rows.insert(at + 1, ("SA-E3", "SA-N", MOVED_ON, None))
    frame = pd.DataFrame(rows, columns=list(TABLES["unit_parents"].names))
    frame["valid_from"] = pd.to_datetime(frame["valid_from"])
    frame["valid_to"] = pd.to_datetime(frame["valid_to"])
    return TABLES["unit_parents"].conform(frame)


def ancestor(unit_ids: NDArray[np.str_], on: Days, *, among: tuple[str, ...]) -> NDArray[np.str_]:
    """The unit of ``among`` that each unit is or belongs to on a day; empty where there is none.

    >>> days = np.array(["2026-10-15", "2026-10-16"], dtype="datetime64[D]")
    >>> ancestor(np.array(["SA-E3", "SA-E3"]), days, among=REGIONS).tolist()
    ['SA-E', 'SA-N']
    """
    before = pd.Series({u.unit_id: _climb(u.unit_id, among, moved=False) for u in UNITS})
    after = pd.Series({u.unit_id: _climb(u.unit_id, among, moved=True) for u in UNITS})
    moved = on >= np.datetime64(MOVED_ON)
    node: NDArray[np.str_] = np.where(moved, after[unit_ids].to_numpy(str), before[unit_ids].to_numpy(str))
    return node


def _climb(unit_id: str, among: tuple[str, ...], *, moved: bool) -> str:
    while unit_id and unit_id not in among:
        unit_id = "SA-N" if moved and unit_id == "SA-E3" else BY_ID[unit_id].parent_id
    return unit_id


def persons(seed: int, *, scale: int = 1, block: int = 0) -> Frame:
    """The table ``persons``: who is where, from when to when.

    Teams fill up evenly; about one person in seven leaves and is replaced the next day. On
    2025-09-01 two sellers of SA-E1 found SA-E3; on 2026-04-01 SA-S1 splits into SA-S2 and SA-S3.
    """
    rng = generator(seed, "persons", block)
    stays = pd.concat([_stays(unit, scale) for unit in UNITS], ignore_index=True)
    stays = _with_leavers(stays, rng)
    president_first = stays["unit_id"].ne("PO").astype(int)
    stays = stays.assign(order=president_first).sort_values(["order", "valid_from", "unit_id"], kind="stable")
    stays["person_id"] = numbered(f"P{block or ''}", len(stays), width=5).to_numpy()
    stays = _transferred(stays)
    return TABLES["persons"].conform(stays.sort_values(["person_id", "valid_from"], kind="stable"))


def _stays(unit: UnitPlan, scale: int) -> Frame:
    start, end = (heads * scale for heads in unit.heads)
    opened = np.datetime64(unit.opened_on)
    last = LAST_JOINING if unit.closed_on is None else np.datetime64("2026-02-15")
    first = max(opened, FIRST)
    later = first + ((last - first) * (np.arange(end - start) + 1) / max(end - start, 1)).astype("timedelta64[D]")
    joined = np.concatenate([np.full(start, opened), later]).astype("datetime64[s]")
    left = pd.Series(pd.to_datetime([unit.closed_on] * len(joined))).astype("datetime64[s]")
    return pd.DataFrame({"unit_id": unit.unit_id, "valid_from": joined, "valid_to": left})


def _with_leavers(stays: Frame, rng: np.random.Generator) -> Frame:
    """One person in seven leaves after at least 260 days; a successor starts the next day."""
    earliest = np.maximum(stays["valid_from"].to_numpy("datetime64[D]"), FIRST) + STAY_DAYS
    leaves_on = earliest + rng.integers(0, 300, len(stays))
    leaver = (rng.random(len(stays)) < 1 / 7) & (leaves_on < LAST_JOINING) & stays["unit_id"].ne("PO").to_numpy()
    leaver &= ~stays["unit_id"].isin(["SA-S1", "SA-E1"]).to_numpy()
    successors = stays[leaver].assign(valid_from=leaves_on[leaver] + np.timedelta64(1, "D"))
    stayed = stays.assign(valid_to=np.where(leaver, leaves_on, stays["valid_to"].to_numpy("datetime64[D]")))
    return pd.concat([stayed, successors], ignore_index=True)


def _transferred(stays: Frame) -> Frame:
    south = stays[stays["unit_id"] == "SA-S1"]
    into = np.where(np.arange(len(south)) % 9 < 5, "SA-S2", "SA-S3")
    split = south.assign(unit_id=into, valid_from=pd.Timestamp(SPLIT_ON), valid_to=pd.NaT)
    opened = BY_ID["SA-E3"].opened_on
    founders = stays[(stays["unit_id"] == "SA-E1") & (stays["valid_from"] < pd.Timestamp("2025-06-01"))].tail(2)
    moved = founders.assign(unit_id="SA-E3", valid_from=pd.Timestamp(opened))
    rest = stays.copy()
    rest.loc[founders.index, "valid_to"] = pd.Timestamp(opened) - pd.Timedelta(days=1)
    return pd.concat([rest, split, moved], ignore_index=True)
