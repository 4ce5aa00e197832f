"""What a notebook says of itself without being executed: title, question, and the parameters that its cell declares."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, TypeAdapter, ValidationError, create_model

from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.run.parameters import Common, Confidence, Limits, MaterialAmount, MaterialRate

PLAIN: Mapping[str, Any] = {"str": StrictStr, "int": StrictInt, "float": StrictFloat, "bool": StrictBool, "None": None}
"""The types that a parameter of a project's own page may have, alone, in a list, or together with None."""
_TYPES_ALLOWED = "str, int, float, bool, Literal[...], list[...], each perhaps with '| None'"
SHARED: Mapping[str, type[Common]] = {
    name: group for group in (Common, Confidence, MaterialRate, MaterialAmount) for name in group.model_fields
}
"""Parameters that mean the same on every page, and the group that declares them."""


@dataclass(frozen=True)
class Declared:
    """A parameter as a notebook's cell writes it: ``days: int = 90  # 天数 | days``.

    ``place`` is the notebook's file and the line within the cell.
    """

    name: str
    annotation: ast.expr
    default: Any
    comment: str
    place: str


def title_and_question(markdown: Sequence[Mapping[str, Any]], *, place: str) -> tuple[Label, Label]:
    """Title and question from the first cells of text: one tagged zh and one tagged en, or one for both.

    Raises
    ------
    SettingError : a cell without a heading ``# Title`` and a line below it.
    """
    parts: dict[str, tuple[str, str]] = {}
    for cell in markdown:
        for lang in [tag for tag in _tags(cell) if tag in {"zh", "en"}] or ["zh", "en"]:
            parts.setdefault(lang, _heading(_source(cell)))
        if len(parts) == 2:
            break
    if len(parts) < 2 or not all(title and question for title, question in parts.values()):
        raise SettingError(
            "The notebook's first cells do not say its title and its question",
            place=place,
            fix="begin with a cell '# Title' and the question below it, tagged zh, and one tagged en",
        )
    (title_zh, question_zh), (title_en, question_en) = parts["zh"], parts["en"]
    return Label(title_zh, title_en), Label(question_zh, question_en)


def _heading(text: str) -> tuple[str, str]:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if len(lines) < 2 or not lines[0].startswith("# "):
        return "", ""
    return lines[0].removeprefix("# ").strip(), lines[1]


def declared_parameters(code: Sequence[Mapping[str, Any]], *, place: str) -> tuple[Declared, ...]:
    """The parameters of the cell that is tagged ``parameters``, read from its syntax tree; nothing is executed.

    Raises
    ------
    SettingError : no such cell or several, or a line in it that is not ``name: type = value``.
    """
    cells = [_source(cell) for cell in code if "parameters" in _tags(cell)]
    if len(cells) != 1:
        raise SettingError(
            f"The notebook has {len(cells)} cells tagged 'parameters'", place=place, fix="tag exactly one cell"
        )
    try:
        statements = ast.parse(cells[0]).body
    except SyntaxError as fault:
        raise SettingError(
            f"The parameters cell is not Python: {fault.msg}",
            place=f"{place}, parameters cell, line {fault.lineno}",
            fix="correct the line",
        ) from fault
    tokens = tokenize.generate_tokens(io.StringIO(cells[0]).readline)
    comments = {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
    return tuple(_declared(statement, comments, place) for statement in statements)


def _declared(statement: ast.stmt, comments: Mapping[int, str], place: str) -> Declared:
    here = f"{place}, parameters cell, line {statement.lineno}"
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name) or not statement.value:
        raise SettingError(
            f"'{ast.unparse(statement)}' declares no parameter", place=here, fix="write name: type = value"
        )
    try:
        default = ast.literal_eval(statement.value)
    except (ValueError, RecursionError) as fault:
        raise SettingError(
            f"The default of '{statement.target.id}' is not written out",
            place=here,
            fix="give a number, a text, True, False, None or a list",
        ) from fault
    comment = comments.get(statement.end_lineno or statement.lineno, "")
    return Declared(statement.target.id, statement.annotation, default, comment, here)


def own_model(page: str, declared: Sequence[Declared], shared: Mapping[str, type[Common]] = SHARED) -> type[Common]:
    """The model of a project's own page: what its cell declares, and what every page has.

    A name that pages share, such as ``confidence``, keeps the meaning, type and default that it has everywhere.

    Raises
    ------
    SettingError : a type that is not plain, a default that does not fit it, or a shared name with another type.
    """
    fields: dict[str, Any] = {}
    for parameter in declared:
        if parameter.name not in shared:
            _refuse_unfit(parameter)
            default = Field(_frozen(parameter.default), description=parameter.comment or parameter.name)
            fields[parameter.name] = (_type(parameter.annotation, parameter), default)
            continue
        _refuse_shadow(parameter, shared[parameter.name])
        if parameter.name not in Common.model_fields:
            field = shared[parameter.name].model_fields[parameter.name]
            fields[parameter.name] = (field.annotation, field)
    return create_model(f"Parameters of {page}", __base__=Common, **fields)


def _refuse_unfit(parameter: Declared) -> None:
    """Refuse a name that a model or the run has for itself, and a default that does not fit the type."""
    taken = {"run", "bizlab", *Limits.model_fields}
    if parameter.name.startswith("_") or hasattr(Common, parameter.name) or parameter.name in taken:
        raise SettingError(
            f"A parameter cannot be called '{parameter.name}'", place=parameter.place, fix="choose another name"
        )
    try:
        TypeAdapter(_type(parameter.annotation, parameter)).validate_python(_frozen(parameter.default))
    except ValidationError as fault:
        raise SettingError(
            f"The default of '{parameter.name}' does not fit its type: {fault.errors()[0]['msg'].lower()}",
            place=parameter.place,
            fix="correct one of them; '| None' allows None",
        ) from fault


def _refuse_shadow(parameter: Declared, model: type[Common]) -> None:
    """Refuse a shared name that is declared with a value that it could not have, or with a default of its own."""
    usual = model.model_fields[parameter.name].default
    try:
        if parameter.default is not None:
            model(**{"month": "2000-01"} | {parameter.name: _frozen(parameter.default)})
            if parameter.name not in {"month", "lang"} and _frozen(parameter.default) != usual:
                raise ValueError("it has a default of its own")
    except ValueError as fault:
        raise SettingError(
            f"The page's own parameter '{parameter.name}' shadows the one that all pages share",
            place=parameter.place,
            fix="choose another name, or use it as it is described in docs/parameters.md, with None as its default",
        ) from fault


def _type(node: ast.expr, parameter: Declared) -> Any:
    """A plain type by its syntax; floats take whole numbers too, nothing else is converted."""
    match node:
        case ast.Constant(value=None):
            return None
        case ast.Name(id=name) if name in PLAIN:
            return PLAIN[name]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _type(left, parameter) | _type(right, parameter)
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            return tuple[_type(item, parameter), ...]  # type: ignore[misc]
        case ast.Subscript(value=ast.Name(id="Literal"), slice=items):
            listed = items.elts if isinstance(items, ast.Tuple) else [items]
            if all(isinstance(item, ast.Constant) for item in listed):
                return Literal[tuple(ast.literal_eval(item) for item in listed)]
    raise SettingError(f"'{ast.unparse(node)}' is not a plain type", place=parameter.place, fix=f"use {_TYPES_ALLOWED}")


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _tags(cell: Mapping[str, Any]) -> Sequence[str]:
    return list(cell["metadata"].get("tags", []))


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
