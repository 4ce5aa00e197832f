"""A page that says that it can do without a table is made without it."""

import shutil
from pathlib import Path

import pytest
import yaml

from bizlab.cli.main import main
from bizlab.run.pages import page_named, pages

ROOT = Path(__file__).parents[2]


@pytest.mark.prove
@pytest.mark.parametrize("name", ["unit_hour", "customer_tags"])
def test_a_page_is_made_without_the_tables_that_it_only_can_use(name, tmp_path, monkeypatch):
    for folder in ("params", "notebooks", "data"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    page = page_named(pages(ROOT), name)
    sources = tmp_path / "params" / "sources.yaml"
    declared = yaml.safe_load(sources.read_text("utf-8"))
    optional = [needed.table for needed in page.uses]
    assert optional
    declared["tables"] = {table: source for table, source in declared["tables"].items() if table not in optional}
    sources.write_text(yaml.safe_dump(declared, allow_unicode=True), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["preview", name, "--no-open"]) == 0
    assert (tmp_path / "reports" / "preview" / "2026-10" / f"{page.stem}.html").is_file()
