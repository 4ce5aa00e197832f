"""What a reader is told of the inputs, and that each statement has its figure."""

from bizlab.data import intake, warehouse
from bizlab.reporting.sentences import Figures, statements
from bizlab.reporting.view import shown_table


def test_the_tables_and_findings_of_a_messy_delivery(project):
    manifest = [("intake.csv", "", "order_intake", "7", "amount_fen", "40000")]
    store = warehouse.open_project(project(manifest=manifest))
    account = store.load("account")
    whole = intake.intake(account)
    assert whole[whole["is_total"]][["n_in", "n_kept", "n_merged", "n_rejected"]].to_numpy().tolist() == [[12, 7, 2, 3]]
    off = intake.disagreements(account)
    assert off[["in_fen", "sent_fen", "difference_fen"]].to_numpy().tolist() == [[3261250, 4000000, -738750]]
    counted = intake.noticed(store.load("merges"), store.load("rejects"), store.load("warnings"))
    figures = Figures(
        [
            shown_table(off, intake.DISAGREEMENTS, key="disagreements"),
            shown_table(counted, intake.NOTICED, key="noticed"),
        ]
    )
    told = [one.text().en for one in statements(intake.intake_findings(off, counted), figures)]
    assert told[0].startswith("in/intake.csv differs by −RMB 7,387.50 from the RMB 40,000.00")
    assert any("finer than one fen" in text for text in told)
