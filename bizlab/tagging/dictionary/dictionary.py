"""The tag dictionary: what every tag means, what it is made of, and who answers for it. It is data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import Any

from bizlab.conditions.fields import Field
from bizlab.configuration import Spot, by_id, choice, fields, label, mapping, word
from bizlab.contracts.columns import code, column, words
from bizlab.errors import did_you_mean, unknown
from bizlab.labels import Label
from bizlab.tagging.dictionary.reading import rule, tags_read, versions
from bizlab.tagging.dictionary.rules import Aggregate, Cases, Named, Rule, Version, columns_used
from bizlab.units.kinds import Unit

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


TIERS = words(fact="事实标签 | Fact", model="模型标签 | Model", prediction="预测标签 | Prediction")
LAYERS = words(industry="行业层 | Industry", enterprise="企业层 | Enterprise", employee="员工层 | Employee")
CUSTOMER = code(KEY, "企业 | Company", refers="customers")
TAG = code("tag_id", "标签 | Tag")
TIER = column("tier", "层级 | Tier", choices=TIERS)
LAYER = column("layer", "对象 | Layer", choices=LAYERS)

UNITS_OF_TYPE: dict[str, tuple[Unit, ...]] = {
    "number": (Unit.FEN, Unit.COUNT, Unit.DAYS, Unit.QUANTITY, Unit.RATE, Unit.SCORE),
    "category": (Unit.CODE,),
    "date": (Unit.DATE,),
    "flag": (Unit.BOOL,),
}
_ENDINGS = {Unit.FEN: "_fen", Unit.DATE: "_on", Unit.RATE: "_rate"}


@dataclass(frozen=True)
class Reason:
    """Why a customer has no value; ``is_known`` where it does not apply, not where nobody recorded it."""

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
    spot : where it is declared.
    versions : where the rule has changed over time, all its versions, the earliest first; ``rule`` and ``inputs``
        are those of one of them.
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
    versions: tuple[Version, ...] = ()
    spot: Spot = field(default=Spot(PLACE), compare=False, repr=False)

    @property
    def as_field(self) -> Field:
        """The tag as conditions read it."""
        return Field(self.tag_id, self.name, self.unit, self.words)

    @property
    def dtype(self) -> str:
        """The pandas type that holds its values, which may be missing."""
        return self.unit.row.kind.nullable

    @property
    def valid_from(self) -> date | None:
        """Since when the rule holds; None where it has no versions."""
        return next(
            (v.from_on for v in reversed(self.versions) if (v.rule, v.inputs) == (self.rule, self.inputs)), None
        )

    def on(self, day: date) -> Tag:
        """The tag under the version of its rule that is valid on a day; `SettingError` before the first one."""
        if not self.versions:
            return self
        begun = [version for version in self.versions if version.from_on <= day]
        if not begun:
            raise self.spot.at("versions").refuse(
                f"There is no rule for {day}: the first version holds from {self.versions[0].from_on}",
                "ask for a later day, or let the first version begin earlier",
            )
        return replace(self, rule=begun[-1].rule, inputs=begun[-1].inputs)


@dataclass(frozen=True)
class Dictionary:
    """All tags in the order of the file, the tables they are made of, and the order in which tags are computed."""

    tags: Mapping[str, Tag]
    tables: Mapping[str, TableUse]
    order: tuple[str, ...]

    def __getitem__(self, tag_id: str) -> Tag:
        if tag_id not in self.tags:
            raise unknown("tag", tag_id, self.tags, PLACE)
        return self.tags[tag_id]

    @property
    def labels(self) -> dict[str, Label]:
        return {tag.tag_id: tag.name for tag in self.tags.values()}

    @property
    def fields(self) -> dict[str, Field]:
        """The tags as conditions read them."""
        return {tag.tag_id: tag.as_field for tag in self.tags.values()}

    @property
    def definitions(self) -> dict[str, Label]:
        return {tag.tag_id: tag.definition for tag in self.tags.values()}

    @property
    def reasons(self) -> dict[str, Reason]:
        """Why a value may be missing, whatever the tag."""
        return REASONS | {f"no_{use.name}": Reason(use.empty, is_known=True) for use in self.tables.values()}

    def on(self, day: date) -> Dictionary:
        """The dictionary under the rules that are valid on a day; without versions, itself.

        Raises
        ------
        SettingError : the day lies before the first version of a tag, or that day's rules form no sound graph.
        """
        return _sound({tag_id: tag.on(day) for tag_id, tag in self.tags.items()}, self.tables)

    def below(self, tag_id: str) -> frozenset[str]:
        """Every tag that a tag is made of, its inputs' inputs included."""
        inputs = self[tag_id].inputs
        return frozenset(inputs).union(*(self.below(name) for name in inputs))

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


def parse_dictionary(config: Mapping[str, Any], *, on: date | None = None) -> Dictionary:
    """Read ``tags.yaml`` as a plain mapping into a dictionary whose graph is sound on every day.

    Parameters
    ----------
    config : ``tables`` (name to ``occurred`` and ``empty``) and ``tags`` (a list of entries).
    on : the as-of date whose rules are taken where a tag has versions; by default the latest.

    Returns
    -------
    Dictionary; ``order`` has each tag after its inputs.

    Raises
    ------
    SettingError : an unknown name, a repeated id, an unknown input, a cycle, a tag that reads one of a higher tier,
        or no rule on that date; the message names the tag and where in the file.

    >>> parse_dictionary({"tables": {}, "tags": [{"id": "a"}]})
    Traceback (most recent call last):
    bizlab.errors.SettingError: 'name' is missing. Where: tags, tag 'a'. Fix: add 'name: ...'.
    """
    whole = Spot(PLACE, source=config)
    top = fields(config, whole, needed=("tables", "tags"))
    uses = whole.at("tables")
    tables = {name: _table(name, value, uses.at(name)) for name, value in mapping(top["tables"], uses).items()}
    entries = by_id(top["tags"], whole.at("tags"), what="tag")
    known = {tag_id: _field(entry, tag_id, spot) for tag_id, (entry, spot) in entries.items()}
    tags = {tag_id: _tag(entry, known[tag_id], spot, known) for tag_id, (entry, spot) in entries.items()}
    latest = _sound(tags, tables)
    starts = [tag.versions[0].from_on for tag in tags.values() if tag.versions]
    changes = {version.from_on for tag in tags.values() for version in tag.versions}
    for day in sorted(day for day in changes if day >= max(starts)):
        latest.on(day)
    return latest if on is None else latest.on(on)


def check_columns(dictionary: Dictionary, columns: Mapping[str, Collection[str]]) -> None:
    """Refuse a dictionary that reads a column which its table does not have.

    Parameters
    ----------
    columns : for every table that is at hand, prepared ones included, its columns.
    """
    reads = [(Spot(PLACE, f"tables.{use.name}.occurred"), use.name, use.occurred) for use in dictionary.tables.values()]
    for tag in dictionary.tags.values():
        if isinstance(tag.rule, Aggregate):
            spot = tag.spot.at("rule")
            reads += [(spot.at(part), tag.rule.table, name) for name, part in columns_used(tag.rule)]
    for spot, table, name in reads:
        if table in columns and name not in columns[table]:
            raise spot.refuse(f"The table '{table}' has no column '{name}'", did_you_mean(name, columns[table]))


def _table(name: str, value: Any, spot: Spot) -> TableUse:
    given = fields(value, spot, needed=("occurred", "empty"))
    return TableUse(name, word(given["occurred"], spot.at("occurred")), label(given["empty"], spot.at("empty")))


def _field(entry: Any, tag_id: str, spot: Spot) -> Field:
    """What conditions know of a tag, whatever its rule."""
    needed = ("id", "name", "definition", "tier", "layer", "type", "refresh", "owner")
    made_by = "versions" if "versions" in entry else "rule"
    given = fields(entry, spot, needed=(*needed, made_by), allowed=("unit", "inputs", "values"))
    kind = choice(given["type"], UNITS_OF_TYPE, spot.at("type"))
    values = mapping(given.get("values", {}), spot.at("values"))
    return Field(
        tag_id,
        label(given["name"], spot.at("name")),
        _unit(tag_id, kind, given.get("unit"), spot),
        {str(value): label(said, spot.at("values").at(str(value))) for value, said in values.items()},
    )


def _tag(entry: Mapping[str, Any], own: Field, spot: Spot, known: Mapping[str, Field]) -> Tag:
    given = entry.get("inputs")
    dated = versions(entry["versions"], spot.at("versions"), given, known) if "versions" in entry else ()
    made = dated[-1].rule if dated else rule(entry["rule"], spot.at("rule"), known)
    return Tag(
        tag_id=own.name,
        name=own.label,
        definition=label(entry["definition"], spot.at("definition")),
        tier=Tier(choice(entry["tier"], [*Tier], spot.at("tier"))),
        layer=Layer(choice(entry["layer"], [*Layer], spot.at("layer"))),
        type=entry["type"],
        unit=own.unit,
        inputs=dated[-1].inputs if dated else tags_read(given, made, spot),
        rule=made,
        refresh=word(entry["refresh"], spot.at("refresh")),
        owner=label(entry["owner"], spot.at("owner")),
        words=own.words,
        versions=dated,
        spot=spot,
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


def _sound(tags: Mapping[str, Tag], tables: Mapping[str, TableUse]) -> Dictionary:
    """The dictionary of these tags, or a refusal of what it cannot compute."""
    for tag in tags.values():
        _refuse_unsound(tag, tags, tables)
    try:
        TopologicalSorter({tag_id: tag.inputs for tag_id, tag in tags.items()}).prepare()
    except CycleError as fault:
        circle = fault.args[1][::-1]
        raise tags[circle[0]].spot.refuse(
            f"The tags read each other in a circle: {' -> '.join(circle)}",
            "take one of these inputs out, so that every tag is made of tags below it",
        ) from fault
    order: dict[str, None] = {}

    def put(tag_id: str) -> None:
        """Each tag after what it reads, otherwise in the order of the file."""
        if tag_id not in order:
            for name in tags[tag_id].inputs:
                put(name)
            order[tag_id] = None

    for tag_id in tags:
        put(tag_id)
    return Dictionary(tags, tables, tuple(order))


def _refuse_unsound(tag: Tag, tags: Mapping[str, Tag], tables: Mapping[str, TableUse]) -> None:
    spot = tag.spot
    for name in tag.inputs:
        if name not in tags:
            raise spot.at("inputs").refuse(f"The input '{name}' is not a tag", "use an id of the dictionary")
        if tags[name].tier.height > tag.tier.height:
            raise spot.at("inputs").refuse(
                f"The {tag.tier} tag '{tag.tag_id}' reads the {tags[name].tier} tag '{name}' of a higher tier",
                "a tag is made of tags of its own tier or below; move one of the two",
            )
    if isinstance(tag.rule, Aggregate) and tag.rule.table not in tables:
        where = spot.at("rule").at("table")
        raise where.refuse(f"The table '{tag.rule.table}' is not declared", "add it under 'tables'")
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
