"""What a reader learns of the inputs, and that each statement has its figure."""

from bizlab.data import warehouse
from bizlab.data.cleaning import intake
from bizlab.data.cleaning.quality import REASONS
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table

NOTED = ("merges", "rejects", "warnings", "duplicate_candidates")


def test_the_tables_and_findings_of_a_messy_delivery(project):
    manifest = [("intake.csv", "", "order_intake", "7", "amount_fen", "40000")]
    store = warehouse.open_project(project(manifest=manifest))
    account = store.load("account")
    whole = intake.intake(account)
    assert whole[whole["is_total"]][["n_in", "n_kept", "n_merged", "n_rejected"]].to_numpy().tolist() == [[12, 7, 2, 3]]
    off = intake.disagreements(account)
    assert off[["in_fen", "sent_fen", "difference_fen"]].to_numpy().tolist() == [[3261250, 4000000, -738750]]
    counted = intake.noticed(*(store.load(name) for name in NOTED))
    figures = Figures(
        [
            shown_table(off, intake.DISAGREEMENTS, key="disagreements"),
            shown_table(counted, intake.NOTICED, key="noticed"),
        ]
    )
    sentences = [statement.text().en for statement in statements(intake.intake_findings(off, counted), figures)]
    assert sentences[0].startswith("in/intake.csv differs by −RMB 7,387.50 from the RMB 40,000.00")
    assert any("finer than one fen" in text for text in sentences)
    assert "1 pairs of companies may be one: " + REASONS["code_one_character"].en in sentences


def test_two_cut_files_of_one_table_are_two_findings(project):
    text = "记录编号,单元编号,承接日期,金额\n{},A,2026-10-01,5\n"
    manifest = [(f"{name}.csv", "", "order_intake", "1", "amount_fen", "6") for name in ("intake", "intake2")]
    folder = project(manifest=manifest, intake=text.format("R1"), intake2=text.format("R2"))
    store = warehouse.open_project(folder)
    off = intake.disagreements(store.load("account"))
    counted = intake.noticed(*(store.load(name) for name in NOTED))
    keys = [finding.key for finding in intake.intake_findings(off, counted)]
    assert len(keys) == len(set(keys)) >= 2
