"""Which classifier to use, decided on training data alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import cross_val_predict

from bizlab.prediction.backtest.metrics import log_losses
from bizlab.prediction.models.classifier import KINDS, MIN_EVENTS, Kind, TagClassifier, folds_for


@dataclass(frozen=True)
class Choice:
    """Which kind of classifier to use, and what that rests on.

    Parameters
    ----------
    kind : the kind chosen.
    log_losses : cross-validated on the training rows, by kind.
    difference, standard_error : boosting minus logistic, paired by customer.
    n_customers, n_events : of the training rows.
    """

    kind: Kind
    log_losses: dict[str, float]
    difference: float
    standard_error: float
    n_customers: int
    n_events: int


def choose(X: Any, y: Any, *, min_events: int = MIN_EVENTS, random_state: int = 0) -> Choice:  # noqa: N803
    """The kind of classifier that training data speak for; the test period is not looked at.

    Boosting is taken only where its cross-validated log loss, calibration included, is lower by more than one
    standard error of the difference paired by customer; otherwise the simpler model stays (the one-standard-error
    rule of Breiman, Friedman, Olshen and Stone, *Classification and Regression Trees*, 1984, section 3.4.3).

    Parameters
    ----------
    X, y, min_events, random_state : as for `TagClassifier`.

    Raises
    ------
    NotAvailableError : as `TagClassifier.fit`.

    >>> import pandas as pd
    >>> x = pd.DataFrame({"n_orders": [0, 1, 2, 3] * 20})
    >>> choice = choose(x, [i // 4 % 4 < i % 4 for i in range(80)])
    >>> choice.kind, choice.n_events
    ('logistic', 30)
    """
    checked = TagClassifier(min_events=max(2, min_events), random_state=random_state).fit(X, y)
    event = (np.asarray(y) == checked.classes_[1]).astype(int)
    folds = folds_for(int(np.bincount(event).min()), random_state)
    losses = {}
    for kind in KINDS:
        model = TagClassifier(kind=kind, min_events=1, random_state=random_state)  # type: ignore[arg-type]
        losses[kind] = log_losses(event, cross_val_predict(model, X, event, cv=folds, method="predict_proba")[:, 1])
    paired = losses["boosting"] - losses["logistic"]
    difference, error = float(paired.mean()), float(paired.std(ddof=1) / np.sqrt(len(paired)))
    return Choice(
        kind="boosting" if difference < -error else "logistic",
        log_losses={kind: float(values.mean()) for kind, values in losses.items()},
        difference=difference,
        standard_error=error,
        n_customers=len(event),
        n_events=int(event.sum()),
    )


def fit_chosen(X: Any, y: Any, *, min_events: int = MIN_EVENTS, random_state: int = 0) -> TagClassifier:  # noqa: N803
    """A classifier of the kind that `choose` takes, fitted on the same rows.

    >>> import pandas as pd
    >>> x = pd.DataFrame({"n_orders": [0, 1, 2, 3] * 20})
    >>> fit_chosen(x, [i // 4 % 4 < i % 4 for i in range(80)]).kind
    'logistic'
    """
    kind = choose(X, y, min_events=min_events, random_state=random_state).kind
    return TagClassifier(kind=kind, min_events=min_events, random_state=random_state).fit(X, y)
