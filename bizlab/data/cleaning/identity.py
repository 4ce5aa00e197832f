"""How a company's name and credit code read once the ways of writing them are set aside."""

from __future__ import annotations

import re
from typing import NamedTuple

from bizlab.units.parse import fold_width

_SUFFIX = re.compile(r"(?:股份有限公司|集团有限公司|有限责任公司|有限公司|股份公司|集团公司|公司)$")
_BRACKETS = re.compile(r"[()\[\]【】〔〕]")
_BLANKS = re.compile(r"\s+")
_PROVINCE = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    "|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_RANK = "省|市|壮族自治区|回族自治区|维吾尔自治区|自治区"
_PREFIX = re.compile(rf"^(?:(?:{_PROVINCE})(?:{_RANK})?)?(?:[\u4e00-\u9fff]{{2,4}}?市)?(?=..)")


def name_core(name: str) -> str:
    """A company's name without what people write in different ways: width, blanks, brackets, suffix.

    >>> name_core("云岭 泵业（中国）有限公司") == name_core("云岭泵业(中国)有限责任公司")
    True
    """
    folded = _BLANKS.sub("", _BRACKETS.sub("", fold_width(name)))
    return _SUFFIX.sub("", folded).casefold() or folded.casefold()


class Placed(NamedTuple):
    """A name core in two parts: the place before it, without words such as 省 and 市, and the rest."""

    place: str
    rest: str


def placed(core: str) -> Placed:
    """The place before a name core and what follows it.

    >>> placed("浙江省杭州市云岭泵业"), placed("云岭泵业").place
    (Placed(place='浙江杭州', rest='云岭泵业'), '')
    """
    prefix = _PREFIX.match(core)
    end = prefix.end() if prefix else 0
    return Placed(re.sub(_RANK, "", core[:end]), core[end:])


def written_code(code: str) -> str:
    """A credit code without what people write in different ways: width, blanks, hyphens, small letters.

    >>> written_code(" 91350100-m000１00y43 ")
    '91350100M000100Y43'
    """
    return re.sub(r"[\s-]", "", fold_width(code)).upper()
