"""The tag dictionary: what every tag means, what it is made of, and who answers for it. It is data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.tagging.graph import in_order
from bizlab.tagging.reading import Spot, choice, fields, label, mapping, rule, word
from bizlab.tagging.rules import Aggregate, Cases, Named, Rule, columns_used, tags_used
from bizlab.units import Unit

PLACE = "tags"
KEY = "customer_id"


class Tier(StrEnum):
    """Three tiers, each refined from the one below."""

    FACT = "fact"
    MODEL = "model"
    PREDICTION = "prediction"

    @property
    def height(self) -> int:
        return list(Tier).index(self)


class Layer(StrEnum):
    """What a tag describes: the industry, the company, or the people in it."""

    INDUSTRY = "industry"
    ENTERPRISE = "enterprise"
    EMPLOYEE = "employee"


UNITS_OF_TYPE: dict[str, tuple[Unit, ...]] = {
    "number": (Unit.FEN, Unit.COUNT, Unit.DAYS, Unit.QUANTITY, Unit.RATE, Unit.SCORE),
    "category": (Unit.CODE,),
    "date": (Unit.DATE,),
    "flag": (Unit.BOOL,),
}
_ENDINGS = {Unit.FEN: "_fen", Unit.DATE: "_on", Unit.RATE: "_rate"}


@dataclass(frozen=True)
class Reason:
    """Why a customer has no value; ``is_known`` tells 'does not apply' from 'nobody recorded it'."""

    label: Label
    is_known: bool


@dataclass(frozen=True)
class TableUse:
    """A table that tags are made of.

    Parameters
    ----------
    name : contract name, or the name of a prepared table.
    occurred : the date column that says when a row happened; later rows are not read.
    empty : what it means for a customer to have no row in it.
    """

    name: str
    occurred: str
    empty: Label


@dataclass(frozen=True)
class Tag:
    """One entry of the dictionary.

    Parameters
    ----------
    tag_id : name in code; money ends in ``_fen``, dates in ``_on``, shares in ``_rate``.
    name, definition : for readers, both languages.
    tier, layer : where it stands.
    type, unit : what a value is.
    inputs : the tags it is made of; for fact tags from a table, none.
    rule : how a value comes about.
    refresh, owner : how often it is renewed and who answers for it.
    words : for categories, the words of each value (``values`` in the file).
    """

    tag_id: str
    name: Label
    definition: Label
    tier: Tier
    layer: Layer
    type: str
    unit: Unit
    inputs: tuple[str, ...]
    rule: Rule
    refresh: str
    owner: Label
    words: Mapping[str, Label] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{PLACE}, tag '{self.tag_id}'"


@dataclass(frozen=True)
class Dictionary:
    """All tags in the order of the file, the tables they are made of, and the order in which tags are computed."""

    tags: Mapping[str, Tag]
    tables: Mapping[str, TableUse]
    order: tuple[str, ...]

    def __getitem__(self, tag_id: str) -> Tag:
        if tag_id not in self.tags:
            raise SettingError(f"There is no tag '{tag_id}'", place=PLACE, way_out="use an id of the dictionary")
        return self.tags[tag_id]

    @property
    def labels(self) -> dict[str, Label]:
        return {tag.tag_id: tag.name for tag in self.tags.values()}

    @property
    def definitions(self) -> dict[str, Label]:
        return {tag.tag_id: tag.definition for tag in self.tags.values()}

    @property
    def reasons(self) -> dict[str, Reason]:
        """Why a value may be missing, whatever the tag."""
        empty = {f"no_{use.name}": Reason(use.empty, is_known=True) for use in self.tables.values()}
        return {**REASONS, **empty}

    def of_tier(self, tier: Tier) -> tuple[Tag, ...]:
        """The tags of a tier in the order of computing."""
        return tuple(self.tags[tag_id] for tag_id in self.order if self.tags[tag_id].tier is tier)


REASONS: dict[str, Reason] = {
    "not_recorded": Reason(Label("资料未填", "not recorded"), is_known=False),
    "none_matching": Reason(Label("有记录,但期间或条件内没有", "records, but none in the window"), is_known=True),
    "zero_base": Reason(Label("分母为零", "the denominator is zero"), is_known=True),
    "not_applicable": Reason(Label("不适用", "not applicable"), is_known=True),
    "no_case": Reason(Label("没有适用的规则", "no rule applies"), is_known=False),
}


def parse_dictionary(config: Mapping[str, Any]) -> Dictionary:
    """Read ``tags.yaml`` as a plain mapping into a dictionary whose graph is sound.

    Parameters
    ----------
    config : ``tables`` (name to ``occurred`` and ``empty``) and ``tags`` (a list of entries).

    Returns
    -------
    Dictionary; ``order`` has each tag after its inputs.

    Raises
    ------
    SettingError : an unknown name, a repeated id, an unknown input, a cycle, or a tag that reads one of a
        higher tier; the message names the tag and where in the file.

    >>> parse_dictionary({"tables": {}, "tags": [{"id": "a"}]})
    Traceback (most recent call last):
    bizlab.errors.SettingError: 'name' is missing. Where: tags, tag 'a'. Way out: add 'name: ...'.
    """
    top = fields(config, Spot(PLACE), needed=("tables", "tags"))
    given = mapping(top["tables"], Spot(f"{PLACE}.tables"))
    tables = {name: _table(name, value) for name, value in given.items()}
    tags: dict[str, Tag] = {}
    entries = top["tags"]
    if not isinstance(entries, list):
        raise Spot(f"{PLACE}.tags").refuse("The tags are no list", "start every tag with '- id: ...'")
    for number, entry in enumerate(entries):
        tag = _tag(entry, number)
        if tag.tag_id in tags:
            raise Spot(tag.place).refuse(f"The id '{tag.tag_id}' is there twice", "give every tag an id of its own")
        tags[tag.tag_id] = tag
    for tag in tags.values():
        _refuse_unsound(tag, tags, tables)
    order = in_order({tag.tag_id: tag.inputs for tag in tags.values()}, place=PLACE)
    return Dictionary(tags, tables, order)


def check_columns(dictionary: Dictionary, columns: Mapping[str, Collection[str]]) -> None:
    """Refuse a dictionary that reads a column which its table does not have.

    Parameters
    ----------
    columns : for every table that is at hand, prepared ones included, its columns.

    Raises
    ------
    SettingError : the tag, the part of its rule, the table and the column.
    """
    for use in dictionary.tables.values():
        if use.name in columns and use.occurred not in columns[use.name]:
            raise _unknown_column(f"{PLACE}.tables.{use.name}.occurred", use.name, use.occurred, columns)
    for tag in dictionary.tags.values():
        if isinstance(tag.rule, Aggregate) and tag.rule.table in columns:
            for column, part in columns_used(tag.rule):
                if column not in columns[tag.rule.table]:
                    raise _unknown_column(f"{tag.place}.rule.{part}", tag.rule.table, column, columns)


def _unknown_column(place: str, table: str, column: str, columns: Mapping[str, Collection[str]]) -> SettingError:
    return Spot(place).refuse(
        f"The table '{table}' has no column '{column}'", f"choose from {', '.join(columns[table])}"
    )


def _table(name: str, value: Any) -> TableUse:
    spot = Spot(f"{PLACE}.tables.{name}")
    found = fields(value, spot, needed=("occurred", "empty"))
    return TableUse(name, word(found["occurred"], spot.at("occurred")), label(found["empty"], spot.at("empty")))


def _tag(entry: Any, number: int) -> Tag:
    start = Spot(f"{PLACE}.tags").at(number)
    tag_id = word(mapping(entry, start).get("id"), start.at("id"))
    spot = Spot(f"{PLACE}, tag '{tag_id}'")
    needed = ("id", "name", "definition", "tier", "layer", "type", "rule", "refresh", "owner")
    found = fields(entry, spot, needed=needed, allowed=("unit", "inputs", "values"))
    kind = choice(found["type"], UNITS_OF_TYPE, spot.at("type"))
    made = rule(found["rule"], spot.at("rule"))
    inputs = _inputs(found.get("inputs"), made, spot)
    words = mapping(found.get("values", {}), spot.at("values"))
    return Tag(
        tag_id=tag_id,
        name=label(found["name"], spot.at("name")),
        definition=label(found["definition"], spot.at("definition")),
        tier=Tier(choice(found["tier"], [*Tier], spot.at("tier"))),
        layer=Layer(choice(found["layer"], [*Layer], spot.at("layer"))),
        type=kind,
        unit=_unit(tag_id, kind, found.get("unit"), spot),
        inputs=inputs,
        rule=made,
        refresh=word(found["refresh"], spot.at("refresh")),
        owner=label(found["owner"], spot.at("owner")),
        words={str(code): label(value, spot.at("values").at(str(code))) for code, value in words.items()},
    )


def _unit(tag_id: str, kind: str, given: Any, spot: Spot) -> Unit:
    """The unit, which the end of the name must show."""
    options = UNITS_OF_TYPE[kind]
    unit = options[0] if given is None and len(options) == 1 else Unit(choice(given, [*options], spot.at("unit")))
    wanted = _ENDINGS.get(unit, "")
    wrong = [ending for ending in _ENDINGS.values() if ending != wanted and tag_id.endswith(ending)]
    if not tag_id.endswith(wanted) or wrong:
        raise spot.at("unit").refuse(
            f"The id '{tag_id}' does not show its unit '{unit}'", "money ends in _fen, dates in _on, shares in _rate"
        )
    return unit


def _inputs(given: Any, made: Rule, spot: Spot) -> tuple[str, ...]:
    """The inputs as declared, which must be those that the rule reads."""
    listed = given if isinstance(given, list) else [] if given is None else [given]
    inputs = tuple(word(name, spot.at("inputs")) for name in listed)
    used = tags_used(made)
    if used is None:
        if not inputs:
            raise spot.refuse("'inputs' is missing", "list the tags that the model reads, in its order")
        return inputs
    for name in used:
        if name not in inputs:
            raise spot.at("rule").refuse(f"The rule reads '{name}', which is no declared input", "add it to 'inputs'")
    for name in inputs:
        if name not in used:
            raise spot.at("inputs").refuse(f"The rule does not read the input '{name}'", "take it out of 'inputs'")
    return inputs


def _refuse_unsound(tag: Tag, tags: Mapping[str, Tag], tables: Mapping[str, TableUse]) -> None:
    spot = Spot(tag.place)
    for name in tag.inputs:
        if name not in tags:
            raise spot.at("inputs").refuse(f"The input '{name}' is no tag", "use an id of the dictionary")
        if tags[name].tier.height > tag.tier.height:
            raise spot.at("inputs").refuse(
                f"The {tag.tier} tag '{tag.tag_id}' reads the {tags[name].tier} tag '{name}' of a higher tier",
                "a tag is made of tags of its own tier or below; move one of the two",
            )
    if isinstance(tag.rule, Aggregate) and tag.rule.table not in tables:
        raise spot.at("rule.table").refuse(f"The table '{tag.rule.table}' is not declared", "add it under 'tables'")
    if isinstance(tag.rule, Cases | Named) and tag.tier is Tier.FACT:
        raise spot.at("rule").refuse("A fact tag is counted, not judged", "make it a model tag, or count from a table")
    if isinstance(tag.rule, Aggregate) and tag.tier is not Tier.FACT:
        raise spot.at("rule").refuse(
            f"A {tag.tier} tag is made of tags, not of a table", "count it in a fact tag first"
        )
    if isinstance(tag.rule, Cases):
        _refuse_unknown_values(tag, tag.rule, spot)


def _refuse_unknown_values(tag: Tag, made: Cases, spot: Spot) -> None:
    for value in filter(None, [*(value for _, value in made.cases), made.otherwise]):
        if value not in tag.words:
            raise spot.at("values").refuse(f"The value '{value}' has no words", f"add '{value}: {{zh: .., en: ..}}'")
