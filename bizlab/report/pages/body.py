"""The body of a page: the executed notebook's cells in their order, whatever an analyst put in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bizlab.contracts.check import Check
from bizlab.errors import ContractError, some
from bizlab.labels import LANGS, Label
from bizlab.report import codec
from bizlab.report.charts.svg import clean_svg
from bizlab.report.display import MIME
from bizlab.report.grid import Grid, grid
from bizlab.report.pages.sanitise import Heading, clean_html, markdown, picture, plain_text
from bizlab.report.shown import Results, ShownChart, ShownTable

_TITLE = re.compile(r"\A\s*#[ \t]+[^\n]*\n?\s*")
_PARAGRAPH = re.compile(r"\A[^\n]+(?:\n(?!\s*\n)[^\n]+)*\n?")
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
_HIDDEN_TAGS = {"hidden", "remove-cell"}


@dataclass(frozen=True)
class Block:
    """One thing of the body; ``content`` is what the template of its kind needs."""

    kind: str
    content: Any
    lang: str = ""
    headings: tuple[Heading, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A chart ready for the page: its drawings cleaned, its table laid out."""

    shown: ShownChart
    anchor: str
    svg: Mapping[str, Markup]
    behind: Grid


def results_of(notebook: Any) -> Results:
    """The results that an executed notebook carries in its outputs.

    Raises
    ------
    ContractError : the notebook has no finished results, or something shown stands in no output.
    """
    outputs = (output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ()))
    shown = [data[MIME] for data in outputs if data.get(MIME) is not None]
    heads = [data["object"] for data in shown if data["kind"] == "results"]
    if not heads:
        raise ContractError(
            "The notebook holds no results", place="outputs of the notebook", fix="end it with run.finish()"
        )
    head = heads[-1]
    tables, charts = _named(shown, "table", head["tables"]), _named(shown, "chart", head["charts"])
    return codec.shown_of(Results, {**head, "tables": tables, "charts": charts})


def blocks(notebook: Any, *, question: Label, most_rows: int, keep: Mapping[str, set[int]]) -> list[Block]:
    """What stands in the body of the page.

    Parameters
    ----------
    notebook : an executed notebook, nbformat 4.
    question : already stands at the top of the page; its paragraph below the title is not repeated.
    most_rows, keep : how many rows of a table are shown, and which must stay.
    """
    body: list[Block] = []
    code: list[str] = []
    for number, cell in enumerate(notebook.cells):
        if _HIDDEN_TAGS & _tags(cell):
            continue
        if cell.cell_type == "markdown":
            body += _prose(cell, number, question)
        elif cell.cell_type == "code":
            code.append(cell.source)
            outputs = [block for output in cell.outputs for block in _output(output, most_rows, keep)]
            if outputs:
                body += [*outputs, Block("code", "\n\n".join(code))]
                code = []
    if code:
        body.append(Block("code", "\n\n".join(code)))
    return body


def chart_of(shown: ShownChart, *, most_rows: int, keep: Iterable[int] = ()) -> Chart:
    """A chart ready for the page; `ValueError` where its drawing is not an SVG."""
    svg: dict[str, Markup] = {lang: Markup(clean_svg(shown.svg[lang], alt_text=shown.alt.text(lang))) for lang in LANGS}  # noqa: S704
    return Chart(shown, f"c-{shown.key}", svg, grid(shown.data, most_rows=most_rows, keep=set(keep)))


def _named(shown: Sequence[Any], kind: str, keys: Sequence[str]) -> list[Any]:
    """The displayed objects of a kind, in the order in which the results name them."""
    by_key = {data["object"]["key"]: data["object"] for data in shown if data["kind"] == kind}
    lost = [key for key in keys if key not in by_key]
    if lost:
        raise ContractError(
            f"A {kind} was shown but stands in no output: {some(lost)}",
            place="outputs of the notebook",
            fix="run the notebook again from its first cell to its last",
        )
    return [by_key[key] for key in keys]


def _tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", ()))


def _prose(cell: Any, number: int, question: Label) -> list[Block]:
    tags = _tags(cell)
    lang = next((lang for lang in LANGS if lang in tags), "")
    text = _with_pictures(_without_title(cell.source, question), cell.get("attachments", {}))
    if not text.strip():
        return []
    html, headings = markdown(text, anchor=f"s-{number}")
    return [Block("prose", html, lang, tuple(headings))]


def _without_title(source: str, question: Label) -> str:
    """The text without the title, and without the question where it says the same as the page's head."""
    rest, n_titles = _TITLE.subn("", source)
    if not n_titles:
        return source
    paragraph = _PARAGRAPH.match(rest)
    if paragraph and " ".join(paragraph[0].split()) in question:
        return rest[paragraph.end() :]
    return rest


def _with_pictures(text: str, attachments: Mapping[str, Mapping[str, str]]) -> str:
    for name, bundle in attachments.items():
        for mime, data in bundle.items():
            text = text.replace(f"attachment:{name}", picture(data, mime))
    return text


def _output(output: Any, most_rows: int, keep: Mapping[str, set[int]]) -> list[Block]:
    if output.output_type == "stream":
        return [Block("stderr" if output.name == "stderr" else "text", plain_text(output.text))]
    if output.output_type == "error":
        return [Block("error", plain_text("\n".join(output.traceback) or f"{output.ename}: {output.evalue}"))]
    data = output.get("data", {})
    return _shown(data[MIME], most_rows, keep) if MIME in data else _foreign(data)


def _shown(data: Mapping[str, Any], most_rows: int, keep: Mapping[str, set[int]]) -> list[Block]:
    kind, content = data["kind"], data["object"]
    if kind == "table":
        table = codec.shown_of(ShownTable, content)
        return [Block("table", grid(table, most_rows=most_rows, keep=keep.get(table.key, set())))]
    if kind == "chart":
        shown = codec.shown_of(ShownChart, content)
        return [Block("chart", chart_of(shown, most_rows=most_rows, keep=keep.get(shown.key, set())))]
    if kind == "findings":
        return [Block("findings", tuple(finding["key"] for finding in content))] if content else []
    if kind == "checks":
        return [Block("checks", tuple(codec.shown_of(Check, check) for check in content))] if content else []
    return []


def _foreign(data: Mapping[str, Any]) -> list[Block]:
    """An output that is not ours: the richest form that can be made harmless."""
    for mime in _PICTURES:
        if mime in data:
            return [Block("picture", picture(data[mime], mime))]
    if "text/html" in data:
        return [Block("html", clean_html(data["text/html"]))]
    if "text/markdown" in data:
        return [Block("prose", markdown(data["text/markdown"], anchor="o")[0])]
    return [Block("text", plain_text(data["text/plain"]))] if "text/plain" in data else []
