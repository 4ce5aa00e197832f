"""What ``scorecard.yaml`` says, and the features of a scorecard in the units in which they are printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bizlab.configuration import Spot, fields, number, whole_number
from bizlab.errors import SettingError
from bizlab.labels import Label, joined
from bizlab.prediction.scorecards.scorecard import Scorecard
from bizlab.units.kinds import REAL, WHOLE, Unit

PLACE = "scorecard"
FEN_PER_UNIT = 1_000_000
_WHOLE = ("n_lessons", "max_bins", "min_cases", "n_bands")
_REAL = ("base_points", "base_odds", "pdo", "min_share", "strength")


@dataclass(frozen=True)
class ScorecardSettings:
    """Settings of a scorecard.

    Parameters
    ----------
    features : tags. n_lessons : earlier dates that it learns from. n_bands : bands into which scores are grouped.
    base_points, base_odds, pdo, max_bins, min_share, min_cases, strength : as for `Scorecard`, whose ``c`` is strength.
    """

    features: tuple[str, ...]
    n_lessons: int
    base_points: float
    base_odds: float
    pdo: float
    max_bins: int
    min_share: float
    min_cases: int
    strength: float
    n_bands: int

    def scorecard(self) -> Scorecard:
        """The scorecard that is to be fitted."""
        return Scorecard(
            base_points=self.base_points,
            base_odds=self.base_odds,
            pdo=self.pdo,
            max_bins=self.max_bins,
            min_share=self.min_share,
            min_cases=self.min_cases,
            c=self.strength,
        )


def parse_scorecard(config: Mapping[str, Any]) -> ScorecardSettings:
    """Read ``scorecard.yaml`` as a plain mapping.

    Raises
    ------
    SettingError : a missing or unknown name, no feature, something that is not a number, or not a whole number from 1
        up where things are counted. Points and odds are checked when fitting.

    >>> parse_scorecard({"features": ["recency_days"], "bands": 5})
    Traceback (most recent call last):
    bizlab.errors.SettingError: 'bands' is not known here. Where: params/scorecard.yaml. ...
    """
    spot = Spot("params/scorecard.yaml", source=config)
    given = fields(config, spot, needed=("features", *_WHOLE, *_REAL))
    features = given["features"]
    if not isinstance(features, list) or not features or len(set(features)) < len(features):
        raise spot.at("features").refuse(f"'{features}' is not a list of features", "name fact tags, each once")
    counts = {name: whole_number(given[name], spot.at(name)) for name in _WHOLE}
    sizes: dict[str, Any] = counts | {name: number(given[name], spot.at(name)) for name in _REAL}
    return ScorecardSettings(tuple(features), **sizes)


def printed_features(tags: pd.DataFrame, settings: ScorecardSettings, units: Mapping[str, Unit]) -> pd.DataFrame:
    """The features of every customer as they are printed on the scorecard.

    Parameters
    ----------
    tags : one row per customer under its id, the features among the columns. units : of the tags.

    Returns
    -------
    Floats: amounts in 万元 to one decimal, scores to whole numbers, all else as it is; missing stays missing.

    Raises
    ------
    SettingError : a feature that is not a tag, or not a number.

    >>> tags = pd.DataFrame({"paid_fen": [12_345_678, None], "cycle_days": [33.6, 20]}, index=["a", "b"])
    >>> settings = ScorecardSettings(("paid_fen", "cycle_days"), 1, 500, 1, 20, 5, 0.05, 0, 1, 5)
    >>> printed_features(tags, settings, {"paid_fen": Unit.FEN, "cycle_days": Unit.SCORE}).loc["a"].tolist()
    [12.3, 34.0]
    """
    printed = {}
    for name in settings.features:
        if name not in tags or units.get(name) not in WHOLE | REAL:
            raise SettingError(
                f"There is no tag '{name}' that is a number",
                place="params/scorecard.yaml, features",
                fix="name a fact tag of params/tags.yaml that counts or measures something",
            )
        values = tags[name].astype("Float64").astype("float64")
        is_amount, is_score = units[name] is Unit.FEN, units[name] is Unit.SCORE
        printed[name] = (values / FEN_PER_UNIT).round(1) if is_amount else values.round() if is_score else values
    return pd.DataFrame(printed, index=tags.index)


def printed_labels(
    settings: ScorecardSettings, tags: Mapping[str, Label], units: Mapping[str, Unit]
) -> dict[str, Label]:
    """What features are called on the scorecard: the tag's name, with the unit where it is not the tag's own."""
    unit = Label("(万元)", " (10,000 yuan)")
    return {
        name: joined([tags[name], unit], between="") if units.get(name) is Unit.FEN else tags[name]
        for name in settings.features
    }
