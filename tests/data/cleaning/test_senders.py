"""What senders say of their files is read strictly, and compared with what came."""

import pytest

from bizlab.data import warehouse
from bizlab.data.cleaning.senders import manifest_files, read_manifests
from bizlab.data.sources.config import load_sources
from bizlab.errors import SettingError, SourceError


def manifests(folder):
    sources = load_sources(folder)
    return read_manifests(folder, manifest_files(folder, sources), sources.contracts)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("intake.csv", ""), r"2 cells, not 6.*manifest.csv, line 2"),
        (("../../x.csv", "", "order_intake", "1", "", ""), "does not lie in the project"),
        (("", "", "order_intake", "1", "", ""), "does not lie in the project"),
        (("intake.csv", "", "order_intake", "many", "", ""), "'many' is not a number of rows"),
        (("intake.csv", "", "order_intake", "7", "amount", "5"), r"no column 'amount'.*name one of record_id"),
        (("intake.csv", "", "order_intake", "7", "received_on", "5"), "'received_on'.*does not add up"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_with_its_place(project, line, message):
    with pytest.raises(SourceError, match=message):
        manifests(project(manifest=[line]))


def test_a_file_may_be_spoken_of_once(project):
    line = ("intake.csv", "", "order_intake", "7", "amount_fen", "5")
    with pytest.raises(SourceError, match=r"'intake.csv' stands twice.*line 3"):
        manifests(project(manifest=[line, line]))


def test_a_manifest_in_another_encoding_or_layout_is_refused(project):
    folder = project()
    (folder / "in" / "manifest.csv").write_bytes("文件,行数\n".encode("gbk"))
    with pytest.raises(SourceError, match="not a csv file in UTF-8"):
        manifests(folder)
    (folder / "in" / "manifest.csv").write_text("file,rows\n", encoding="utf-8")
    with pytest.raises(SourceError, match="The header is file,rows"):
        manifests(folder)


def test_a_pattern_that_leads_outside_or_finds_nothing_is_refused(project):
    folder = project()
    settings = folder / "params" / "sources.yaml"
    for pattern, kind, message in (
        ("../../*.csv", SettingError, "leads outside"),
        ("none/*.csv", SourceError, "No file matches"),
    ):
        settings.write_text(f"exports: in\ntotals: '{pattern}'\ntables: {{}}\n", encoding="utf-8")
        with pytest.raises(kind, match=message):
            manifests(folder)


def test_a_total_that_is_no_amount_names_the_line_of_the_manifest(project):
    folder = project(manifest=[("intake.csv", "", "order_intake", "7", "amount_fen", "five")])
    with pytest.raises(SourceError, match=r"'five' cannot be read: not a number.*manifest.csv, line 2"):
        warehouse.open_project(folder)


def test_a_file_that_was_sent_and_never_came_does_not_reconcile(project):
    manifest = [("lost.csv", "", "order_intake", "9", "amount_fen", "5"), ("later.csv", "", "ledger", "3", "", "")]
    failed = {check.key: check for check in warehouse.open_project(project(manifest=manifest)).checks()}
    assert failed["sent.order_intake.in/lost.csv.rows"].difference == -9
    assert failed["sent.order_intake.in/lost.csv.total"].difference == -500
    assert not any("later" in key for key in failed)
