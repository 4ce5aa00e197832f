"""What one planted truth or defect is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bizlab.labels import Label

Group = Literal["behaviour", "money", "organisation", "dirt", "dictionary", "grading"]
GROUPS = {
    "behaviour": Label("客户行为", "Behaviour"),
    "money": Label("经营会计与预算", "Money"),
    "organisation": Label("组织", "Organisation"),
    "dirt": Label("数据质量", "Dirt"),
    "dictionary": Label("标签字典", "Tag dictionary"),
    "grading": Label("客户分级", "Customer grading"),
}


@dataclass(frozen=True)
class Planted:
    """One planted truth or defect.

    Parameters
    ----------
    code : stable name.
    group : what it is about.
    where : tables, files and keys where it stands.
    value : the true value; amounts in yuan.
    find : what an analysis must find.
    """

    code: str
    group: Group
    where: str
    value: str
    find: Label
