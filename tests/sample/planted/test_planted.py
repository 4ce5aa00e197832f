"""Each planted truth and defect is found again, in what was recorded and in the exported files."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from bizlab.sample.company.companies import check_character
from bizlab.sample.planted import truths
from bizlab.sample.planted.planted import planted
from bizlab.sample.readme import readme

Company = dict[str, pd.DataFrame]
Negative = Callable[[np.ndarray], float]
LAST = pd.Timestamp("2026-10-31")
CHI2_95_2, CHI2_95_4 = 5.99, 9.49


def test_the_readme_lists_everything_that_is_planted(committed: Path) -> None:
    text = (committed / "README.md").read_text(encoding="utf-8")
    assert text == readme()
    assert len({item.code for item in planted()}) == len(planted())
    for item in planted():
        assert f"| `{item.code}` |" in text


def is_likely(negative: Negative, true: list[float], quantile: float) -> bool:
    """Whether the true parameters lie in the likelihood-ratio region of 95 %."""
    best = minimize(lambda z: negative(np.exp(z)), np.log(true), method="Nelder-Mead", options={"maxiter": 600})
    return bool(2 * (negative(np.array(true)) - best.fun) < quantile)


@pytest.mark.parametrize("segment", ["heavy", "light"])
def test_purchase_and_drop_out_rates(truth: Company, segment: str) -> None:
    """Likelihood of Fader, Hardie and Lee (2005), Marketing Science 24(2), equation 6, written anew."""
    orders, customers = truth["orders"], truth["customers"].set_index("customer_id")
    hardware = orders[orders["product_line"].isin(["sensor", "gateway"]) & (orders["quantity"] > 0)]
    heavy = hardware["customer_id"].map(customers["industry"]).isin(["chemicals", "metals", "power", "rail"])
    days = hardware[heavy == (segment == "heavy")].drop_duplicates("order_id").groupby("customer_id")["ordered_on"]
    x = days.size().to_numpy() - 1.0
    t_x = (days.max() - days.min()).dt.days.to_numpy() / 30.4375
    age = (LAST - days.min()).dt.days.to_numpy() / 30.4375

    def negative(p: np.ndarray) -> float:
        r, alpha, a, b = p
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        gone = np.where(
            x > 0, betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + t_x), -np.inf
        )
        return -float(np.sum(common + np.logaddexp(alive, gone)))

    rates = truths.PURCHASES[segment]
    assert is_likely(negative, [rates.r, rates.alpha, rates.a, rates.b], CHI2_95_4)


@pytest.mark.parametrize("cohort", ["2025", "2026"])
def test_renewal_propensity_of_a_cohort(truth: Company, cohort: str) -> None:
    """Likelihood of Fader and Hardie (2007), Journal of Interactive Marketing 21(1), written anew."""
    periods = truth["subscriptions"].query("starts_on <= @LAST")
    first = periods[periods["period_no"] == 1]
    late = first["signed_on"] >= truths.COHORT_2_FROM
    mine = periods[periods["subscription_id"].isin(first.loc[late == (cohort == "2026"), "subscription_id"])]
    n, ends = mine.groupby("subscription_id").size().to_numpy(), mine.groupby("subscription_id")["ends_on"].max()
    churned = (ends < LAST).to_numpy()
    renewals = n - 1

    def negative(p: np.ndarray) -> float:
        alpha, beta = p
        return -float(np.sum(betaln(alpha + churned, beta + renewals) - betaln(alpha, beta)))

    assert is_likely(negative, list(truths.RENEWALS[cohort]), CHI2_95_2)


def sojourns(truth: Company) -> pd.DataFrame:
    """Stays in stages of companies entered from 2024-11-01: kind, stage, next stage, weeks begun."""
    customers, channels = truth["customers"], truth["channels"].set_index("channel_id")
    walk = [*truths.SALES_STAGES, "converted", "lost"]
    events = truth["stage_events"]
    events = events[events["stage"].isin(walk)].merge(
        customers.loc[customers["created_on"] >= "2024-11-01", ["customer_id", "channel_id"]], on="customer_id"
    )
    events["next"] = events.groupby("customer_id")["stage"].shift(-1)
    left = events.groupby("customer_id")["entered_on"].shift(-1).fillna(LAST)
    days = (left - events["entered_on"]).dt.days
    whole = events["next"].isna()
    return events.assign(
        kind=events["channel_id"].map(channels["kind"]), weeks=np.where(whole, days // 7, np.ceil(days / 7))
    )


def test_weekly_hazards_of_stages_and_factors_of_channels(truth: Company) -> None:
    stays = sojourns(truth)
    for stage in truths.SALES_STAGES:
        of_stage = stays[stays["stage"] == stage]
        weeks = of_stage["weeks"].sum()
        lost = (of_stage["next"] == "lost").sum() / weeks
        assert lost == pytest.approx(truths.LOSS[stage], rel=0.25)
    for kind, factor in truths.CHANNEL_MULTIPLIER.items():
        of_kind = stays[(stays["kind"] == kind) & stays["stage"].isin(truths.SALES_STAGES)]
        on = of_kind["next"].notna() & (of_kind["next"] != "lost")
        expected = (of_kind["stage"].map(truths.ADVANCE) * factor * of_kind["weeks"]).sum()
        assert on.sum() == pytest.approx(expected, rel=0.15), kind


def test_swap_converts_better_than_paid(truth: Company) -> None:
    stays = sojourns(truth)
    converts = stays.groupby("customer_id").agg(kind=("kind", "first"), won=("next", lambda n: "converted" in set(n)))
    share = converts.groupby("kind")["won"].mean()
    assert share["swap"] > 3 * share["paid"]


def test_skips_and_regressions(truth: Company) -> None:
    stays = sojourns(truth)
    leads = stays[(stays["stage"] == "lead") & stays["next"].isin(["nurturing", "mql"])]
    assert (leads["next"] == "mql").mean() == pytest.approx(truths.SKIP_RATE, abs=0.02)
    sql = stays[(stays["stage"] == "sql") & stays["next"].isin(["nurturing", "converted"])]
    assert (sql["next"] == "nurturing").mean() == pytest.approx(truths.REGRESSION_RATE, abs=0.02)


def test_the_settlement_cycle_of_the_south_drifts(truth: Company) -> None:
    orders = (
        truth["orders"]
        .groupby("order_id")
        .agg(
            ordered_on=("ordered_on", "first"),
            due_on=("due_on", "max"),
            customer_id=("customer_id", "first"),
            amount_fen=("amount_fen", "sum"),
        )
    )
    paid = truth["settlements"].groupby("order_id").agg(on=("paid_on", "max"), fen=("amount_fen", "sum"))
    done = orders.join(paid, how="inner").query("fen == amount_fen and ordered_on < '2026-07-15'")
    late = (done["on"] - done["due_on"]).dt.days
    south = orders["customer_id"].map(truth["customers"].set_index("customer_id")["region"])[late.index] == "south"
    june = orders["ordered_on"][late.index] >= "2026-06-01"
    shift = late[south & june].mean() - late[south & ~june].mean()
    assert shift == pytest.approx(truths.DRIFT_DAYS, abs=8)
    assert abs(late[~south & june].mean() - late[~south & ~june].mean()) < 4


def test_trades_booked_by_one_side_or_differently(held: Company) -> None:
    sold, bought = (held[f"internal_trades_{side}"].set_index("trade_id") for side in ("sold", "bought"))
    assert sold.index.difference(bought.index).tolist() == ["IT2610-00400"]
    assert bought.index.difference(sold.index).tolist() == ["IT2610-00128"]
    assert sold.loc["IT2610-00400", "amount_fen"] == 27_847_680
    assert bought.loc["IT2610-00128", "amount_fen"] == 1_043_700
    both = sold.join(bought["amount_fen"].rename("amount_fen_bought"), how="inner")
    differing = both[both["amount_fen"] != both["amount_fen_bought"]]
    assert differing.index.tolist() == ["IT2610-00090"]
    assert differing[["amount_fen", "amount_fen_bought"]].to_numpy().tolist() == [[5_997_600, 5_997_601]]


def test_a_price_above_the_agreed_one(held: Company) -> None:
    sold = held["internal_trades_sold"]
    prices = held["transfer_prices"].query("valid_from >= '2026-01-01'")
    priced = sold[sold["traded_on"] >= "2026-04-01"].merge(prices, on=["product_id", "seller_id", "buyer_id"])
    dear = priced[priced["amount_fen"] != priced["quantity"] * priced["price_fen"]]
    assert dear[["trade_id", "quantity", "amount_fen", "price_fen"]].to_numpy().tolist() == [
        ["IT2610-00225", 39, 17_978_688, 439_040]
    ]


def test_one_agreed_price_is_not_what_its_method_gives(truth: Company, held: Company) -> None:
    """Prices computed anew in decimals; in the truth all stand as their method gives, and no price differs from it."""
    assert off_by_method(truth["transfer_prices"]) == []
    assert off_by_method(held["transfer_prices"]) == [("P-HS3", "EQ-MC-1", "EQ-AS-1B", "2026-01-01", 50_960, 56_473)]
    assert held["transfer_prices"]["price_fen"].equals(truth["transfer_prices"]["price_fen"])
    sold = held["internal_trades_sold"].query("product_id == 'P-HS3' and traded_on >= '2026-10-01'")
    assert int(sold["quantity"].sum()) * (50_960 - 56_473) == -6_494_314


def off_by_method(prices: pd.DataFrame) -> list[tuple[object, ...]]:
    """Prices that are not base x (1 + mark-up), or base x (1 - discount or share kept)."""
    found: list[tuple[object, ...]] = []
    for price in prices[prices["method"] != "negotiated"].itertuples():
        rate = Decimal(str(price.rate)) * (1 if price.method == "cost_plus" else -1)
        computed = int((int(price.base_fen) * (1 + rate)).quantize(Decimal(1), ROUND_HALF_UP))
        if computed != price.price_fen:
            key = (price.product_id, price.seller_id, price.buyer_id, f"{price.valid_from:%Y-%m-%d}")
            found.append((*key, price.price_fen, computed))
    return found


def test_hours_are_missing_for_a_team(held: Company) -> None:
    present = held["headcount"].query("counted_on >= '2026-10-01'").set_index(["unit_id", "counted_on"]).index
    hours = held["hour_records"].query("worked_on >= '2026-10-01' and kind == 'normal'")
    missing = present.difference(hours.set_index(["unit_id", "worked_on"]).index)
    large = [(unit, f"{day:%Y-%m-%d}") for unit, day in missing if unit == "EQ-AS-2A"]
    assert large == [("EQ-AS-2A", f"2026-10-{day}") for day in (19, 20, 21)]


def test_hours_that_are_missing_amount_to_238(truth: Company, held: Company) -> None:
    assert len(truth["hour_records"]) - len(held["hour_records"]) == 36
    assert truth["hour_records"]["minutes"].sum() - held["hour_records"]["minutes"].sum() == 238 * 60


def test_one_driver_is_zero_and_not_all(held: Company) -> None:
    drivers = held["drivers"]
    assert drivers[drivers["value"] == 0][["rule_id", "unit_id", "month"]].to_numpy().tolist() == [
        ["AR-AS-X", "EQ-AS-2B", "2026-10"]
    ]
    assert drivers.groupby(["rule_id", "month"])["value"].sum().min() > 0


def test_the_ledger_balances_and_holds_one_fen_more_than_a_team_booked(held: Company) -> None:
    entries = held["gl_entries"]
    sums = entries.groupby("voucher_id")[["debit_fen", "credit_fen"]].sum()
    assert (sums["debit_fen"] == sums["credit_fen"]).all()
    spent = entries[entries["account_code"].str.match(r"6[46]0[12]\.") & (entries["posted_on"] >= "2026-10-01")]
    by_place = (spent["debit_fen"] - spent["credit_fen"]).groupby([spent["unit_id"], spent["posted_on"]]).sum()
    booked = held["expense_records"].query("recorded_on >= '2026-10-01'")
    own = booked.groupby(["unit_id", "recorded_on"])["amount_fen"].sum()
    off = by_place.sub(own.rename_axis(by_place.index.names), fill_value=0)
    assert {(unit, f"{day:%Y-%m-%d}"): amount for (unit, day), amount in off[off != 0].items()} == {
        ("SA-W1", "2026-10-10"): 1
    }


def test_the_first_month_after_the_split_is_not_planned(held: Company) -> None:
    plans = held["unit_plans"]
    first = plans[plans["unit_id"].isin(["SA-S2", "SA-S3"])].groupby("unit_id")["month"].min()
    assert first.to_dict() == {"SA-S2": "2026-05", "SA-S3": "2026-05"}
    assert "SA-S1" not in set(plans.loc[plans["month"] >= "2026-04", "unit_id"])


def variance(held: Company, owner: str, account: str, month: str = "2026-10") -> tuple[int, int]:
    """Actual and budget (2026-B2) in fen."""
    lines, plan = held["actual_lines"], held["budget_lines"]
    spent = lines[(lines["owner_id"] == owner) & (lines["account"] == account)]
    planned = plan[(plan["owner_id"] == owner) & (plan["account"] == account) & (plan["version_id"] == "2026-B2")]
    return (
        int(spent.loc[spent["posted_on"].dt.strftime("%Y-%m") == month, "amount_fen"].sum()),
        int(planned.loc[planned["month"] == month, "amount_fen"].sum()),
    )


def test_an_account_over_budget_is_hidden_by_a_saving(held: Company) -> None:
    marketing, travel = variance(held, "SA-E", "marketing"), variance(held, "SA-E", "travel")
    assert marketing[0] - marketing[1] == 3_864_000
    assert travel[0] - travel[1] == -3_798_000


def test_spend_without_plan_and_plan_without_spend(held: Company) -> None:
    assert variance(held, "SA-W", "training") == (2_860_000, 0)
    assert variance(held, "SA-N", "training") == (0, 850_000)
    plan = held["budget_lines"].query("owner_id == 'SA-W' and account == 'training' and month >= '2026'")
    assert plan.empty


def test_the_budget_was_raised_in_july(held: Company) -> None:
    lines = (
        held["budget_lines"]
        .pivot_table(index=["account", "owner_id", "month"], columns="version_id", values="amount_fen")
        .dropna(subset=["2026-B1"])
    )
    raised = lines[lines["2026-B1"] != lines["2026-B2"]].reset_index()
    assert raised["month"].tolist() == [f"2026-{month:02d}" for month in range(7, 13)]
    assert set(zip(raised["account"], raised["owner_id"], strict=True)) == {("marketing", "SA-S")}
    assert (raised["2026-B2"] - raised["2026-B1"]).sum() == 30_000_000
    status = held["budget_versions"].query("version_id == '2026-B2' and status == 'adjustment_effective'")
    assert status["status_on"].dt.date.tolist() == [date(2026, 7, 1)]


def test_a_unit_moves_and_one_splits(held: Company) -> None:
    parents = held["unit_parents"].query("unit_id == 'SA-E3'")
    assert parents["parent_id"].tolist() == ["SA-E", "SA-N"]
    assert parents["valid_from"].dt.date.tolist()[1] == date(2026, 10, 16)
    units = held["units"].set_index("unit_id")
    assert units.loc["SA-S1", "closed_on"] == pd.Timestamp("2026-03-31")
    assert set(units[units["opened_on"] == "2026-04-01"].index) == {"SA-S2", "SA-S3"}


def test_duplicated_companies_have_orders_of_their_own(truth: Company, held: Company) -> None:
    twins = held["customers"].query("customer_id > '003100'")
    assert len(twins) == 24
    moved = held["orders"][held["orders"]["customer_id"].isin(twins["customer_id"])]
    assert moved["customer_id"].nunique() == 24
    assert (moved["order_id"].nunique(), moved["amount_fen"].sum()) == (229, 3_389_285_900)
    assert held["orders"]["amount_fen"].sum() == truth["orders"]["amount_fen"].sum()


def test_wrong_check_characters(held: Company) -> None:
    codes = held["customers"].set_index("customer_id")["credit_code"].dropna()
    wrong = codes[codes.str[:-1].map(check_character) != codes.str[-1]]
    assert wrong.index.tolist() == ["000101", "000562", "001027", "001503", "001977", "002448"]
    assert codes.str.fullmatch("9199[0-9]{2}00[0-9]{8}[0-9X][0-9A-Z]").all()


def csv_rows(path: Path, encoding: str) -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def test_odd_names_and_typed_numbers_in_the_csv(committed: Path) -> None:
    lines = {row[0]: row for row in csv_rows(committed / "exports/crm/customers.csv", "utf-8-sig")}
    assert [lines[i][1] for i in ("000108", "000112", "000114", "000115")] == [
        '=HYPERLINK("http://example.invalid","点这里")有限公司',
        "<script>alert(1)</script>有限公司",
        "NA",
        "None",
    ]
    assert [lines[i][6] for i in ("000301", "000302")] == ["2,666", "２６６６"]


def cells(path: Path) -> list[tuple[object, ...]]:
    book = load_workbook(path, read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    return rows


def test_typed_amounts_dates_and_totals_in_the_workbooks(committed: Path) -> None:
    erp = committed / "exports/erp"
    lines = {row[0]: row for row in cells(erp / "orders_2026.xlsx")}
    assert lines["SO2609-00166-2"][7] == "3.2万"
    everything = [row for year in (2024, 2025, 2026) for row in cells(erp / f"orders_{year}.xlsx")]
    bracketed = [str(row[7]) for row in everything if str(row[7]).startswith("(")]
    assert len(bracketed) == 69
    assert sum(float(text.strip("()").replace(",", "")) for text in bracketed) == pytest.approx(389_766.00)
    kinds = {type(row[8]).__name__ for row in everything if row[0] and str(row[0]).startswith("SO")}
    assert kinds == {"datetime", "str", "int"}
    assert sum(str(row[0]).startswith("小计") for row in everything) == 24


def test_hidden_rows(committed: Path) -> None:
    book = load_workbook(committed / "exports/erp/settlements_2026.xlsx")
    page = book.worksheets[0]
    hidden = [number for number, row in page.row_dimensions.items() if row.hidden]
    assert [page.cell(number, 1).value for number in hidden] == ["RC2601-00041", "RC2601-00042", "RC2601-00043"]
    assert sum(page.cell(number, 4).value for number in hidden) == pytest.approx(36_091.20)


def test_the_encodings(committed: Path) -> None:
    crm, budget = committed / "exports/crm", committed / "exports/budget"
    assert csv_rows(crm / "contacts_partner.csv", "big5")[0][0] == "聯絡人編號"
    assert csv_rows(crm / "contacts_own.csv", "gb18030")[0][0] == "联系人编号"
    assert csv_rows(budget / "actual_lines_2026.csv", "gbk")[0][0] == "凭证号"
    assert (crm / "customers.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_broken_repeated_and_conflicting_lines(committed: Path) -> None:
    own = csv_rows(committed / "exports/crm/contacts_own.csv", "gb18030")
    assert [row[4] for row in own if row[0] in {"K90001", "K90002"}] == ["2026-02-30", "2026/13/05"]
    assert own[-1][0] == own[1][0]
    assert own[-1][3] != own[1][3]
    events = csv_rows(committed / "exports/crm/stage_events_2026.csv", "utf-8-sig")
    assert all(row in events[:-3] for row in events[-3:])


def test_a_file_was_cut_and_one_delivered_twice(committed: Path) -> None:
    folder = committed / "exports/budget"
    rows = csv_rows(folder / "actual_lines_2025.csv", "gbk")[1:]
    assert rows[-1][0] == "JV2512-00113"
    assert rows[-1][5] == "280"
    manifest = {row[0]: row for row in csv_rows(folder / "manifest.csv", "utf-8")}
    sent = float(manifest["actual_lines_2025.csv"][5])
    assert sent - sum(float(row[5]) for row in rows) == pytest.approx(28_014.11 - 280)
    assert int(manifest["actual_lines_2025.csv"][3]) == len(rows)
    copy = (folder / "actual_lines_2024 (1).csv").read_bytes()
    assert copy == (folder / "actual_lines_2024.csv").read_bytes()
    assert copy.count(b"\r\n") == 143
