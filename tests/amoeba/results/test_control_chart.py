"""Warning limits of amoebas: who is judged, by which months, and how often chance would say the same."""

import pandas as pd
import pytest

from bizlab.amoeba.results.control_chart import CHANCE, CONTROL, begun_anew, chance, control_chart, control_findings
from bizlab.errors import SettingError
from bizlab.periods import Month
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table
from bizlab.statistics.control_charts import false_alarms, individuals_limits

CALM = [10.0, 12.0, 11.0, 13.0, 12.0, 11.0, 10.0, 12.0, 11.0, 13.0, 12.0, 11.0]


def months_of(unit_id, values, *, base=6000, measure="value_per_hour"):
    months = [f"{2025 + n // 12}-{n % 12 + 1:02d}" for n in range(len(values))]
    frame = pd.DataFrame({"unit_id": unit_id, "month": months, measure: values, "base": base})
    return frame.assign(**{f"{measure}_reason": frame[measure].isna().map({True: "no_hours", False: None})})


def test_a_month_is_judged_by_the_limits_of_the_first_twelve():
    """30 yuan in the 13th month, in 100 hours: beyond the limits, and worth the distance times the hours."""
    chart = control_chart(months_of("t", [*CALM, 30.0]), "value_per_hour").iloc[-1]
    limits = individuals_limits(CALM)
    assert chart[["centre", "lower", "upper"]].tolist() == [limits.centre, limits.lower, limits.upper]
    assert chart[["status", "side", "rule", "base_first", "base_last"]].tolist() == [
        "signal", "above", "beyond_limits", "2025-01", "2025-12",
    ]  # fmt: skip
    assert chart["effect_fen"] == pytest.approx((30 - limits.centre) * 100, abs=0.5)


def test_an_effect_on_a_margin_is_in_sales():
    values = [value / 100 for value in [*CALM, 3.0]]
    chart = control_chart(months_of("t", values, base=1_000_000, measure="net_margin_rate"), "net_margin_rate")
    assert chart["effect_fen"].iloc[-1] == pytest.approx((0.03 - sum(CALM) / 1200) * 1_000_000, abs=0.5)
    assert chart["side"].iloc[-1] == "below"


def test_where_nothing_can_be_judged_the_status_says_why():
    rows = pd.concat([
        months_of("new", [1.0] * 7 + [9.0]), months_of("idle", [float("nan")] * 3), months_of("flat", [4.0] * 8 + [9.0])
    ])  # fmt: skip
    chart = control_chart(rows.reset_index(drop=True), "value_per_hour")
    CONTROL["value_per_hour"].verify(chart)
    assert chart.groupby("unit_id")["status"].agg(list).to_dict() == {
        "new": ["too_few"] * 8, "idle": ["undefined"] * 3, "flat": ["too_few"] * 8 + ["flat"],
    }  # fmt: skip
    assert chart.loc[chart["status"] != "flat", ["centre", "rule", "effect_fen"]].isna().all(axis=None)


def test_months_without_a_value_are_passed_over_and_later_ones_change_nothing(unchanged):
    rows = months_of("t", [*CALM[:4], float("nan"), *CALM[4:], 30.0, 90.0])
    with unchanged(rows):
        chart = control_chart(rows, "value_per_hour")
    assert chart["base_last"].iloc[-2] == "2026-01", "twelve months with a value"
    earlier = control_chart(rows.iloc[:-1], "value_per_hour")
    pd.testing.assert_frame_equal(chart.iloc[:-1], earlier)
    shuffled = control_chart(rows.sample(frac=1, random_state=1), "value_per_hour")
    pd.testing.assert_frame_equal(shuffled.sort_values("month", ignore_index=True), chart)


def test_the_base_begins_anew_where_the_process_was_changed_on_purpose():
    """A new line from 2026-01 doubles F: against the first year every month signals, against its own level none."""
    doubled = [2 * value for value in CALM]
    rows = months_of("t", [*CALM, *doubled, 60.0])
    kept = control_chart(rows, "value_per_hour")
    assert kept[["status", "n_run"]].iloc[-2].tolist() == ["signal", 12], "a level that has moved"
    anew = control_chart(rows, "value_per_hour", anew=[Month(2026, 1)])
    CONTROL["value_per_hour"].verify(anew)
    pd.testing.assert_frame_equal(anew.iloc[:12], kept.iloc[:12])
    assert anew["status"].iloc[12:].tolist() == ["too_few"] * 8 + ["within"] * 4 + ["signal"]
    assert anew[["centre", "base_first"]].iloc[-1].tolist() == [sum(doubled) / 12, "2026-01"]
    chances = chance({"value_per_hour": anew}, month="2027-01").set_index("scope")
    rates = false_alarms(13)
    assert chances["n_runs"].tolist() == [0, 0]
    assert chances["n_expected"].tolist() == pytest.approx([rates[12], sum(rates[:12]) + sum(rates)])
    of_kept = chance({"value_per_hour": kept}, month="2026-12").set_index("scope")
    assert of_kept.loc["month", ["n_signals", "n_runs"]].tolist() == [1, 1]


def test_limits_begin_anew_in_months_alone():
    assert begun_anew(["2026-01"]) == [Month(2026, 1)]
    with pytest.raises(SettingError, match="limits_from"):
        begun_anew(["January"])


def test_signals_stand_beside_what_chance_would_give():
    units = [months_of(f"u{n}", [*CALM, 30.0 if n == 0 else 11.5]) for n in range(5)]
    chart = control_chart(pd.concat([*units, months_of("new", CALM[:7])], ignore_index=True), "value_per_hour")
    chances = chance({"value_per_hour": chart}, month="2026-01").set_index("scope")
    rates = false_alarms(13)
    assert chances.loc["month", ["n_judged", "n_signals"]].tolist() == [5, 1]
    assert chances.loc["month", "n_expected"] == pytest.approx(5 * rates[12])
    assert chances.loc["history", "n_judged"] == 5 * 5
    assert chances.loc["history", "n_expected"] == pytest.approx(5 * sum(rates))
    CHANCE.verify(chances.reset_index())


def test_findings_name_unit_rule_and_money_and_what_chance_gives():
    units = [months_of("up", [*CALM, 30.0]), months_of("down", [*CALM, -9.0]), months_of("calm", [*CALM, 11.5])]
    chart = control_chart(pd.concat(units, ignore_index=True), "value_per_hour")
    charts = {"value_per_hour": chart}
    now = chart[chart["month"] == "2026-01"]
    chances = chance(charts, month="2026-01")
    shown = [
        shown_table(now, CONTROL["value_per_hour"], key="control_value_per_hour"),
        shown_table(chances, CHANCE, key="chance"),
    ]
    findings = control_findings(charts, chances, month="2026-01")
    by_key = {statement.key: statement for statement in statements(findings, Figures(shown))}
    assert set(by_key) == {"chance-value_per_hour", "signal-value_per_hour-up", "signal-value_per_hour-down"}
    assert by_key["signal-value_per_hour-down"].direction == "bad"
    assert by_key["signal-value_per_hour-down"].material
    assert "2 of 3 amoebas signal" in by_key["chance-value_per_hour"].text().en
    assert "beyond 3 sigma" in by_key["signal-value_per_hour-up"].text().en


def test_without_a_month_that_can_be_judged_nothing_is_found():
    charts = {"value_per_hour": control_chart(months_of("new", CALM[:3]), "value_per_hour")}
    chances = chance(charts, month="2025-03")
    assert control_findings(charts, chances, month="2025-03") == []
    assert chances["n_judged"].tolist() == [0, 0]
    empty = {"value_per_hour": control_chart(months_of("new", []), "value_per_hour")}
    assert chance(empty, month="2025-03")["n_expected"].tolist() == [0, 0]
