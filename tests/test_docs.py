"""Documentation cannot rot: it is generated, or every name in it is looked up."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bizlab.cli.reference.house import house_page, parameters_page
from bizlab.cli.reference.steps import declared_steps, steps_page
from bizlab.cli.reference.tables import tables_page, units_page
from bizlab.data import warehouse
from bizlab.run.pages import pages
from bizlab.tables import project_tables

ROOT = Path(__file__).parents[1]
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bizlab/**/README.md"), *ROOT.glob("tests/**/*.md")]
IDS = [path.relative_to(ROOT).as_posix() for path in PAGES]


def test_reference_pages_are_what_the_code_declares():
    renew = "run: python -m bizlab.cli.reference"
    assert (ROOT / "docs" / "tables.md").read_text("utf-8") == tables_page(project_tables(ROOT)), renew
    assert (ROOT / "docs" / "house.md").read_text("utf-8") == house_page(RULES, ROOT / "bizlab"), renew
    assert (ROOT / "docs" / "units.md").read_text("utf-8") == units_page(), renew
    assert (ROOT / "docs" / "steps.md").read_text("utf-8") == steps_page(declared_steps()), renew
    assert (ROOT / "docs" / "parameters.md").read_text("utf-8") == parameters_page(pages(ROOT)), renew


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_paths_that_are_named_exist(page):
    named = re.findall(
        r"`((?:bizlab|notebooks|params|data|docs|tests|benchmarks|\.ci)/[\w./-]*\w/?)`", page.read_text("utf-8")
    )
    for path in named:
        assert (ROOT / path).exists() or (page.parent / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_commands_that_are_named_exist(page):
    text = page.read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"(?:`|^    )make ([a-z]+)", text, re.M)) <= targets
    commands = set(re.findall(r"(?:`|^    )bizlab ([a-z]+)", text, re.M))
    helped = subprocess.run([sys.executable, "-m", "bizlab.cli", "--help"], capture_output=True, text=True, check=True)
    assert commands <= set(re.findall(r"^    ([a-z]+)\b", helped.stdout, re.M))


def test_every_page_is_described():
    told = {page.name for page in pages(ROOT) if not page.collects}
    assert told <= {path.stem for path in (ROOT / "docs").glob("*.md")}


def indented_block(text, start):
    """The indented block of a page that begins with a line."""
    lines = text[text.index(f"    {start}") :].splitlines()
    block = []
    for line in lines:
        if line and not line.startswith("    "):
            break
        block.append(line[4:])
    return "\n".join(block).strip() + "\n"


def test_the_readme_s_own_export_is_read_as_it_says(tmp_path):
    text = (ROOT / "README.md").read_text("utf-8")
    folder = tmp_path / "data" / "mine" / "my"
    folder.mkdir(parents=True)
    (folder / "orders.csv").write_bytes(indented_block(text, "单号").encode("gbk"))
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "sources.yaml").write_text(indented_block(text, "exports:"), encoding="utf-8")
    (tmp_path / "params" / "lists.yaml").write_text(indented_block(text, "product_lines:"), encoding="utf-8")
    orders = warehouse.open_project(tmp_path).load("orders")
    assert orders[["order_line_id", "product_line", "quantity", "amount_fen"]].to_numpy().tolist() == [
        ["A1001-1", "sensor", 4, 720_000]
    ]
    assert str(orders["known_at"][0]) == "2026-10-08 17:20:00"


def test_every_room_has_its_sentence():
    rows = [line.split(" | ") for line in (ROOT / "docs" / "house.md").read_text("utf-8").splitlines() if "| `" in line]
    assert len(rows) > 50
    assert [room for *_, room, sentence, _ in rows if len(sentence) < 20] == []
