"""Best and worst amoebas and why: what a unit sells, buys and spends in an hour against its peers.

Peers are the amoebas without units below them under the same SBU, to a leader those in the leader's unit. Their value
added per hour comes from their sums, the unit's own included. The difference falls apart into the lines of C, each
per hour: it is the bridge of F from the peers, scaled to the unit's own hours, to the unit, so that size alone never
shows as a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

import pandas as pd

from bizlab.amoeba.accounting.consolidation import MINUTES
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.results.bridge import LINE_WORDS, TOTAL, sign, value_lines
from bizlab.amoeba.results.unit_hour import SHEET, UNIT_ID, is_leaf
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, count, table, words
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.says import row_key, says
from bizlab.contracts.table import Table
from bizlab.exact import round_half_up, rounded_to
from bizlab.labels import Label
from bizlab.units.kinds import Unit

_PLACES = 100
_FEWEST = 2
_LINES = LINE_WORDS | words({TOTAL: "与同组之差 | Difference from the peers"})
_GROUP = code("group_id", "同组(SBU) | Peers (SBU)", refers="units")

PEERS = table(
    "peers",
    "同组排名 | Rank among peers",
    "每个末级巴一行 | one row per amoeba without units below it",
    _GROUP,
    UNIT_ID,
    count("rank", "名次 | Rank", nullable=True),
    column("n_peers", "同组单元数 | Units in the group"),
    SHEET["value_added_fen"],
    SHEET["total_minutes"],
    SHEET["value_per_hour"],
    SHEET["value_per_hour_reason"],
    column(
        "peers_per_hour",
        "同组 F | F of the peers",
        "同组 C 之和 ÷ 同组 D 之和,含本单元 | sum of C / sum of D of the group, the unit included",
        nullable=True,
    ),
    column("difference_per_hour", "与同组之差 | Difference", nullable=True),
    key="unit_id",
)

_OF_UNIT = replace(
    PEERS, columns=(code("group_id", "同组(本单元) | Peers (this unit)", refers="units"), *PEERS.columns[1:])
)

WHY = table(
    "why",
    "差在哪里 | Why",
    "每个单元、每个因素一行,另有合计行 | one row per unit and line, and one for their sum",
    UNIT_ID,
    column("line", "因素 | Line", words=_LINES),
    column("own_per_hour", "本单元每小时 | Unit, per hour"),
    column("peers_per_hour", "同组每小时 | Peers, per hour"),
    column(
        "effect_per_hour",
        "对 F 之差的影响 | Effect on the difference",
        "每小时金额之差,采购与费用取负 | difference per hour; of purchases and expense its negative",
    ),
    column("is_total", "合计行 | Total row"),
    key="unit_id line",
)


class Among(NamedTuple):
    """Among whom units are compared, in words: the contract of the ranks, what a finding rests on, a note."""

    ranks: Table
    basis: Label
    note: Label | None = None


_IN_SBU = Among(
    PEERS,
    Label(
        "与同一SBU末级巴之合计相比,按每小时逐行分解,无余项",
        "against the sums of its SBU's amoebas without units below them, split per hour, nothing left over",
    ),
)
_IN_UNIT = Among(
    _OF_UNIT,
    Label(
        "与本单元之下末级巴之合计相比,按每小时逐行分解,无余项",
        "against the sums of the unit's amoebas without units below them, split per hour, nothing left over",
    ),
    Label("只在本单元之下的末级巴之间比较", "Compared are the unit's amoebas without units below them, and no others"),
)
_ALONE = _IN_UNIT._replace(
    note=Label(
        "本单元之下的末级巴不足两个,没有可比的同组",
        "Fewer than two amoebas stand below the unit: there are no peers to compare",
    )
)


def among(organisation: Organisation) -> Among:
    """Among whom the units of a tree are compared: the amoebas of an SBU, or of the unit at the top of the tree."""
    if organisation.root is None:
        return _IN_SBU
    return _IN_UNIT if groups(organisation) else _ALONE


def groups(organisation: Organisation) -> dict[str, str]:
    """For each amoeba without units below it the unit right below the company above it, by the tree of the last day.

    In the tree of a unit all are one group, which is the unit; fewer than two have no peers, and no group.

    >>> day = pd.to_datetime
    >>> units = pd.DataFrame({"unit_id": ["Y", "A", "t", "u"], "level": "team", "is_amoeba": True,
    ...                       "opened_on": day("2020-01-01"), "closed_on": day(None)})
    >>> parents = pd.DataFrame({"unit_id": ["A", "t", "u"], "parent_id": ["Y", "A", "A"],
    ...                         "valid_from": day("2020-01-01"), "valid_to": day([None] * 3)})
    >>> groups(Organisation(units, parents, first=day("2026-10-01").date(), last=day("2026-10-31").date()))
    {'t': 'A', 'u': 'A'}
    """
    parent = organisation.parent_of(organisation.last.date())
    tree = organisation.tree()
    leaves = tree[tree["is_amoeba"] & is_leaf(tree["depth"]) & (tree["depth"] > 0)]
    known = [unit_id for unit_id in leaves["unit_id"] if unit_id in parent]
    if organisation.root is not None:
        return dict.fromkeys(known if len(known) >= _FEWEST else (), organisation.root)
    return {unit_id: _below_root(unit_id, parent) for unit_id in known}


def peers(sheet: pd.DataFrame, group_of: Mapping[str, str]) -> pd.DataFrame:
    """Every unit against its peers: see `PEERS`.

    Parameters
    ----------
    sheet : `SHEET` of one period.
    group_of : the group of each unit that is compared.

    Returns
    -------
    Group by group in the order of the sheet, the best first. A unit whose F is not defined has no rank; its value
    added and hours are in the group's all the same.
    """
    rows = _compared(sheet, group_of)
    ordered = rows.sort_values("value_per_hour", ascending=False, kind="stable", na_position="last")
    first = {group_id: place for place, group_id in enumerate(dict.fromkeys(rows["group_id"]))}
    ranked = ordered.assign(_group=ordered["group_id"].map(first)).sort_values("_group", kind="stable")
    place = ranked["value_per_hour"].notna().groupby(ranked["group_id"]).cumsum()
    return PEERS.conform(
        ranked.assign(
            rank=place.where(ranked["value_per_hour"].notna()).astype("Int64"),
            n_peers=ranked.groupby("group_id")["unit_id"].transform("size"),
            difference_per_hour=ranked["value_per_hour"] - ranked["peers_per_hour"],
        )
    )


def why(sheet: pd.DataFrame, group_of: Mapping[str, str]) -> pd.DataFrame:
    """The difference of every unit from its peers by the lines of C: see `WHY`.

    Parameters
    ----------
    sheet, group_of : as in `peers`.

    Returns
    -------
    No rows for a unit whose F is not defined. Effects are rounded to a hundredth of a fen so that they add up to the
    difference, which is rounded alike.
    """
    rows = _compared(sheet, group_of)
    lines = value_lines(sheet)
    sums = rows.groupby("group_id")[[*lines, *MINUTES]].sum()
    with_hours = rows[rows["total_minutes"] != 0].to_dict("records")
    return WHY.frame(
        reason for row in with_hours for reason in _reasons(row, sums.loc[row["group_id"]].to_dict(), lines)
    )


def peer_checks(ranked: pd.DataFrame, reasons: pd.DataFrame) -> list[Check]:
    """The lines add up to each difference, and within a group the differences times hours cancel out."""
    parts, totals = (reasons.loc[reasons["is_total"] == flag, "effect_per_hour"] for flag in (False, True))
    left, right = (sum(round_half_up(Fraction(value) * _PLACES) for value in side) for side in (parts, totals))
    by_lines = Label(
        "各因素影响之和 = 与同组之差(百分之一分/小时)", "effects = differences (hundredths of a fen an hour)"
    )
    cancel = Label("同组内差额按工时加权之和为零", "differences weighted by hours cancel out within the groups")
    weighted = (ranked["difference_per_hour"] * ranked["total_minutes"] / 60).sum()
    idle = ranked.loc[(ranked["total_minutes"] == 0) & ranked["peers_per_hour"].notna(), "value_added_fen"].sum()
    return [
        Check("peers.lines", by_lines, left, right, Unit.COUNT),
        Check("peers.cancel", cancel, round_half_up(Fraction(weighted)), -int(idle), Unit.FEN),
    ]


def _compared(sheet: pd.DataFrame, group_of: Mapping[str, str]) -> pd.DataFrame:
    """The sheet's rows of the units compared, with the F of their group from its sums."""
    rows = sheet[sheet["unit_id"].isin(group_of.keys())]
    placed = rows.assign(group_id=rows["unit_id"].map(group_of))
    sums = placed.groupby("group_id")[["value_added_fen", "total_minutes"]].sum()
    per_hour = sums["value_added_fen"] / (sums["total_minutes"].where(sums["total_minutes"] != 0) / 60)
    return placed.assign(peers_per_hour=placed["group_id"].map(per_hour).astype("float64"))


def _reasons(own: Mapping[str, Any], group: Mapping[str, Any], lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The lines of C of a unit and of its group, each per hour, with their effects and the sum of all."""
    pairs = {name: (_per_hour(own, name), _per_hour(group, name)) for name in lines}
    effects = [sign(name) * (mine - theirs) * _PLACES for name, (mine, theirs) in pairs.items()]
    total = round_half_up(sum(effects, Fraction(0)))
    sums = [sum((sign(name) * pair[side] for name, pair in pairs.items()), Fraction(0)) for side in (0, 1)]
    rounded = [*rounded_to(effects, total), total]
    for (line, (mine, theirs)), effect in zip([*pairs.items(), (TOTAL, sums)], rounded, strict=True):
        yield {
            "unit_id": own["unit_id"],
            "line": line,
            "own_per_hour": float(mine),
            "peers_per_hour": float(theirs),
            "effect_per_hour": effect / _PLACES,
            "is_total": line == TOTAL,
        }


def _per_hour(row: Mapping[str, Any], name: str) -> Fraction:
    return Fraction(int(row[name]) * 60, sum(int(row[hours]) for hours in MINUTES))


def _below_root(unit_id: str, parent: Mapping[str, str]) -> str:
    while parent[unit_id] in parent:
        unit_id = parent[unit_id]
    return unit_id


_TEXTS = words(
    best="{group_id}末级巴中 {unit_id} 单位时间收益最高:{value_per_hour},高于同组({peers_per_hour})"
    "{difference_per_hour};影响最大的是 {first}({first_effect})与 {second}({second_effect}) | "
    "best in {group_id}: {unit_id} with {value_per_hour}, {difference_per_hour} from its peers ({peers_per_hour}); "
    "largest lines: {first} ({first_effect}), {second} ({second_effect})",
    worst="{group_id}末级巴中 {unit_id} 单位时间收益最低:{value_per_hour},与同组({peers_per_hour})相差 "
    "{difference_per_hour};影响最大的是 {first}({first_effect})与 {second}({second_effect}) | "
    "worst in {group_id}: {unit_id} with {value_per_hour}, {difference_per_hour} from its peers ({peers_per_hour}); "
    "largest lines: {first} ({first_effect}), {second} ({second_effect})",
)


def peer_findings(ranked: pd.DataFrame, reasons: pd.DataFrame, *, basis: Label = _IN_SBU.basis) -> list[Finding]:
    """Best and worst unit of each group of two and more, with the two largest lines of the difference.

    Parameters
    ----------
    ranked, reasons : `PEERS` and `WHY`, shown under the keys ``peers`` and ``why``.
    basis : that of `among`.
    """
    by_size = reasons[~reasons["is_total"]].sort_values(
        "effect_per_hour", key=lambda effect: -effect.abs(), kind="stable"
    )
    findings = []
    for group_id, group in ranked[ranked["rank"].notna()].groupby("group_id", sort=False):
        if len(group) < _FEWEST:
            continue
        best, *_, worst = group.to_dict("records")
        for end, row in (("best", best), ("worst", worst)):
            first, second = (
                row_key(line, WHY) for line in by_size[by_size["unit_id"] == row["unit_id"]].head(2).to_dict("records")
            )
            finding = says(
                row,
                PEERS,
                _TEXTS[end],
                key=f"{end}-{group_id}",
                direction="good" if end == "best" else "bad",
                weight=abs(row["difference_per_hour"]) * row["total_minutes"] / 60,
                basis=basis,
                first=Ref("why", first, "line"),
                first_effect=Ref("why", first, "effect_per_hour"),
                second=Ref("why", second, "line"),
                second_effect=Ref("why", second, "effect_per_hour"),
            )
            findings.append(finding)
    return findings
