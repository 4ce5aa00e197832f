"""What is planted in the books of the sample company is found again, with its true amount."""

from datetime import date
from functools import partial
from pathlib import Path

import pytest

from bizlab import amoeba
from bizlab.amoeba.records.exceptions import after_closing
from bizlab.amoeba.results import control_chart, history_table, methods, peers, seasonality, trend, value_chain
from bizlab.amoeba.results.accounts import ledger_accounts
from bizlab.amoeba.results.reconciliation import both_books, places, profit_bridge
from bizlab.amoeba.trade.price_methods import method_checks, method_counts, off_method, recomputed_prices
from bizlab.amoeba.trade.proposals import open_bookings, propose
from bizlab.data import warehouse
from bizlab.periods import Month
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table
from bizlab.run.settings import config
from bizlab.tables import project_lists

ROOT = Path(__file__).parents[2]
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


@pytest.fixture(scope="module")
def books():
    store = warehouse.open_project(ROOT)
    load = partial(store.load, as_of=LAST)
    return amoeba.Records.read(load, load, project_lists(ROOT)["expense_kinds"].each("nature"))


@pytest.fixture(scope="module")
def october(books):
    return [
        amoeba.within(getattr(books, f"internal_trades_{side}"), "traded_on", FIRST, LAST)
        for side in ("sold", "bought")
    ]


def test_three_trades_differ_and_by_how_much(october):
    off = amoeba.differences(amoeba.match_trades(*october))
    assert off[["trade_id", "status", "difference_fen"]].to_numpy().tolist() == [
        ["IT2610-00400", "seller_only", 27_847_680],
        ["IT2610-00128", "buyer_only", -1_043_700],
        ["IT2610-00090", "amount_differs", -1],
    ]


def test_one_record_was_confirmed_after_the_books_were_closed(books):
    """Nothing else in two years was, though some came up to three days after the end of their month."""
    late = after_closing(books, first=date(2024, 11, 1), as_of=LAST, books_close_days=5)
    assert late[["record", "unit_id", "amount_fen"]].to_numpy().tolist() == [["EX2609-00459", "WH", 2_200_000]]
    assert late["confirmed_at"].dt.date.tolist() == [date(2026, 10, 13)]
    assert len(after_closing(books, first=date(2024, 11, 1), as_of=LAST, books_close_days=2)) > 1


def test_one_price_is_above_the_agreed_one(books, october):
    off = amoeba.price_deviations(october[0], books.transfer_prices)
    assert off[["trade_id", "booked_fen", "agreed_fen"]].to_numpy().tolist() == [
        ["IT2610-00225", 17_978_688, 17_122_560]
    ]


def test_one_agreed_price_is_not_what_its_cost_plus_gives(books, october):
    recomputed = recomputed_prices(books.transfer_prices, october[0], first=FIRST, last=LAST)
    off = off_method(recomputed)
    assert off[["product_id", "seller_id", "buyer_id"]].to_numpy().tolist() == [["P-HS3", "EQ-MC-1", "EQ-AS-1B"]]
    assert off[["price_fen", "method_fen", "difference_fen", "quantity", "effect_fen"]].to_numpy().tolist() == [
        [50_960, 56_473, -5_513, 1_178, -6_494_314]
    ]
    assert method_counts(recomputed)[["method", "n_off", "n_not_computed"]].to_numpy().tolist() == [
        ["market", 0, 0],
        ["cost_plus", 1, 0],
        ["commission", 0, 0],
        ["negotiated", 0, 59],
    ]
    deviations = amoeba.price_deviations(october[0], books.transfer_prices)
    assert all(check.passed for check in method_checks(recomputed, deviations, october[0]))


def test_no_bookings_of_october_look_like_one_trade(october):
    assert propose(open_bookings(*october, first=FIRST, last=LAST), first=FIRST).empty


def test_a_team_has_no_hours_for_three_days(books):
    missing = amoeba.missing_hours(books, first=FIRST, last=LAST).set_index("unit_id")
    assert missing.loc["EQ-AS-2A", ["n_days", "person_days"]].tolist() == [3, 30]
    assert missing.loc["EQ-AS-2A", "first_on"].date() == date(2026, 10, 19)


def test_a_driver_of_zero_a_move_and_a_split(books):
    parts = amoeba.components(books, month=Month(2026, 10))
    zero = parts.allocation.results.query("n_zero > 0")
    assert zero["rule_id"].tolist() == ["AR-AS-X"]
    assert parts.organisation.spans["valid_from"].dt.day.tolist() == [1, 16]
    march = amoeba.components(books, month=Month(2026, 3)).organisation.tree()
    assert "SA-S1" in set(march["unit_id"])
    assert {"SA-S2", "SA-S3"} <= set(parts.organisation.tree()["unit_id"]) - set(march["unit_id"])


def test_every_sentence_has_its_figures(books, october):
    now, before = (amoeba.components(books, month=Month(2026, n)) for n in (10, 9))
    sheets = [amoeba.unit_hour_sheet([month], period="month") for month in (now, before)]
    moved = amoeba.movement(*sheets, now.organisation.tree())
    off = amoeba.differences(amoeba.match_trades(*october))
    prices = amoeba.price_deviations(october[0], books.transfer_prices)
    missing = amoeba.missing_hours(books, first=FIRST, last=LAST)
    shown = [
        shown_table(moved, amoeba.MOVEMENT, key="movement"),
        shown_table(off, amoeba.MATCHING, key="differences"),
        shown_table(prices, amoeba.PRICE_DEVIATIONS, key="prices"),
        shown_table(missing, amoeba.MISSING_HOURS, key="missing_hours"),
        shown_table(now.allocation.results, amoeba.RULE_RESULTS, key="rules"),
    ]
    findings = amoeba.company_findings(moved, root="YF", materiality_rate=0.05) + amoeba.trade_findings(off)
    findings += amoeba.price_findings(prices) + amoeba.record_findings(missing)
    findings += amoeba.rule_findings(now.allocation.results)
    texts = [statement.text().en for statement in statements(findings, Figures(shown))]
    assert any("IT2610-00400" in text and "278,476.80" in text for text in texts)
    assert len(texts) == len({finding.key for finding in findings})


def test_a_fen_in_the_ledger_is_found_in_its_place(books):
    """The profit is found a second time from the ledger's lines alone."""
    entries = warehouse.open_project(ROOT).load("gl_entries", as_of=LAST)
    accounts = ledger_accounts(config(ROOT, "ledger_accounts"), project_lists(ROOT)["expense_kinds"].words)
    parts = [amoeba.components(books, month=Month(2026, 10), daily=True)]
    both = both_books(parts, entries, accounts)
    located = places(both, accounts)
    assert located[["line", "unit_id", "difference_fen"]].to_numpy().tolist() == [["travel", "SA-W1", 1]]
    assert located.loc[0, "day"].date() == date(2026, 10, 10)
    steps = profit_bridge(parts, both, accounts, period="month").set_index("step")["amount_fen"]
    october = entries[(entries["posted_on"] >= "2026-10-01") & entries["account_code"].str.startswith("6")]
    assert steps["ledger"] == (october["credit_fen"] - october["debit_fen"]).sum()
    assert (steps["unexplained"], steps["aside"], steps["trade"]) == (-1, 0, -26_803_979)


def test_service_departments_make_the_methods_differ_and_conserve(books):
    months = methods.by_each_method(books, month=Month(2026, 10))
    rows = methods.side_by_side(months).set_index("unit_id")
    assert all(check.passed for check in methods.method_checks(months))
    assert (rows.loc[["EQ", "CL", "SA"], "spread_fen"] > 10_000).all()
    assert rows.loc["YF", "spread_fen"] == 0, "all that is given is received, whatever the method"


@pytest.fixture(scope="module")
def history(books):
    """All months of the sample, and the profit of every unit in them."""
    months = history_table.history_span("2024-11", Month(2026, 10))
    parts = [amoeba.components(books, month=month, daily=True) for month in months]
    return parts, history_table.profit_months(parts)


def test_net_profit_is_value_added_less_labour_for_every_unit_and_month(history):
    parts, months = history
    checks = history_table.PROFIT_MONTHS.verify(months) + history_table.profit_checks(months, parts)
    for unit_id in set(months["unit_id"]):
        table = history_table.history_table(months, unit_id)
        checks += history_table.HISTORY_TABLE.verify(table) + history_table.history_checks(table, months)
    assert [check.key for check in checks if not check.passed] == []
    assert months["month"].nunique() == 24


def test_a_unit_that_did_not_exist_has_no_value_rather_than_zero(history):
    lived = history[1].groupby("unit_id")["month"].agg(["min", "max", "size"])
    assert lived.loc["SA-S1"].tolist() == ["2024-11", "2026-03", 17]
    assert lived.loc["SA-S2"].tolist() == lived.loc["SA-S3"].tolist() == ["2026-04", "2026-10", 7]
    table = history_table.history_table(history[1], "SA-S2")
    assert table["period"].tolist() == [f"2026-{n:02d}" for n in range(4, 11)] + ["total", "average"]


def test_a_unit_that_moved_counts_under_each_parent_on_its_days(books, history):
    """SA-E3 under SA-E to 15 October, under SA-N from the 16th: its revenue, counted from the records."""
    revenue = amoeba.within(books.revenue_records, "recorded_on", date(2026, 10, 16), LAST)
    late = int(revenue.loc[revenue["unit_id"] == "SA-E3", "amount_fen"].sum())
    october = history[1][history[1]["month"] == "2026-10"].set_index("unit_id")["sales_fen"]
    assert late > 0
    assert october["SA-N"] == october["SA-N1"] + october["SA-N2"] + late
    assert october["SA-E"] == october["SA-E1"] + october["SA-E2"] + october["SA-E3"] - late


def test_units_of_seven_months_are_not_judged_and_the_others_against_chance(history):
    parts, months = history
    tree = parts[-1].organisation.tree()
    series = control_chart.measured(parts, months, list(tree.query("is_amoeba or depth == 0")["unit_id"]))
    charts = {measure: control_chart.control_chart(rows, measure) for measure, rows in series.items()}
    for measure, chart in charts.items():
        now = chart[chart["month"] == "2026-10"].set_index("unit_id")
        assert now.index[now["status"] == "too_few"].tolist() == ["SA-S2", "SA-S3"], measure
        assert (chart.loc[chart["n_base"] > 0, "base_last"] < chart.loc[chart["n_base"] > 0, "month"]).all()
    chances = control_chart.chance(charts, month="2026-10").set_index(["measure", "scope"])
    assert chances.loc[("value_per_hour", "month"), "n_judged"] == 28
    assert 1 < chances.loc[("value_per_hour", "month"), "n_expected"] < 3
    trends = trend.trend(series["value_per_hour"], "value_per_hour").set_index("unit_id")
    assert trends.loc["SA-S2", "slope_reason"] == "too_few"
    assert trends.loc["YF", "direction"] == "rising"
    seasons = seasonality.seasons(months, ["YF", "SA-S2"])
    assert seasons.groupby("unit_id")["index_rate"].count().to_dict() == {"YF": 12, "SA-S2": 0}


def test_the_chain_holds_the_differences_between_both_books_and_agrees_with_the_sheet(history):
    part = history[0][-1]
    flows = value_chain.chain_flows(part)
    links = value_chain.chain_units(flows, part).set_index("unit_id")
    off = flows[flows["difference_fen"] != 0].set_index(["from_id", "to_id"])["difference_fen"]
    assert off.to_dict() == {("EQ-AS", "SA-E"): 27_847_680, ("EQ-MC", "EQ-AS"): -1, ("WH", "EQ-MC"): -1_043_700}
    assert all(check.passed for check in value_chain.chain_checks(links.reset_index(), flows, part))
    sheet = amoeba.unit_hour_sheet([part], period="month").set_index("unit_id")["value_added_fen"]
    assert links["value_added_fen"].to_dict() == sheet[links.index].to_dict()


def test_best_and_worst_of_october_stand_where_the_sheet_says(history):
    part = history[0][-1]
    sheet = amoeba.unit_hour_sheet([part], period="month")
    group_of = peers.groups(part.organisation)
    ranked, reasons = peers.peers(sheet, group_of), peers.why(sheet, group_of)
    assert all(check.passed for check in peers.peer_checks(ranked, reasons))
    per_hour = sheet.set_index("unit_id")["value_per_hour"]
    for group_id, group in ranked.groupby("group_id"):
        own = per_hour[[unit for unit, of in group_of.items() if of == group_id]]
        assert group["unit_id"].iloc[[0, -1]].tolist() == [own.idxmax(), own.idxmin()]
    assert ranked.groupby("group_id")["peers_per_hour"].first()["SA"] == pytest.approx(per_hour["SA"])
