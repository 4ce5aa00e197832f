"""The words in which contracts are written: one line a column, one string a text in both languages.

The unit of a column follows from its name and is written only where the name does not tell it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from bizlab.contracts.column import Column
from bizlab.contracts.table import Identity, Table
from bizlab.errors import ContractError, some
from bizlab.labels import Label
from bizlab.units.kinds import Unit, unit_of

Text: TypeAlias = str | Label
"""A text in both languages, ``"中文 | English"``: see `Label.of`."""
Columns: TypeAlias = "Column | Iterable[Columns]"


def words(texts: Mapping[str, Text] | None = None, /, **more: Text) -> dict[str, Label]:
    """The words that a reader sees for each code; codes that cannot be keywords stand in a mapping, as in `dict`.

    >>> words({"24h": "24 小时内 | within a day"}, later="以后 | later")["24h"]
    Label(zh='24 小时内', en='within a day')
    """
    return {code: Label.of(said) for code, said in {**(texts or {}), **more}.items()}


def table(
    name: str, label: Text, grain: Text, *columns: Columns, key: str, sums: Mapping[str, Text] | None = None
) -> Table:
    """The contract of a computed table.

    Parameters
    ----------
    label, grain : its name, and what one row is.
    columns : in the order of the table; groups of columns, such as `ratio` makes, are laid flat.
    key : the columns that identify a row, separated by blanks.
    sums : what must add up in every row, and how a reader reads it.

    Raises
    ------
    ContractError : the key names no column.

    >>> contract = table(
    ...     "variance",
    ...     "预算偏差 | Budget variance",
    ...     "每个责任单元一行 | one row per owner",
    ...     code("owner_id", "责任单元 | Owner"),
    ...     column("variance_fen", "偏差额 | Variance", "实际 − 预算 | actual − budget"),
    ...     ratio("variance_rate", "偏差率 | Rate", missing=words(no_plan="无预算 | no plan")),
    ...     key="owner_id",
    ... )
    >>> contract.names, contract["variance_fen"].unit, contract["variance_rate_reason"].choices
    (('owner_id', 'variance_fen', 'variance_rate', 'variance_rate_reason'), <Unit.FEN: 'fen'>, ('no_plan',))
    """
    contract = Table(
        name,
        Label.of(label),
        Label.of(grain),
        columns=tuple(_flat(columns)),
        key=tuple(key.split()),
        identities=tuple(Identity(rule, Label.of(said)) for rule, said in (sums or {}).items()),
    )
    if unknown := [part for part in contract.key if part not in contract.by_name]:
        raise ContractError(
            f"The key names no column: {some(unknown)}",
            place=f"table {name}",
            fix=f"choose from {', '.join(contract.names)}",
        )
    return contract


def _flat(columns: Iterable[Columns]) -> Iterator[Column]:
    for item in columns:
        if isinstance(item, Column):
            yield item
        else:
            yield from _flat(item)


def column(
    name: str,
    label: Text,
    definition: Text | None = None,
    *,
    unit: Unit | None = None,
    nullable: bool = False,
    choices: Mapping[str, Label] | Sequence[str] = (),
    words: Mapping[str, Label] | None = None,
    refers: str = "",
) -> Column:
    """One column.

    Parameters
    ----------
    unit : where the name does not tell it; what has choices or words, or refers to a table, is a code by itself.
    choices : the codes allowed; a mapping gives their words too.
    words : words of codes, which do not limit the column to them.
    refers : for ids, the table whose rows they name.

    Raises
    ------
    ContractError : nothing tells the unit.

    >>> period = column("period", "期间 | Period", choices=words(month="本月 | Month"))
    >>> period.choices, period.choice_labels
    (('month',), {'month': Label(zh='本月', en='Month')})
    """
    if isinstance(choices, Mapping):
        words = words or choices or None
    coded = Unit.CODE if choices or words or refers else None
    known = unit or unit_of(name) or coded
    if known is None:
        raise ContractError(
            "The name of a column does not tell its unit",
            place=f"column {name}",
            fix="end the name with one, such as '_fen', or give the unit",
        )
    meaning = None if definition is None else Label.of(definition)
    return Column(name, known, Label.of(label), nullable, tuple(choices), meaning, words, refers)


code = partial(column, unit=Unit.CODE)
text = partial(column, unit=Unit.TEXT)
phrase = partial(column, unit=Unit.PHRASE)
count = partial(column, unit=Unit.COUNT)
score = partial(column, unit=Unit.SCORE)
"""Columns of the units that names seldom tell: codes, plain words, words in both languages, numbers of things, numbers
without a unit."""


def ratio(
    name: str, label: Text, definition: Text | None = None, *, missing: Mapping[str, Label], unit: Unit | None = None
) -> tuple[Column, Column]:
    """A ratio, which is not defined for every row, and beside it the column that says why.

    Parameters
    ----------
    missing : the reasons there are, with their words.
    unit : where the name does not tell it and it is not a number without a unit.

    >>> [part.name for part in ratio("psi", "稳定性指数 | PSI", missing=words(too_few="样本过少 | too few"))]
    ['psi', 'psi_reason']
    """
    unit = unit or unit_of(name) or Unit.SCORE
    return column(name, label, definition, unit=unit, nullable=True), reason(name, missing)


def reason(of: str, missing: Mapping[str, Label] | None = None) -> Column:
    """Why a figure is missing; a reader sees it in the figure's place, never as a column of its own.

    Parameters
    ----------
    of : the figure's column.
    missing : the reasons there are, with their words; None where they are known only when the table is shown.
    """
    label = Label("缺失原因", "Why missing")
    return column(f"{of}_reason", label, unit=Unit.CODE, nullable=True, choices=missing or ())
