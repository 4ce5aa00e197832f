"""Why a prediction is not available: a code, its words, and the error that carries it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bizlab.contracts.columns import words
from bizlab.errors import DataError
from bizlab.labels import Label

REFUSALS: dict[str, Label] = words(
    one_class="训练期结果全部相同 | all outcomes of the training period are the same",
    too_few_events="训练期发生数太少 | too few events in the training period",
    no_feature="没有可用的特征 | no feature varies",
    not_observed="观察期未满 | the horizon is not over",
    before_records="当时还没有订单记录 | the orders on record begin later",
    not_fitted="模型未能拟合 | the model could not be fitted",
    no_maximum="似然没有可证明的最大值 | the likelihood has no maximum that could be proved",
    not_determined="数据几乎不能确定参数:95% 区间跨度超过一万倍 | "
    "the data hardly determine a parameter: its 95 % interval spans more than a factor of 10,000",
    too_few_customers="可比较的客户太少 | too few customers to compare",
    too_few_to_compare="检验期发生数太少 | too few events in the test period",
    one_outcome="结果全部相同,无从比较 | all outcomes are the same, nothing to compare",
)


class NotAvailableError(DataError, ValueError):
    """A prediction that is not made because the data do not carry it; also a ValueError, as scikit-learn expects.

    ``reason`` is a code of `REFUSALS`, ``parameters`` names those of a fit that it is about.

    >>> error = NotAvailableError("3 events", reason="too_few_events", place="churn", fix="wait")
    >>> str(error), error.reason
    ('Not available: 3 events. Where: churn. Fix: wait.', 'too_few_events')
    """

    def __init__(self, why: str, *, reason: str, place: str, fix: str, parameters: Sequence[str] = ()) -> None:
        self.reason, self.parameters = reason, tuple(parameters)
        super().__init__(f"Not available: {why}", place=place, fix=fix)


class Refusal(NamedTuple):
    """Why a model is not available: a code of `REFUSALS`, the parameters that it is about, and the whole message.

    >>> Refusal.of(DataError("The orders end", place="orders", fix="wait")).reason
    'not_fitted'
    """

    reason: str
    parameters: tuple[str, ...]
    message: str

    @classmethod
    def of(cls, fault: DataError) -> Refusal:
        """What an error says."""
        if isinstance(fault, NotAvailableError):
            return cls(fault.reason, fault.parameters, str(fault))
        return cls("not_fitted", (), str(fault))
