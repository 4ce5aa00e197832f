"""The seal of a step's code changes with what the step can reach, and with nothing else."""

import shutil

import pytest

from bizlab.run.kept.code import Code

LIBRARY = {
    "__init__.py": "",
    "budget/__init__.py": "from bizlab.budget.front import shown",
    "budget/steps.py": "import json\nfrom bizlab.budget import accounts\nfrom bizlab.budget.sums import total",
    "budget/sums.py": "def total():\n    from bizlab.exact import rounded\n    return rounded",
    "budget/accounts.py": "",
    "budget/accounts.yaml": "travel: variable",
    "budget/front.py": "",
    "exact.py": "import bizlab.labels",
    "labels.py": "import bizlab.exact",
    "report/page.py": "from bizlab import labels",
    "report/templates/page.html.j2": "<p>",
    "report/templates/page.css": "p {}",
    "report/templates/page.js": "p()",
    "customers/tags.py": "",
    "customers/tags.yaml": "",
}
STEP = ("bizlab.budget.steps",)


@pytest.fixture
def library(tmp_path):
    """A small library of the same name."""
    for name, text in LIBRARY.items():
        path = tmp_path / "bizlab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "bizlab"


def seal(library, modules=STEP, place=None):
    return Code(place, package=library).seal(modules)


def edit(library, name):
    path = library / name
    path.write_text(path.read_text() + "\n")


REACHED = ["steps.py", "sums.py", "accounts.py", "accounts.yaml"]


@pytest.mark.parametrize("name", [f"budget/{name}" for name in REACHED] + ["exact.py", "labels.py"])
def test_an_edit_of_what_is_reached_changes_the_seal(library, name):
    """However many modules lie between; imports within functions, in circles and by the name of the module count."""
    before = seal(library)
    edit(library, name)
    assert seal(library) != before


@pytest.mark.parametrize("name", ["customers/tags.py", "customers/tags.yaml", "report/page.py", "budget/front.py"])
def test_an_edit_of_what_is_not_reached_does_not(library, name):
    """The front of a package is not, where a module of the package is imported and the front by nobody."""
    before = seal(library)
    edit(library, name)
    assert seal(library) == before


@pytest.mark.parametrize("name", ["page.html.j2", "page.css", "page.js"])
def test_what_a_page_is_rendered_with_belongs_to_the_module_above(library, name):
    page, step = ("bizlab.report.page",), seal(library)
    before = seal(library, page)
    edit(library, f"report/templates/{name}")
    assert seal(library, page) != before
    assert seal(library) == step


def test_data_that_come_and_go_beside_a_module_count(library):
    before = seal(library)
    (library / "budget/rates.yaml").write_text("a: 1")
    assert seal(library) != before
    (library / "budget/rates.yaml").unlink()
    assert seal(library) == before


def test_the_same_sources_in_another_folder_have_the_same_seal(library, tmp_path):
    assert seal(shutil.copytree(library, tmp_path / "elsewhere" / "bizlab")) == seal(library)


def test_what_sources_import_is_remembered_by_what_they_hold(library, tmp_path):
    place = tmp_path / "project" / "code.json"
    before = seal(library, place=place)
    assert place.is_file()
    assert seal(library, place=place) == before
    (library / "budget/accounts.py").write_text("from bizlab.customers import tags")
    changed = seal(library, place=place)
    assert changed not in {before, seal(library, ("bizlab.budget.sums",))}
    edit(library, "customers/tags.py")
    assert seal(library, place=place) != changed


@pytest.mark.parametrize("text", ["", "{", "[1]", "7", '{"a": 1}', '{"a": [1]}', "\udcff"])
def test_a_damaged_memory_of_imports_is_passed_over_and_made_anew(library, tmp_path, text):
    place = tmp_path / "code.json"
    before = seal(library, place=place)
    whole = place.read_text()
    place.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert seal(library, place=place) == before
    assert place.read_text() == whole


def test_a_project_in_which_nothing_can_be_written_is_sealed_all_the_same(library, tmp_path):
    (tmp_path / "project").write_text("a file")
    assert seal(library, place=tmp_path / "project" / ".bizlab" / "code.json") == seal(library)


def test_it_is_told_whether_sources_were_edited_since(library):
    code = Code(package=library)
    assert code.is_current
    edit(library, "customers/tags.py")
    assert not code.is_current
