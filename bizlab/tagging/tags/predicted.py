"""Prediction tags: values that models made from what was known, put beside the tags they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from bizlab.errors import SettingError, some
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import KEY, Reason, Tier
from bizlab.tagging.dictionary.rules import Named
from bizlab.tagging.tags.models import refuse_unlisted
from bizlab.tagging.tags.snapshot import Snapshot, reason_column


@dataclass(frozen=True, eq=False)
class Predicted:
    """A prediction for every customer it applies to.

    Parameters
    ----------
    values : indexed by ``customer_id``, each once: those whom the prediction applies to; missing where it cannot be
        said of one of them.
    otherwise : why a customer that is not among them has no value, by its code.
    undetermined : why one of them has no value, by its code; unlike ``otherwise`` it counts as unknown.
    reasons : the words of every code, and whether it says 'does not apply' (known) or 'cannot be said'.
    account : the method, and what its backtest says: shown wherever the prediction is.
    """

    values: pd.Series
    otherwise: str
    undetermined: str
    reasons: Mapping[str, Reason]
    account: Label


@dataclass(frozen=True)
class PredictedTag:
    """A prediction as the model that a tag names; it gives its account, not values of its own."""

    account: Label
    reasons: Mapping[str, Label]

    def __call__(self, inputs: pd.DataFrame) -> pd.DataFrame:
        raise SettingError(
            "A prediction is not made from one customer's tags alone",
            place=f"inputs {some(list(inputs.columns))}",
            fix="take it from the snapshot, where it stands beside them",
        )

    def because(self, inputs: pd.DataFrame) -> Label:  # noqa: ARG002  the same for every customer
        return self.account


def with_predictions(snapshot: Snapshot, predictions: Mapping[str, Predicted]) -> Snapshot:
    """Add prediction tags to a snapshot of fact and model tags.

    Parameters
    ----------
    predictions : by the name under which the dictionary's rules know them. Tags whose prediction is not among them
        are not computed.

    Returns
    -------
    A new snapshot with the prediction tags beside the others.

    Raises
    ------
    SettingError : a prediction that no tag of the dictionary names.
    ContractError : a value that the dictionary does not list.
    """
    tags = {tag.rule.model: tag for tag in snapshot.dictionary.of_tier(Tier.PREDICTION) if isinstance(tag.rule, Named)}
    unknown = sorted(predictions.keys() - tags.keys())
    if unknown:
        raise SettingError(
            f"No prediction tag names the model {some(unknown)}",
            place="tags",
            fix=f"add a tag with 'rule: {{model: {unknown[0]}}}', or do not compute it",
        )
    frame, reasons = snapshot.frame.copy(), dict(snapshot.reasons)
    for name, prediction in predictions.items():
        tag = tags[name]
        values = frame[KEY].map(prediction.values)
        frame[tag.tag_id] = values.astype(tag.dtype)
        applies = frame[KEY].isin(prediction.values.index)  # noqa: PD011  a field of the prediction
        why = applies.map({True: prediction.undetermined, False: prediction.otherwise}).astype("str")
        frame[f"{tag.tag_id}_reason"] = reason_column(frame[tag.tag_id], why)
        reasons |= prediction.reasons
        refuse_unlisted(tag, frame)
    return replace(snapshot, frame=frame, reasons=reasons)


def predicted_models(predictions: Mapping[str, Predicted]) -> dict[str, PredictedTag]:
    """Predictions under their names, for the derivation of tags."""
    return {
        name: PredictedTag(prediction.account, {code: why.label for code, why in prediction.reasons.items()})
        for name, prediction in predictions.items()
    }
