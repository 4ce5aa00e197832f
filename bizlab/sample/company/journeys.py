"""How companies walk through the stages, week by week, by known hazards."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.sample.company.calendar_cn import FIRST, LAST, Days, next_working_day
from bizlab.sample.company.catalogue import CHANNELS
from bizlab.sample.company.draws import generator
from bizlab.sample.planted import truths

Frame: TypeAlias = pd.DataFrame
STAGES = truths.SALES_STAGES
NURTURING, MQL, SQL, CONVERTED = 2, 3, 4, 5
STARTS_AS_TRAFFIC = ("media", "community", "paid")


class Journeys(NamedTuple):
    """Stage entries before the first order (columns company, stage, entered_on), and first orders.

    ``converted_on`` holds a day for each company; companies that did not buy have NaT.
    """

    entries: Frame
    converted_on: Days


def journeys(companies: Frame, seed: int, *, block: int = 0) -> Journeys:
    """Let every company advance, skip, fall back or be lost until it buys or the sample ends.

    In each week a company in a stage goes on with the hazard ADVANCE times its channel's
    multiplier and is lost with the hazard LOSS (competing risks in discrete time).
    """
    rng = generator(seed, "journeys", block)
    created = companies["created_on"].to_numpy("datetime64[D]")
    founding = created < FIRST
    walked = [_founding(np.flatnonzero(founding), created, rng), _walk(companies, np.flatnonzero(~founding), rng)]
    entries = pd.concat(walked, ignore_index=True)
    entries = entries[entries["entered_on"] <= pd.Timestamp(LAST)]
    bought = entries[entries["stage"] == "converted"]
    converted_on = np.full(len(companies), np.datetime64("NaT"), dtype="datetime64[D]")
    converted_on[bought["company"].to_numpy()] = bought["entered_on"].to_numpy("datetime64[D]")
    return Journeys(entries.reset_index(drop=True), converted_on)


def multipliers(companies: Frame) -> NDArray[np.float64]:
    """The channel's factor for each company."""
    kind = companies["channel_id"].map({channel.channel_id: channel.kind for channel in CHANNELS})
    factors: NDArray[np.float64] = kind.map(truths.CHANNEL_MULTIPLIER).to_numpy(np.float64)
    return factors


def _walk(companies: Frame, who: NDArray[np.int64], rng: np.random.Generator) -> Frame:
    kind = companies["channel_id"].map({channel.channel_id: channel.kind for channel in CHANNELS})
    factor = multipliers(companies)[who]
    stage = np.where(kind.isin(STARTS_AS_TRAFFIC).to_numpy()[who], 0, 1)
    day = companies["created_on"].to_numpy("datetime64[D]")[who]
    taken = [_rows(who, np.asarray(STAGES)[stage], day)]
    while len(who):
        advance = np.array([truths.ADVANCE[s] for s in STAGES])[stage] * factor
        loss = np.array([truths.LOSS[s] for s in STAGES])[stage]
        weeks = rng.geometric(advance + loss)
        day = day + 7 * (weeks - 1) + rng.integers(1, 8, len(who))
        lost = rng.random(len(who)) < loss / (advance + loss)
        stage = _next_stage(stage, rng)
        day = np.where(stage == CONVERTED, next_working_day(np.minimum(day, np.datetime64("2026-12-20"))), day)
        names = np.where(lost, "lost", np.asarray([*STAGES, "converted"])[stage])
        taken.append(_rows(who, names, day))
        going = ~lost & (stage < CONVERTED) & (day <= LAST)
        who, stage, day, factor = who[going], stage[going], day[going], factor[going]
    return pd.concat(taken, ignore_index=True)


def _next_stage(stage: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    draw = rng.random(len(stage))
    skips = (stage == 1) & (draw < truths.SKIP_RATE)
    falls_back = (stage == SQL) & (draw < truths.REGRESSION_RATE)
    return np.where(skips, MQL, np.where(falls_back, NURTURING, stage + 1))


def _founding(who: NDArray[np.int64], created: Days, rng: np.random.Generator) -> Frame:
    """Known before the sample begins; they convert from November 2024 to February 2025."""
    converted = next_working_day(FIRST + rng.integers(0, 118, len(who)))
    shares = np.sort(rng.random((len(who), 3)), axis=1)
    span = (converted - created[who]).astype(np.int64)
    rows = [_rows(who, np.full(len(who), "lead"), created[who])]
    for i, stage in enumerate(("nurturing", "mql", "sql")):
        rows.append(_rows(who, np.full(len(who), stage), created[who] + (shares[:, i] * span).astype(np.int64)))
    return pd.concat([*rows, _rows(who, np.full(len(who), "converted"), converted)], ignore_index=True)


def _rows(who: NDArray[np.int64], stage: NDArray[np.str_], day: Days) -> Frame:
    return pd.DataFrame({"company": who, "stage": stage, "entered_on": day.astype("datetime64[s]")})
