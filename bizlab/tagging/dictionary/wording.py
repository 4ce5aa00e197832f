"""A tag's rule in plain sentences, Chinese and English, made from the rule itself so that they cannot drift apart."""

from __future__ import annotations

from collections.abc import Mapping

from bizlab.conditions import words as conditions
from bizlab.conditions.fields import Field
from bizlab.conditions.tree import statements
from bizlab.conditions.words import filled, listed, quoted
from bizlab.contracts.columns import words
from bizlab.contracts.table import Table
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import KEY, Dictionary, Tag
from bizlab.tagging.dictionary.regions import may_be_missing
from bizlab.tagging.dictionary.rules import Aggregate, Cases, Named, Peers, RatioOf, columns_used
from bizlab.units.kinds import Unit

_PREPARED: dict[str, tuple[Label, dict[str, Label]]] = {
    "payments": (
        Label("回款", "payments received"),
        words(
            cycle_fen_days="金额×下单到回款的天数 | Amount times days from order to payment",
            late_fen_days="金额×应收日期到回款的天数 | Amount times days from due date to payment",
            matched_fen="有对应订单的回款金额 | Amount paid for a known order",
            amount_fen="金额 | Amount",
            paid_on="回款日期 | Paid on",
        ),
    ),
    "receivables": (
        Label("订单", "orders"),
        words(
            ordered_on="下单日期 | Ordered on",
            due_on="应收日期 | Payment due on",
            amount_fen="订单金额 | Order amount",
            paid_fen="已回款金额 | Amount paid",
            open_fen="未回款金额 | Amount not yet paid",
        ),
    ),
}
"""Words of the prepared tables, which no system exports and no contract describes."""

_MEASURES: dict[str, Label] = words(
    count="{rows}的数量 | number of {rows}",
    exists="是否有{rows} | whether there are any {rows}",
    sum="{rows}的{one}之和 | sum of {one} over {rows}",
    min="{rows}中最小的{one} | smallest {one} of {rows}",
    max="{rows}中最大的{one} | largest {one} of {rows}",
    first="{rows}中最早的{one} | earliest {one} of {rows}",
    latest="{rows}中最近的{one} | latest {one} of {rows}",
    count_distinct="{rows}中不同{one}的数量 | number of different values of {one} among {rows}",
    count_months="{rows}的{one}涉及的不同月份数 | number of different calendar months that {one} falls into, of {rows}",
    last="{rows}中最近一天的{one},同一天有多个取最大者 | "
    "{one} on the latest day among {rows}; of several on that day, the largest",
    days_since="{rows}中最近的{one}距截至日期的天数 | days from the latest {one} of {rows} to the as-of date",
    years_since="{rows}中最近的{one}距截至日期的整年数 | whole years from the latest {one} of {rows} to the as-of date",
    ratio="{rows}的{one}之和除以{two}之和 | sum of {one} over sum of {two}, of {rows}",
    value="{rows}中的{one} | {one} in {rows}",
    exists_one="是否已有{rows} | whether there is {rows}",
)
_NOTHING: dict[str, Label] = {"exists": Label("", "")} | words(
    count="没有则为0。 | Where there are none, it is 0.",
    sum="没有则为0。 | Where there are none, it is 0.",
    ratio="没有,或除数为0,则没有值,并注明原因。 | "
    "Where there are none, or the divisor is 0, no value, with the reason.",
    value="未填则没有值,并注明原因。 | Where it is not recorded, no value, with the reason.",
    other="没有则没有值,并注明原因。 | Where there are none, no value, with the reason.",
)
_RECORD = Label("企业资料", "a record of the company")
_NOT_APPLICABLE = Label("不适用", "not applicable")


def in_words(dictionary: Dictionary, tag_id: str, *, contracts: Mapping[str, Table]) -> Label:
    """What a tag is, in sentences that anybody in the company can check.

    Parameters
    ----------
    contracts : the contracts of the base tables by name; their labels, units and words of choices are used.

    Returns
    -------
    One text in both languages: how the value comes about, bounds in words, and when there is none.

    Raises
    ------
    SettingError : a table without a contract, or a column that its contract does not have.

    >>> from bizlab.tagging.dictionary.dictionary import parse_dictionary
    >>> words = {"zh": "近一年金额", "en": "Amount of a year"}
    >>> rule = {"table": "orders", "measure": "sum", "column": "amount_fen", "window_days": 365}
    >>> tag = {"id": "year_fen", "name": words, "definition": words, "layer": "enterprise", "refresh": "monthly",
    ...        "owner": words, "tier": "fact", "type": "number", "unit": "fen", "rule": rule}
    >>> tags = parse_dictionary({"tables": {"orders": {"occurred": "on", "empty": words}}, "tags": [tag]})
    >>> from bizlab.contracts.columns import column, table
    >>> amount = column("amount_fen", "金额 | Amount")
    >>> orders = table("orders", "订单行 | Order lines", "一行 | a line", amount, key="amount_fen")
    >>> zh, en = in_words(tags, "year_fen", contracts={"orders": orders})
    >>> print(zh)
    近365天(含截至日期)的订单行的“金额”之和。没有则为0。
    >>> print(en)
    The sum of "Amount" over order lines of the last 365 days, the as-of date included. Where there are none, it is 0.
    """
    rule, since = _rule_words(dictionary, dictionary[tag_id], contracts), dictionary[tag_id].valid_from
    if since is None:
        return rule
    return Label(f"自{since}起:{rule.zh}", f"From {since} on: {rule.en[0].lower() + rule.en[1:]}")


def condition_words(dictionary: Dictionary) -> dict[str, Label]:
    """Every condition of every rule, all versions included: as the rule writes it, and in words."""
    tags, known = dictionary.tags.values(), dictionary.fields
    rules = [rule for tag in tags for rule in (tag.rule, *(version.rule for version in tag.versions))]
    whens = [when for rule in rules if isinstance(rule, Cases) for when, _ in rule.cases]
    asked = {statement for when in whens for statement in statements(when)}
    return {str(statement): conditions.in_words(statement, known) for statement in asked}


def _rule_words(dictionary: Dictionary, tag: Tag, contracts: Mapping[str, Table]) -> Label:
    match tag.rule:
        case Aggregate():
            return _aggregate(tag, tag.rule, contracts)
        case Peers(of, by):
            return _peers(dictionary, dictionary[of], dictionary[by])
        case RatioOf(over, under):
            text = Label(
                "{one}除以{two}。两者之一缺失,或{two}为0,则没有值,并注明原因。",
                "{one} divided by {two}. Where either is missing, or {two} is 0, no value, with the reason.",
            )
            return filled(text, one=quoted(dictionary[over].name), two=quoted(dictionary[under].name))
        case Cases():
            return _cases(dictionary, tag, tag.rule)
        case Named():
            text = Label(
                "由拟合的模型根据{all}得出;没有值时由模型注明原因。",
                "Given by a fitted model from {all}; where there is no value, the model says why.",
            )
            return filled(text, all=listed([quoted(dictionary[name].name) for name in tag.inputs]))


def _aggregate(tag: Tag, rule: Aggregate, contracts: Mapping[str, Table]) -> Label:
    known = {name: _column_field(rule.table, name, contracts, tag) for name, _ in columns_used(rule)}
    rows = _rows(rule, _table_label(rule.table, contracts, tag), known)
    shown = _MEASURES[_measure(rule, known, contracts)]
    columns = [quoted(known[name].label) for name in rule.columns]
    main = filled(shown, rows=rows, **dict(zip(("one", "two"), columns, strict=False)))
    kind = {"years_since": "value"}.get(rule.measure, "count" if rule.measure.startswith("count") else rule.measure)
    nothing = _NOTHING.get(kind, _NOTHING["other"])
    asks = rule.measure == "exists"
    return Label(f"{main.zh}。{nothing.zh}", f"{_opened(main.en, asks=asks)}. {nothing.en}".strip())


def _measure(rule: Aggregate, known: Mapping[str, Field], contracts: Mapping[str, Table]) -> str:
    """The measure as it is said: of dates the earliest and the latest, of a record whether it is there."""
    if rule.measure == "exists" and _is_record(rule.table, contracts):
        return "exists_one"
    if rule.columns and known[rule.columns[0]].unit in {Unit.DATE, Unit.TIMESTAMP}:
        return {"min": "first", "max": "latest"}.get(rule.measure, rule.measure)
    return rule.measure


def _is_record(table: str, contracts: Mapping[str, Table]) -> bool:
    """Whether the table has one row per company."""
    return table in contracts and contracts[table].key == (KEY,)


def _opened(text: str, *, asks: bool) -> str:
    """An English noun phrase as the start of a sentence."""
    takes_article = not asks and not text.startswith(('"', "whole", "days"))  # names, and plurals without one
    text = f"the {text}" if takes_article else text
    return text[0].upper() + text[1:]


def _rows(rule: Aggregate, table: Label, known: Mapping[str, Field]) -> Label:
    """Which rows count: ``近365天的订单行`` and ``order lines of the last 365 days``."""
    zh, en = table.zh, table.en
    if rule.where is not None:
        asked = conditions.in_words(rule.where, known)
        zh, en = f"{asked.zh}的{zh}", f"{en} where {asked.en}"
    if rule.window_days is not None:
        zh = f"近{rule.window_days}天(含截至日期)的{zh}"
        en = f"{en} of the last {rule.window_days} days, the as-of date included"
    return Label(zh, en)


def _peers(dictionary: Dictionary, of: Tag, by: Tag) -> Label:
    counted = Label("{of}为是的企业数", "number of companies for which {of} is yes")
    summed = Label("{of}之和", "sum of {of}")
    main = filled(counted if of.type == "flag" else summed, of=quoted(of.name))
    zh, en = "{by}相同的全部企业中,{main}。", "The {main}, taken over all companies with the same {by}."
    if may_be_missing(dictionary, by):
        zh += "{by}缺失则没有值,并注明原因。"
        en += " Where {by} is missing, no value, with the reason."
    return filled(Label(zh, en), main=main, by=quoted(by.name))


def _cases(dictionary: Dictionary, tag: Tag, rule: Cases) -> Label:
    known = dictionary.fields
    parts = []
    for number, (when, value) in enumerate(rule.cases, start=1):
        text = Label(f"({number}) 若{{when}},则为{{value}}", f"({number}) {{value}} if {{when}}")
        parts.append(filled(text, when=conditions.in_words(when, known), value=_value_words(tag, value)))
    if rule.otherwise is None:
        parts.append(Label("都不成立则没有值,并注明原因", "where none holds, no value, with the reason"))
    else:
        parts.append(filled(Label("其余为{value}", "otherwise {value}"), value=_value_words(tag, rule.otherwise)))
    zh = "取第一个成立的:" + ";".join(part.zh for part in parts) + "。"
    en = "The first that holds: " + "; ".join(part.en for part in parts) + "."
    if any(may_be_missing(dictionary, dictionary[name]) for name in tag.inputs):
        zh += "输入缺失而使靠前的条件无法判断时没有值,并注明该输入缺失的原因。"
        en += " Where a missing input leaves an earlier condition open, no value, with the reason of that input."
    return Label(zh, en)


def _value_words(tag: Tag, value: str | None) -> Label:
    return _NOT_APPLICABLE if value is None else quoted(tag.words[value])


def _table_label(name: str, contracts: Mapping[str, Table], tag: Tag) -> Label:
    if _is_record(name, contracts):
        return _RECORD
    if name in contracts:
        label = contracts[name].label
        return Label(label.zh, label.en[0].lower() + label.en[1:])
    if name not in _PREPARED:
        raise tag.spot.refuse(f"There is no contract of the table '{name}'", "hand over its contract")
    return _PREPARED[name][0]


def _column_field(table: str, column: str, contracts: Mapping[str, Table], tag: Tag) -> Field:
    _table_label(table, contracts, tag)
    if table in contracts and column in contracts[table].by_name:
        known = contracts[table][column]
        return Field(column, known.label, known.unit, known.words)
    labels = {} if table in contracts else _PREPARED[table][1]
    if column not in labels:
        problem = f"The table '{table}' has no words for its column '{column}'"
        raise tag.spot.refuse(problem, "add the column to the contract of the table")
    return Field(column, labels[column], Unit.DATE if column.endswith("_on") else Unit.FEN)
