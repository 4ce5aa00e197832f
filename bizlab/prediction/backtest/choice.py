"""Which classifier to use, decided on training data alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import cross_val_predict

from bizlab.prediction.backtest.metrics import log_losses
from bizlab.prediction.models.classifier import Kind, TagClassifier, folds_for


def choose(X: Any, y: Any) -> Kind:  # noqa: N803
    """The kind of classifier that training data speak for; the test period is not looked at.

    Boosting is taken only where its cross-validated log loss, calibration included, is lower by more than one
    standard error of the difference paired by customer; otherwise the simpler model stays (the one-standard-error
    rule of Breiman, Friedman, Olshen and Stone, *Classification and Regression Trees*, 1984, section 3.4.3).

    Parameters
    ----------
    X, y : as for `TagClassifier.fit`.

    Raises
    ------
    NotAvailableError : as `TagClassifier.fit`.

    >>> import pandas as pd
    >>> x = pd.DataFrame({"n_orders": [0, 1, 2, 3] * 20})
    >>> choose(x, [i // 4 % 4 < i % 4 for i in range(80)])
    'logistic'
    """
    checked = TagClassifier().fit(X, y)
    event = (np.asarray(y) == checked.classes_[1]).astype(int)
    folds = folds_for(int(np.bincount(event).min()), random_state=0)

    def losses(kind: Kind) -> Any:
        model = TagClassifier(kind=kind, min_events=1)
        return log_losses(event, cross_val_predict(model, X, event, cv=folds, method="predict_proba")[:, 1])

    paired = losses("boosting") - losses("logistic")
    return "boosting" if paired.mean() < -paired.std(ddof=1) / np.sqrt(len(paired)) else "logistic"


def fit_chosen(X: Any, y: Any) -> TagClassifier:  # noqa: N803
    """A classifier of the kind that `choose` takes, fitted on the same rows.

    >>> import pandas as pd
    >>> x = pd.DataFrame({"n_orders": [0, 1, 2, 3] * 20})
    >>> fit_chosen(x, [i // 4 % 4 < i % 4 for i in range(80)]).kind
    'logistic'
    """
    return TagClassifier(kind=choose(X, y)).fit(X, y)
