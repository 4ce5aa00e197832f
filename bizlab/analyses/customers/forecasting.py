"""The predictions of a month as they are computed: from tags and records of its last day and before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from bizlab.analyses.customers import tag_steps
from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.prediction.backtest import tasks
from bizlab.prediction.backtest.backtest import Backtest
from bizlab.prediction.backtest.category import category_backtest, next_lines
from bizlab.prediction.backtest.tasks import Task
from bizlab.prediction.models.bg_bb import fit_bg_bb, identified, repeat_months
from bizlab.prediction.models.buying import VARIANTS, BuyingModel, fit_buying_model
from bizlab.prediction.models.gamma_gamma import GammaGamma, fit_gamma_gamma
from bizlab.prediction.models.likelihood import Fit
from bizlab.prediction.models.purchases import repeat_purchases
from bizlab.prediction.models.refusals import REFUSALS, NotAvailableError, Refusal
from bizlab.prediction.models.renewal_cohorts import CohortModels, fit_cohorts
from bizlab.prediction.models.renewals import renewal_histories
from bizlab.run.kept.step import Given
from bizlab.tagging.dictionary.dictionary import KEY, Reason, parse_dictionary
from bizlab.tagging.tags.predicted import Predicted

TASKS = ("conversion", "churn", "purchases", "spending", "renewal")
CATEGORY = "category"
PREDICTIONS = ("conversion", "churn", "purchases", "alive", "spending", "renewal", CATEGORY)
"""What is predicted, by the name that the tags' rules give it."""
N_ORIGINS = 3
RENEWAL_HORIZONS = 2
"""A renewal is judged over two horizons: one would leave few periods that end within it and are not yet decided."""
BUYING = ("purchases", "alive")
"""Predictions that come straight from the model of repeat purchases, whose name they give."""
NOT_AT_RISK = {
    "has_ordered": Label("已下过单", "has ordered before"),
    "not_active": Label("近一年没有订单", "no orders within a year"),
    "no_hardware": Label("没有采购过设备", "never bought hardware"),
    "no_running": Label("没有运行中的订阅", "no running subscription"),
    "no_order": Label("没有订单", "no orders"),
}
UNDETERMINED = {
    "no_value": Label("模型给不出数值", "the model gives no figure here"),
    "bought_once": Label("只买过一次,模型无从判断", "bought once: the model cannot tell"),
    "ends_soon": Label(
        f"{tasks.EARLY_DAYS}天内到期:愿续者多已签,不作预测",
        f"ends within {tasks.EARLY_DAYS} days: who means to renew has mostly signed, so nothing is predicted",
    ),
}
REASONS = {
    **{code: Reason(label, is_known=True) for code, label in NOT_AT_RISK.items()},
    **{code: Reason(label, is_known=False) for code, label in (UNDETERMINED | REFUSALS).items()},
}
NOT_TESTED = Label(
    "未单独回测:企业是否已停止采购无从观察,只能检验由它推出的采购次数",
    "not tested by itself: nobody sees who has stopped; only the purchases that follow from it are tested",
)
Values = Callable[[], "pd.Series[float]"]


class Maker(NamedTuple):
    """How a prediction is made.

    Parameters
    ----------
    values : of those it applies to. otherwise : why others have none.
    tested : the task that proves it; None where nothing can. undetermined : why some of those it applies to have none.
    """

    values: Values
    otherwise: str
    tested: str | None
    undetermined: str = "no_value"


class Forecasting:
    """Every prediction of a month, each made once.

    Parameters
    ----------
    given : tables, tags and parameters as of the month's last day; at earlier dates they are cut there again.
    """

    def __init__(self, given: Given) -> None:
        self.given, self.as_of, self.horizon_days = given, given.as_of, given.parameter("horizon_days")
        self.orders, self.subscriptions = given.load("orders"), given.load("subscriptions")
        self.customers = given.load("customers")
        hardware = given.choices("product_lines").where("is_hardware")
        self.hardware = self.orders[self.orders["product_line"].isin(hardware)]

    def tags(self, day: date) -> pd.DataFrame:
        """Fact and model tags as of a day, one row per customer.

        Raises
        ------
        NotAvailableError : no company was known by then.
        """
        if not (self.customers["created_on"] <= pd.Timestamp(day)).any():
            raise NotAvailableError(
                "no company was known",
                reason="too_few_customers",
                place=f"tags as of {day}",
                fix="take a later month or a shorter horizon",
            )
        return tag_steps.tags_on(self.given, day).frame.set_index(KEY)

    @cached_property
    def tasks(self) -> dict[str, Task]:
        """What is predicted, by the name that the tags' rules give it."""
        days, end = self.horizon_days, self.as_of
        convert, stay = self._features("conversion_rate"), self._features("silence_rate")
        people = (self.orders, self.customers)
        return {
            "conversion": tasks.conversion(
                convert, *people, segment="decision_access", horizon_days=days, observed_until=end
            ),
            "churn": tasks.churn(stay, *people, segment="activity_stage", horizon_days=days, observed_until=end),
            "purchases": tasks.purchases(self.hardware, horizon_days=days, observed_until=end),
            "spending": tasks.spending(self.hardware, horizon_days=days, observed_until=end),
            "renewal": tasks.renewal(
                self.subscriptions,
                horizon_days=days * RENEWAL_HORIZONS,
                observed_until=end,
                cohort_month=self.given.parameter("cohort_month"),
                confidence=self.given.parameter("confidence"),
            ),
        }

    def tested(self, name: str) -> Backtest:
        """One task at the last three dates whose horizon is over."""
        confidence = self.given.parameter("confidence")
        if name != CATEGORY:
            task = self.tasks[name]
            return task.backtest(self._origins(task.horizon_days), confidence=confidence)
        return category_backtest(
            self.orders,
            self._groups,
            origins=self._origins(self.horizon_days),
            horizon_days=self.horizon_days,
            observed_until=self.as_of,
            confidence=confidence,
        )

    def forecast(self, name: str, tested: Callable[[str], Backtest]) -> Predicted:
        """One prediction as of the month's last day, by the name that the tags' rules give it.

        Parameters
        ----------
        tested : gives the backtest of a task, which is told beside the prediction.
        """
        maker = self._makers[name]
        account = NOT_TESTED if maker.tested is None else tested(maker.tested).statement
        return _predicted(maker, self._with_model(account) if name in BUYING else account)

    @cached_property
    def _makers(self) -> dict[str, Maker]:
        newcomers, active = ~self._buyers("n_orders"), self._buyers("has_ordered_12m")
        return {
            "conversion": Maker(lambda: self._at_risk("conversion", newcomers), "has_ordered", "conversion"),
            "churn": Maker(lambda: self._at_risk("churn", active), "not_active", "churn"),
            "purchases": Maker(lambda: self.tasks["purchases"].predict(self.as_of), "no_hardware", "purchases"),
            "alive": Maker(self._alive, "no_hardware", None, "bought_once"),
            "spending": Maker(self._amounts, "no_hardware", "spending"),
            "renewal": Maker(self._renewal, "no_running", "renewal", "ends_soon"),
            "category": Maker(self._category, "no_order", "category"),
        }

    @cached_property
    def buying(self) -> BuyingModel:
        """The model of repeat hardware purchases as of the month's last day."""
        return fit_buying_model(repeat_purchases(self.hardware, as_of=self.as_of))

    @cached_property
    def value(self) -> GammaGamma:
        """The model of what a hardware purchase is worth as of the month's last day."""
        return fit_gamma_gamma(repeat_purchases(self.hardware, as_of=self.as_of))

    @cached_property
    def _histories(self) -> pd.DataFrame:
        return renewal_histories(
            self.subscriptions, as_of=self.as_of, cohort_month=self.given.parameter("cohort_month")
        )

    @cached_property
    def cohorts(self) -> CohortModels:
        """The models of renewal by cohort as of the month's last day."""
        return fit_cohorts(self._histories, confidence=self.given.parameter("confidence"))

    def fitted(self) -> tuple[dict[str, Fit], dict[str, Refusal]]:
        """The fitted models by name, and why others were not."""
        makers: dict[str, Callable[[], dict[str, Fit]]] = {
            "BG/NBD": lambda: {VARIANTS[self.buying.variant].en: self.buying.fit},
            "Gamma-Gamma": lambda: {"Gamma-Gamma": self.value.fit},
            "sBG": lambda: {f"sBG {cohort}": fit for cohort, fit in self.cohorts.fits.items()},
            "BG/BB (all orders)": lambda: {"BG/BB (all orders)": self._monthly(self.orders, "months with an order")},
            "BG/BB (hardware)": lambda: {"BG/BB (hardware)": self._monthly(self.hardware, "months of hardware orders")},
        }
        fits: dict[str, Fit] = {}
        refused: dict[str, Refusal] = {}
        for name, make in makers.items():
            try:
                fits |= make()
            except DataError as fault:
                refused[name] = Refusal.of(fault)
        return fits, refused

    def _monthly(self, orders: pd.DataFrame, place: str) -> Fit:
        """Whether a company orders in a month, month after month."""
        return identified(fit_bg_bb(repeat_months(orders, as_of=self.as_of), place=place), place=place)

    def _origins(self, horizon_days: int) -> list[date]:
        """The last dates whose horizon is over, a horizon of the month apart."""
        back = range(N_ORIGINS - 1, -1, -1)
        return [self.as_of - timedelta(days=horizon_days + self.horizon_days * n) for n in back]

    def _groups(self, day: date) -> pd.DataFrame:
        """What a customer's next line depends on, and the segment of its baseline."""
        tags = self.tags(day)[["has_subscription", "industry"]]
        return tags.set_axis(["group", "segment"], axis=1)

    def _features(self, tag_id: str) -> Callable[[date], pd.DataFrame]:
        """The inputs that the dictionary gives a prediction, as of a date: nothing else reaches the model."""

        dictionary = parse_dictionary(self.given.config("tags"))

        def features(day: date) -> pd.DataFrame:
            return self.tags(day)[list(dictionary.on(day)[tag_id].inputs)]

        return features

    def _buyers(self, tag_id: str) -> pd.Series[bool]:
        return self.tags(self.as_of)[tag_id].astype(bool)

    def _at_risk(self, name: str, who: pd.Series[bool]) -> pd.Series[float]:
        predicted = self.tasks[name].predict(self.as_of)
        return predicted[who.reindex(predicted.index).to_numpy()]

    def _amounts(self) -> pd.Series[float]:
        """Whole fen; the task speaks in yuan."""
        return (self.tasks["spending"].predict(self.as_of) * tasks.FEN_PER_YUAN).round()

    def _alive(self) -> pd.Series[float]:
        """Missing for who bought once where the model lets nobody drop out after the first purchase: it would say 1."""
        summary = repeat_purchases(self.hardware, as_of=self.as_of)
        alive = pd.Series(self.buying.probability_alive(summary), index=summary[KEY])
        return alive.mask((summary["n_repeat"] == 0).to_numpy() & (self.buying.variant == "bg_nbd"))

    def _renewal(self) -> pd.Series[float]:
        """Of the subscription of each customer that ends next; missing where that is too soon to be predicted."""
        histories = self._histories.set_index("subscription_id")
        running = histories[~histories["is_ended"] & (histories["last_on"] >= pd.Timestamp(self.as_of))]
        soonest = running.sort_values(["last_on"], kind="stable").drop_duplicates(KEY)
        rates = self.tasks["renewal"].predict(self.as_of).reindex(soonest.index)
        return pd.Series(rates.to_numpy(), index=soonest[KEY])

    def _category(self) -> pd.Series[float]:
        table = next_lines(self.orders, self._groups, as_of=self.as_of, horizon_days=self.horizon_days)
        return table.set_index(KEY)["preferred_line"].dropna()

    def _with_model(self, account: Label) -> Label:
        try:
            name = VARIANTS[self.buying.variant]
        except DataError:
            return account
        return Label(f"{name.zh};{account.zh}", f"{name.en}; {account.en}")


def _predicted(maker: Maker, account: Label) -> Predicted:
    """A prediction, or why there is none: what cannot be predicted is said, not guessed."""
    try:
        return Predicted(maker.values(), maker.otherwise, maker.undetermined, REASONS, account)
    except DataError as fault:
        reason = Refusal.of(fault).reason
        empty = pd.Series([], index=pd.Index([], name=KEY), dtype="float64")
        return Predicted(empty, reason, reason, REASONS, Label(f"无法预测:{REFUSALS[reason].zh}", str(fault)))
