"""The companies in the CRM: customers, leads and their contacts. All names and codes are made up."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.sample.company.calendar_cn import FIRST, LAST
from bizlab.sample.company.catalogue import CHANNELS
from bizlab.sample.company.draws import generator, numbered, pick
from bizlab.sample.planted.truths import N_COMPANIES, N_CONTACTS, N_FOUNDING
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame

PLACES = {
    "east": ("沪淞", "苏湾", "浙屏", "宁澜", "锡川", "杭越", "皖江", "甬舟"),
    "south": ("粤岭", "穗港", "深汇", "莞城", "珠澜", "桂岭"),
    "north": ("京畿", "津卫", "冀原", "鲁岳", "晋岭", "青岛湾"),
    "southwest": ("蜀江", "渝岭", "黔山", "滇池"),
}
FIRST_SYLLABLES = "恒瑞华盛鼎泰远宏天锐新博永正中科大成立信金汇海诺东昊南翔北辰国康嘉越凯旋"
SECOND_SYLLABLES = "达源通泽力创丰邦和润捷诚兴隆晟铭禾佳昌安峰岳航宇腾飞驰明光程"
TRADES = {
    "machinery": ("重工机械", "精密机械", "传动设备", "机床"),
    "chemicals": ("化工", "新材料", "精细化学", "石化"),
    "metals": ("钢铁", "有色金属", "特钢", "铝业"),
    "power": ("能源", "热电", "电力", "新能源"),
    "food": ("食品", "乳业", "饮料", "粮油"),
    "paper": ("纸业", "包装", "印务包装"),
    "water": ("水务", "环保", "水处理"),
    "rail": ("轨道装备", "轨道交通", "车辆"),
}
INDUSTRY_WEIGHTS = {
    "machinery": 22,
    "chemicals": 16,
    "metals": 13,
    "power": 12,
    "food": 12,
    "paper": 9,
    "water": 9,
    "rail": 7,
}
REGION_WEIGHTS = {"east": 38, "south": 25, "north": 23, "southwest": 14}
CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
POSITIONS = {
    "kp": ("总经理", "设备副总", "采购总监", "生产总监"),
    "user": ("点检员", "设备工程师", "维修班长", "数据专员"),
}


def customers(seed: int, *, scale: int = 1, block: int = 0) -> Frame:
    """The table ``customers``: the first 130 a scale are the founding customers."""
    rng = generator(seed, "customers", block)
    n = N_COMPANIES * scale
    founding = np.arange(n) < N_FOUNDING * scale
    industry = pick(rng, list(INDUSTRY_WEIGHTS), list(INDUSTRY_WEIGHTS.values()), n)
    region = pick(rng, list(REGION_WEIGHTS), list(REGION_WEIGHTS.values()), n)
    size = np.exp(rng.normal(5.2, 1.0, n)).astype(np.int64) + 8
    frame = pd.DataFrame(
        {
            "customer_id": numbered(str(block or ""), n, first=101),
            "name": _names(rng, industry, region),
            "credit_code": credit_codes(rng, n),
            "industry": industry,
            "region": region,
            "founded_on": np.datetime64("1985-01-01") + rng.integers(0, 13_500, n),
            "n_employees": size,
            "revenue_fen": (size * np.exp(rng.normal(4.1, 0.5, n))).astype(np.int64) * 1_000_000,
            "capital_fen": np.maximum(size * rng.integers(2, 40, n) // 10, 1) * 10 * 1_000_000,
            "n_active_users": rng.poisson(np.minimum(size / 60, 25) + 1),
            "rating": rng.choice([1, 2, 3, 4, 5], size=n, p=[0.03, 0.07, 0.25, 0.40, 0.25]),
            "channel_id": _channels(rng, founding),
            "created_on": _created(rng, founding),
        }
    )
    return TABLES["customers"].conform(_with_gaps(frame, rng))


def contacts(companies: Frame, buyers: NDArray[np.int64], seed: int, *, block: int = 0) -> Frame:
    """The table ``contacts``: a decision maker at every buyer, users and others elsewhere.

    Parameters
    ----------
    companies : the table ``customers``.
    buyers : row numbers of the companies that bought.
    """
    rng = generator(seed, "contacts", block)
    n = N_CONTACTS * len(companies) // N_COMPANIES
    others = rng.integers(0, len(companies), n - len(buyers))
    at = np.concatenate([buyers, others])
    role = np.where(np.arange(n) < len(buyers), "kp", pick(rng, ["kp", "user"], [1, 3], n))
    position = [POSITIONS[r][i] for r, i in zip(role, rng.integers(0, 4, n), strict=True)]
    created = companies["created_on"].to_numpy("datetime64[D]")[at] + rng.integers(0, 60, n)
    frame = pd.DataFrame(
        {
            "contact_id": numbered(f"K{block or ''}", n, width=5),
            "customer_id": companies["customer_id"].to_numpy()[at],
            "role": role,
            "position": pd.Series(position).where(rng.random(n) > 0.04, None),
            "created_on": np.minimum(created, LAST),
        }
    )
    return TABLES["contacts"].conform(frame)


def channels() -> Frame:
    """The table ``channels``."""
    return TABLES["channels"].conform(
        pd.DataFrame([channel[:3] for channel in CHANNELS], columns=list(TABLES["channels"].names))
    )


def credit_codes(rng: np.random.Generator, n: int) -> pd.Series[str]:
    """Unified social credit codes with right check characters and regions that do not exist (99xx00)."""
    body = rng.integers(0, 10, (n, 8))
    check = (11 - (body * np.array(ORGANISATION_WEIGHTS)).sum(axis=1) % 11) % 11
    places = rng.integers(0, 100, n)
    seventeen = pd.Series(
        [
            f"9199{place:02d}00{''.join(map(str, digits))}{'X' if last == 10 else last}"
            for place, digits, last in zip(places, body, check, strict=True)
        ]
    )
    return seventeen + seventeen.map(check_character)


def check_character(seventeen: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015, 4.2).

    >>> check_character("91350100M000100Y4")
    '3'
    """
    total = sum(CODE_CHARACTERS.index(c) * pow(3, i, 31) for i, c in enumerate(seventeen))
    return CODE_CHARACTERS[(31 - total % 31) % 31]


def _names(rng: np.random.Generator, industry: NDArray[np.str_], region: NDArray[np.str_]) -> pd.Series[str]:
    n = len(industry)
    first, second = rng.integers(0, len(FIRST_SYLLABLES), n), rng.integers(0, len(SECOND_SYLLABLES), n)
    at_place, at_trade = rng.integers(0, 120, n), rng.integers(0, 120, n)
    names = [
        PLACES[r][p % len(PLACES[r])] + FIRST_SYLLABLES[a] + SECOND_SYLLABLES[b] + TRADES[i][t % len(TRADES[i])]
        for r, p, a, b, i, t in zip(region, at_place, first, second, industry, at_trade, strict=True)
    ]
    plain = pd.Series(names)
    repeated = plain.groupby(plain).cumcount()
    numerals = pd.Series(list("二三四五六七八九十")).reindex(range(-1, 9))
    which = numerals.to_numpy()[np.minimum(repeated, 9)]
    marked = plain.where(repeated == 0, plain + "第" + pd.Series(which).fillna("").to_numpy() + "厂")
    return marked + pick(rng, ["有限公司", "股份有限公司", "集团有限公司"], [8, 1.5, 0.5], n)


def _channels(rng: np.random.Generator, founding: NDArray[np.bool_]) -> NDArray[np.str_]:
    drawn = pick(rng, [c.channel_id for c in CHANNELS], [c.weight for c in CHANNELS], len(founding))
    founders: NDArray[np.str_] = np.where(founding, np.where(rng.random(len(founding)) < 0.5, "CH01", "CH02"), drawn)
    return founders


def _created(rng: np.random.Generator, founding: NDArray[np.bool_]) -> NDArray[Any]:
    """Leads arrive ever faster: twice as many at the end as at the start."""
    n = len(founding)
    share = (-1 + np.sqrt(1 + 3 * rng.random(n))) * (int((LAST - FIRST).astype(int)) + 1)
    created = FIRST + share.astype(np.int64)
    early = np.datetime64("2024-03-01") + rng.integers(0, 200, n)
    return np.where(founding, early, created)


def _with_gaps(frame: Frame, rng: np.random.Generator) -> Frame:
    shares = {
        "credit_code": 0.15,
        "founded_on": 0.08,
        "n_employees": 0.06,
        "revenue_fen": 0.30,
        "capital_fen": 0.10,
        "n_active_users": 0.35,
        "rating": 0.45,
    }
    gapped = frame.copy()
    for name, share in shares.items():
        gapped[name] = frame[name].where(rng.random(len(frame)) >= share)
    return gapped
