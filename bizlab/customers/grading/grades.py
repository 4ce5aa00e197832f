"""The value grade of companies (企业用户价值等级): its settings, its fit on a reference period, its use as a tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from bizlab.configuration import Spot, choice, fields, number
from bizlab.contracts.columns import code, column, table, words
from bizlab.customers.grading.grading import ValueGrade, Weighting
from bizlab.customers.grading.hierarchy import comparison_matrix, priorities, read_comparisons
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.periods import Month

QUANTITY, AMOUNT, SETTLEMENT = ROLES = ("quantity", "amount", "settlement")
BUYER = "has_ordered_12m"
NOT_BUYING, UNPAID = "not_buying", "unpaid"
NOT_GRADABLE = words(
    {
        NOT_BUYING: "不可评级:近12个月没有订单 | Not gradable: no orders in 12 months",
        UNPAID: "不可评级:近12个月没有回款 | Not gradable: no payment in 12 months",
    }
)
_MONTHS = 12
_BETTER = words(higher="越大越好 | higher is better", lower="越小越好 | lower is better")

GRADE_FEATURES = table(
    "grade_features",
    "价值等级的构成 | What the value grade is made of",
    "每个指标一行 | one row per feature",
    code("feature", "指标 | Feature"),
    column("better", "方向 | Direction", choices=_BETTER),
    column(
        "weight_rate",
        "权重 | Weight",
        "给定、由参照期的熵算得,或由两两比较得出 | "
        "as given, from the entropy of the reference period, or from pairwise comparisons",
    ),
    column("n_reference", "参照期可评级企业 | Companies in the reference"),
    key="feature",
)


@dataclass(frozen=True)
class GradeSettings:
    """What ``grading.yaml`` says.

    Parameters
    ----------
    features : the tag of each role: quantity, amount, settlement.
    higher_is_better, weights : of each, in the same order.
    grades, shares : best first, with the part of the reference period in each.
    comparisons : how many times as important each role is as each later one (quantity over amount, quantity over
        settlement, amount over settlement); None where the file has none.
    """

    features: tuple[str, ...]
    higher_is_better: tuple[bool, ...]
    weights: tuple[float, ...]
    grades: tuple[str, ...]
    shares: tuple[float, ...]
    comparisons: tuple[float, ...] | None = None

    def feature(self, role: str) -> str:
        return self.features[ROLES.index(role)]

    def estimator(self, weighting: Weighting) -> ValueGrade:
        """The grade that is to be fitted."""
        return ValueGrade(
            weighting=weighting,
            weights=self.weights,
            higher_is_better=self.higher_is_better,
            grades=self.grades,
            shares=self.shares,
            comparisons=self.comparisons,
        )


@dataclass(frozen=True)
class ValueGradeModel:
    """A fitted value grade that gives the tag its value; what cannot be graded has a reason and no grade."""

    settings: GradeSettings
    estimator: ValueGrade

    @property
    def reasons(self) -> dict[str, Label]:
        return dict(NOT_GRADABLE)

    @property
    def labels(self) -> dict[str, Label]:
        """The words of every grade and of what stands beside the grades in tables."""
        grades = {grade: Label(f"{grade}级", f"Grade {grade}") for grade in self.settings.grades}
        return {**grades, **NOT_GRADABLE}

    def __call__(self, inputs: pd.DataFrame) -> pd.DataFrame:
        """Grade customers.

        Parameters
        ----------
        inputs : one row per customer: the three features and ``has_ordered_12m``.

        Returns
        -------
        The same rows: ``value`` (grade) and ``value_reason`` where there is none.
        """
        _refuse_missing(self.settings, inputs)
        graded = self.estimator.grade(_matrix(self.settings, inputs))
        buys = inputs[BUYER].fillna(False).astype(bool)
        value = pd.Series(graded, index=inputs.index, dtype="str").where(buys)
        why = buys.map({True: UNPAID, False: NOT_BUYING}).astype("str").where(value.isna())
        return pd.DataFrame({"value": value, "value_reason": why})

    def because(self, inputs: pd.DataFrame) -> Label:
        """How one customer's grade came about: the score of each feature times its weight, and the cut points.

        Parameters
        ----------
        inputs : as for a call, one row.
        """
        graded = self(inputs)
        if graded["value"].isna().iloc[0]:
            return NOT_GRADABLE[str(graded["value_reason"].iloc[0])]
        scores = self.estimator.feature_scores(_matrix(self.settings, inputs))[0]
        weights = self.estimator.weights_
        parts = [
            f"{weight:.2f} × {score:.3f} ({name})"
            for name, weight, score in zip(self.settings.features, weights, scores, strict=True)
        ]
        total = self.estimator.transform(_matrix(self.settings, inputs))[0, 0]
        cuts = [
            f"{grade} ≥ {cut:.3f}" for grade, cut in zip(self.settings.grades, self.estimator.cut_points_, strict=False)
        ]
        sums = f"{' + '.join(parts)} = {total:.3f}; {', '.join(cuts)}"
        return Label(f"得分 {sums}", f"score {sums}")


def parse_grading(config: Mapping[str, Any]) -> GradeSettings:
    """Read ``grading.yaml`` as a plain mapping.

    Parameters
    ----------
    config : ``features`` (for quantity, amount and settlement: tag, better, weight), ``grades`` (name to share) and,
        where the weighting is ``ahp``, ``comparisons`` (``amount over quantity: 2``, one line a pair).

    Raises
    ------
    SettingError : a missing or unknown name, something that is not a number, or comparisons that contradict one
        another. Totals are checked when fitting.

    >>> parse_grading({"features": {}, "grades": {}})
    Traceback (most recent call last):
    bizlab.errors.SettingError: 'quantity' is missing. Where: params/grading.yaml, features. ...
    """
    spot = Spot("params/grading.yaml", source=config)
    given = fields(config, spot, needed=("features", "grades"), allowed=("comparisons",))
    features, grades = fields(given["features"], spot.at("features"), needed=ROLES), given["grades"]
    for role in ROLES:
        here = spot.at("features").at(role)
        fields(features[role], here, needed=("tag", "better", "weight"))
        choice(features[role]["better"], _BETTER, here.at("better"))
    if not isinstance(grades, Mapping) or len(grades) < 2:
        fix = "give at least two grades, best first, each with its share"
        raise spot.at("grades").refuse("There are fewer than two grades", fix)
    comparisons = None
    if "comparisons" in given:
        # Comparisons that contradict one another are refused here, by the names in the file, not at the fit.
        here = spot.at("comparisons")
        comparisons = read_comparisons(given["comparisons"], here, roles=ROLES)
        priorities(comparison_matrix(comparisons, len(ROLES), place=here.place), names=ROLES, place=here.place)
    return GradeSettings(
        features=tuple(str(features[role]["tag"]) for role in ROLES),
        higher_is_better=tuple(features[role]["better"] == "higher" for role in ROLES),
        weights=tuple(number(features[role]["weight"], spot.at("features").at(role).at("weight")) for role in ROLES),
        grades=tuple(str(grade) for grade in grades),
        shares=tuple(number(share, spot.at("grades").at(grade)) for grade, share in grades.items()),
        comparisons=comparisons,
    )


def reference_end(months: Sequence[str]) -> date:
    """The last day of the reference period, at which its tags are computed.

    The graded totals cover 12 months, so the reference must be 12 months long.

    Parameters
    ----------
    months : first and last month, ``YYYY-MM``.

    Raises
    ------
    SettingError : not 12 months, or no months.

    >>> reference_end(("2024-11", "2025-10")).isoformat()
    '2025-10-31'
    """
    place = "parameter 'grade_reference'"
    first, last = (Month.parse(text, place=place) for text in months)
    if first.shift(_MONTHS - 1) != last:
        raise SettingError(
            f"The reference period {first} to {last} is not {_MONTHS} months long",
            place=place,
            fix=f"the graded totals cover {_MONTHS} months; end it with {first.shift(_MONTHS - 1)}",
        )
    return last.last


def fit_value_grade(reference: pd.DataFrame, settings: GradeSettings, *, weighting: Weighting) -> ValueGradeModel:
    """Fit scale, weights and cut points on the reference period; they stay as they are afterwards.

    Parameters
    ----------
    reference : one row per customer as of the end of the reference period: the features, ``has_ordered_12m``.
    weighting : ``given``, ``quantile``, ``entropy`` or ``ahp``.

    Raises
    ------
    SettingError : a feature that is not a column, weights or shares that do not total 1, ``ahp`` without comparisons.
    DataError : too few gradable customers, or ties that leave a grade empty.
    """
    _refuse_missing(settings, reference)
    if weighting == "ahp" and settings.comparisons is None:
        raise SettingError(
            "The weighting 'ahp' needs comparisons of the features, and there are none",
            place="params/grading.yaml, comparisons",
            fix="write one line for each pair, such as 'amount over quantity: 2'",
        )
    buyers = reference[reference[BUYER].fillna(False).astype(bool)]
    return ValueGradeModel(settings, settings.estimator(weighting).fit(_matrix(settings, buyers)))


def grade_features(model: ValueGradeModel) -> pd.DataFrame:
    """What the grade is made of and how much each part counts: `GRADE_FEATURES`; ``feature`` is the tag id."""
    settings = model.settings
    frame = pd.DataFrame(
        {
            "feature": settings.features,
            "better": ["higher" if higher else "lower" for higher in settings.higher_is_better],
            "weight_rate": model.estimator.weights_,
            "n_reference": model.estimator.n_reference_,
        }
    )
    return GRADE_FEATURES.conform(frame)


def _matrix(settings: GradeSettings, frame: pd.DataFrame) -> Any:
    return frame[list(settings.features)].astype("Float64").to_numpy(dtype="float64", na_value=float("nan"))


def _refuse_missing(settings: GradeSettings, frame: pd.DataFrame) -> None:
    for name in (*settings.features, BUYER):
        if name not in frame:
            raise SettingError(
                f"The value grade reads '{name}', which is not among its inputs",
                place="params/grading.yaml, features",
                fix="name a tag of the dictionary and list it among the inputs of the tag 'value_grade'",
            )
