"""The choice between a straight line and trees, on planted truths of both kinds."""

import numpy as np
import pandas as pd
import pytest

from bizlab.prediction.backtest.choice import choose
from bizlab.prediction.models.refusals import NotAvailableError


def test_the_straight_line_is_kept_where_the_truth_is_one_and_trees_where_it_is_not():
    rng = np.random.default_rng(2)
    x = pd.DataFrame(rng.normal(size=(600, 2)), columns=["a", "b"])
    straight = choose(x, rng.random(600) < 1 / (1 + np.exp(-1.5 * x["a"])))
    crossed = choose(x, rng.random(600) < np.where(x["a"] * x["b"] > 0, 0.9, 0.1))
    assert (straight, crossed) == ("logistic", "boosting")


def test_a_choice_from_too_few_is_refused():
    x = pd.DataFrame({"a": range(60)})
    with pytest.raises(NotAvailableError, match="fewer than 20"):
        choose(x, np.arange(60) < 4)
