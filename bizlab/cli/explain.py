"""``bizlab explain CUSTOMER TAG``: how a customer came to a value."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from bizlab import tagging
from bizlab.analyses.customers.tag_steps import TAG_TABLES
from bizlab.analyses.customers.tags import tags_of
from bizlab.cli import DONE
from bizlab.cli.options import latest_month_options, run_of
from bizlab.errors import unknown
from bizlab.labels import Label, Lang
from bizlab.run.session import Run
from bizlab.tagging.dictionary.dictionary import Tier
from bizlab.tagging.dictionary.rules import Named
from bizlab.tagging.dictionary.wording import in_words
from bizlab.tagging.tags.explain import steps
from bizlab.tagging.tags.facts import rows_behind

_MOST_ROWS = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("customer", metavar="CUSTOMER", help="id or full name")
    parser.add_argument("tag", metavar="TAG", help="id or name")
    latest_month_options(parser)


def command(options: argparse.Namespace) -> int:
    run = run_of(options, "customer_card")
    print("\n".join(explanation(run, customer=options.customer, tag=options.tag)))
    return DONE


def explanation(run: Run, *, customer: str, tag: str) -> list[str]:
    """Lines that lead from the value down to the rows it was counted from.

    Parameters
    ----------
    run : of a page with the parameters of tags and predictions.
    customer : id or full name. tag : id, or name in either language.
    """
    (moment,) = tags_of(run, run.as_of)
    dictionary, lang = moment.snapshot.dictionary, run.params.lang
    customer_id, tag_id = find_customer(run, customer), find_tag(dictionary, tag)
    rule = dictionary[tag_id].rule
    if dictionary[tag_id].tier is Tier.PREDICTION and isinstance(rule, Named):
        from bizlab.analyses.customers.forecasts import Forecasts  # other tags need no models

        moment = Forecasts(run).with_tags(moment, names=[rule.model])
    name = run.names("customers")[customer_id]
    lines = [f"{customer_id} {name.text(lang)} · {run.as_of.isoformat()}"]
    for step in steps(moment.snapshot, customer_id, tag_id, models=moment.models):
        blanks = "  " * step.depth
        missing = moment.snapshot.reason_labels[step.reason] if step.reason else step.tag.name
        value = step.value.text(lang) if step.value else f"({missing.text(lang)})"
        lines.append(f"{blanks}{step.tag.name.text(lang)} [{step.tag.tag_id}] = {value}")
        lines.append(f"{blanks}    {in_words(dictionary, step.tag.tag_id, contracts=run.contracts).text(lang)}")
        if step.because:
            lines.append(f"{blanks}    → {step.because.text(lang)}")
    return [*lines, *_rows(run, dictionary, tag_id, customer_id, lang=lang)]


def _rows(run: Run, dictionary: tagging.Dictionary, tag_id: str, customer_id: str, *, lang: Lang) -> Iterator[str]:
    """The rows that the tag itself, if it is counted from a table, rests on."""
    tables = {name: run.scan(name) for name in TAG_TABLES}
    rows = rows_behind(dictionary, tables, tag_id, customer_id=customer_id, as_of=run.as_of)
    if not rows.empty:
        yield Label(f"所依据的 {len(rows)} 行(至多显示最近 {_MOST_ROWS} 行):",
                    f"the {len(rows)} rows it rests on (the last {_MOST_ROWS} at most):").text(lang)  # fmt: skip
        yield from rows.tail(_MOST_ROWS).to_string(index=False).splitlines()


def find_customer(run: Run, given: str) -> str:
    """The id of a customer from the id or full name; `SettingError` where there is none, or several bear the name."""
    names = run.names("customers")
    if given in names:
        return given
    by_name = [customer_id for customer_id, label in names.items() if label.zh == given]
    if len(by_name) == 1:
        return by_name[0]
    raise unknown("customer", given, [*names, *(label.zh for label in names.values())], "command line")


def find_tag(dictionary: tagging.Dictionary, given: str) -> str:
    """The id of a tag from the id or the name in either language; `SettingError` says what comes near."""
    words = {word: tag_id for tag_id, label in dictionary.labels.items() for word in (tag_id, *label)}
    if given in words:
        return words[given]
    raise unknown("tag", given, words, "command line")
