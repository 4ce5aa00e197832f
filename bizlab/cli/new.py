"""``bizlab new NAME``: a new page that runs as it stands, counting a table's rows by month.

In the library's own project it is a notebook, a module with its contract, a test and a page of the docs; in any other
project one notebook, whose parameters cell is its model.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from bizlab.cli import DONE
from bizlab.cli.options import within
from bizlab.contracts.table import Table
from bizlab.data.sources.config import load_sources
from bizlab.errors import SettingError, did_you_mean
from bizlab.labels import Label
from bizlab.run.pages import NAME, pages
from bizlab.run.project import find_project
from bizlab.run.settings import latest_month

LIBRARY = Path(__file__).parents[2]
TEMPLATES = Path(__file__).parent / "new_page"
QUESTION = "每月有多少笔? | How many rows has each month?"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="name of the page, such as orders_by_line")
    parser.add_argument("--title", default="", help="'中文 | English' (default: the name)")
    parser.add_argument("--question", default=QUESTION, help="'中文 | English'")
    parser.add_argument("--group", default="own", help="group of pages that it stands in (default own)")
    parser.add_argument("--table", help="table that it counts (default: the first that is mapped and has a date)")


def command(options: argparse.Namespace) -> int:
    project = find_project()
    title, question = _words(options.title or options.name.replace("_", " ")), _words(options.question)
    for path in write_page(project, options.name, title, question, group=options.group, table=options.table):
        print(f"{within(project, path)}: written")
    print(f"look at it: bizlab preview {options.name}")
    return DONE


def _words(text: str) -> Label:
    """A text in one language stands for both until it is translated."""
    return Label.of(text) if " | " in text else Label(text, text)


def write_page(
    project: Path, name: str, title: Label, question: Label, *, group: str, table: str | None = None
) -> list[Path]:
    """Write the files of a new page; its number is the next below 90, where the pages on the month itself begin.

    Returns
    -------
    The files, the notebook first.

    Raises
    ------
    SettingError : a name that cannot be one or is taken, a table that is not mapped or has no date.
    """
    listed = pages(project)
    if wrong := next((text for text in (name, group) if not NAME.fullmatch(text)), None):
        raise SettingError(f"'{wrong}' cannot be a name", place="command line", fix="use small letters, digits and _")
    if name in {page.name for page in listed}:
        raise SettingError(f"There is a page '{name}' already", place="command line", fix="choose another name")
    numbers = [int(match[0]) for page in listed if (match := re.match(r"\d+", page.stem))]
    number = max((number for number in numbers if number < 90), default=0) + 1
    counted = _counted(project, table)
    values = {
        "name": name, "group": group, "constant": name.upper(), "table": counted.name,
        "date": counted.occurred, "title_zh": title.zh, "title_en": title.en, "question_zh": question.zh,
        "question_en": question.en, "month": latest_month(project),
    }  # fmt: skip
    is_library = project == LIBRARY
    notebook = project / "notebooks" / group / f"{number:02d}_{name}.ipynb"
    files = {notebook: _notebook(values, is_library=is_library)}
    if is_library:
        room = project / "bizlab" / "analyses" / group / "__init__.py"
        if not room.is_file():
            files[room] = f'"""Pages of {group}."""\n'
        files[project / "bizlab" / "analyses" / group / f"{name}.py"] = _filled("module.py.txt", values)
        files[project / "tests" / "analyses" / group / f"test_{name}.py"] = _filled("test.py.txt", values)
        files[project / "docs" / f"{name}.md"] = _filled("docs.md.txt", values)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(files)


def _counted(project: Path, name: str | None) -> Table:
    """The table that the new page counts: the one named, or the first that is mapped and has a date."""
    sources = load_sources(project)
    dated = [sources.contracts[mapped] for mapped in sources.tables if sources.contracts[mapped].occurred]
    if name is None and dated:
        return dated[0]
    known = {table.name: table for table in dated}
    if name not in known:
        raise SettingError(
            f"The table '{name}' is not mapped, or has no date" if name else "No table with a date is mapped",
            place="params/sources.yaml",
            fix=did_you_mean(name, known) if name and known else "map one, such as orders",
        )
    return known[name]


def _filled(template: str, values: Mapping[str, Any]) -> str:
    return Template((TEMPLATES / template).read_text("utf-8")).substitute(values)


def _notebook(values: Mapping[str, Any], *, is_library: bool) -> str:
    """The notebook as nbformat has it, without outputs."""
    template = "library.ipynb.txt" if is_library else "own.ipynb.txt"
    parts = re.split(r"^=== (.*)\n", _filled(template, values), flags=re.M)[1:]
    cells = []
    for tag, text in zip(parts[::2], parts[1::2], strict=True):
        kind = "markdown" if tag.startswith(("zh", "en")) else "code"
        tags = [tag.split("-")[0]] if kind == "markdown" else ["parameters"] if tag == "parameters" else []
        cell: dict[str, Any] = {"cell_type": kind, "id": tag, "metadata": {"tags": tags} if tags else {}}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        cells.append(cell | {"source": text.strip().splitlines(keepends=True)})
    about = {"name": values["name"], "group": values["group"], "needs": [values["table"]]}
    if is_library:
        about["analysis"] = f"bizlab.analyses.{values['group']}.{values['name']}:ANALYSIS"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"bizlab": about, "kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
