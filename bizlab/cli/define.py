"""``bizlab define TAG``: a tag written out in plain words, or as SQL over the tables."""

from __future__ import annotations

import argparse

from bizlab import tagging
from bizlab.cli import DONE
from bizlab.cli.explain import find_tag
from bizlab.cli.options import latest_month_options, settings_of
from bizlab.labels import Label
from bizlab.run.settings import Settings, config
from bizlab.tables import project_tables
from bizlab.tagging.dictionary.dictionary import LAYERS, TIERS
from bizlab.tagging.dictionary.wording import in_words
from bizlab.tagging.tags.sql import as_sql


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tag", metavar="TAG", help="id or name")
    parser.add_argument("--sql", action="store_true", help="as one query over the tables, in DuckDB's dialect")
    latest_month_options(parser)


def command(options: argparse.Namespace) -> int:
    settings, tag = settings_of(options), options.tag
    print(definition_sql(settings, tag=tag) if options.sql else "\n".join(definition(settings, tag=tag)))
    return DONE


def definition(settings: Settings, *, tag: str) -> list[str]:
    """Lines on what a tag means, how it comes about, what it is made of and who answers for it; see `find_tag`."""
    dictionary, tag_id = _tag_of(settings, tag)
    own, lang = dictionary[tag_id], settings.common.lang
    made_of = ", ".join(f"{dictionary.labels[name].text(lang)} [{name}]" for name in own.inputs)
    parts = {
        Label("定义", "Meaning"): own.definition.text(lang),
        Label("规则", "Rule"): in_words(dictionary, tag_id, contracts=project_tables(settings.project)).text(lang),
        Label("由来", "Made of"): made_of,
        Label("层级", "Tier"): f"{TIERS[own.tier].text(lang)}, {LAYERS[own.layer].text(lang)}",
        Label("更新", "Refresh"): own.refresh,
        Label("负责", "Owner"): own.owner.text(lang),
    }
    lines = [f"  {name.text(lang)}: {text}" for name, text in parts.items() if text]
    return [f"{own.name.zh} · {own.name.en} [{tag_id}]", *lines]


def definition_sql(settings: Settings, *, tag: str) -> str:
    """A query, in DuckDB's dialect, that counts a tag of rules again for every company as of the month's last day."""
    dictionary, tag_id = _tag_of(settings, tag)
    return as_sql(dictionary, tag_id, as_of=settings.month.last)


def _tag_of(settings: Settings, tag: str) -> tuple[tagging.Dictionary, str]:
    """The dictionary of the month's last day, and the tag's id in it."""
    dictionary = tagging.parse_dictionary(config(settings.project, "tags")).on(settings.month.last)
    return dictionary, find_tag(dictionary, tag)
