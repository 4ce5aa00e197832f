"""A page and the files of its long tables are published together or not at all."""

from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bizlab.errors import RunError
from bizlab.labels import Label
from bizlab.report import display
from bizlab.report.shown import Results, ShownColumn, ShownTable, Whole
from bizlab.run.month import rendered
from bizlab.run.single import place_tables
from bizlab.units.kinds import Unit

WORDS = Label("表", "Table")
TABLE = ShownTable(
    "lines",
    WORDS,
    WORDS,
    (ShownColumn("n_a", Unit.COUNT, WORDS),),
    ("n_a",),
    ((1,),),
    (("1",),),
    whole=Whole(9, "tables/01_page.lines.csv"),
)
PAGE = SimpleNamespace(stem="01_page", notebook=SimpleNamespace(name="01_page.ipynb"), place="notebooks/01_page.ipynb")
SETTINGS = SimpleNamespace(common=SimpleNamespace(lang="zh"))


@pytest.fixture
def staging(tmp_path):
    """A month with an executed notebook that shows a part of a long table."""
    results = Results("page", WORDS, WORDS, "2026-10", {}, (TABLE,), (), (), (), {})
    shown = display.show_table(TABLE, lang="zh"), display.show_results(results, lang="zh")
    outputs = [new_output("display_data", data=one._repr_mimebundle_()) for one in shown]
    (tmp_path / "notebooks").mkdir()
    nbformat.write(
        new_notebook(cells=[new_code_cell("run", outputs=outputs)]), tmp_path / "notebooks" / "01_page.ipynb"
    )
    return tmp_path


def test_a_page_without_the_file_of_its_long_table_is_refused(staging):
    with pytest.raises(RunError, match=r"lists tables/01_page.lines.csv, but it is not there.*01_page.ipynb"):
        rendered(staging, PAGE, SETTINGS, home=None)
    (staging / "tables").mkdir()
    (staging / "tables" / "01_page.lines.csv").write_text("a")
    rendered(staging, PAGE, SETTINGS, home=None)
    assert 'href="tables/01_page.lines.csv"' in (staging / "01_page.html").read_text("utf-8")


def test_files_of_a_page_by_itself_take_the_place_of_older_ones(tmp_path):
    made, place = tmp_path / "made", tmp_path / "place"
    place_tables(made, place, PAGE)
    assert not place.exists(), "a page without long tables leaves no folder"
    for folder, name, text in (
        (place, "01_page.old.csv", "old"),
        (place, "01_page.lines.csv", "old"),
        (place, "02_other.lines.csv", "other"),
        (made, "01_page.lines.csv", "new"),
    ):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    place_tables(made, place, PAGE)
    assert {path.name: path.read_text() for path in place.iterdir()} == {
        "01_page.lines.csv": "new",
        "02_other.lines.csv": "other",
    }
