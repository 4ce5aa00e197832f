"""What ``bizlab define TAG`` says: a tag written out in plain words, or as SQL over the tables."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bizlab import tagging
from bizlab.data.tables import TABLES
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.reporting import settings
from bizlab.reporting.explain import find_tag
from bizlab.reporting.parameters import Parameters
from bizlab.tagging.dictionary.dictionary import LAYERS, TIERS
from bizlab.tagging.dictionary.wording import in_words
from bizlab.tagging.tags.sql import as_sql


def definition(project: Path, params: Parameters, *, tag: str) -> list[str]:
    """Lines that say what a tag means, how it comes about, what it is made of and who answers for it.

    Parameters
    ----------
    tag : id, or name in either language.

    Raises
    ------
    SettingError : no such tag; the message names what comes near.
    """
    dictionary, tag_id = _found(project, params, tag)
    one, lang = dictionary[tag_id], params.lang
    made_of = ", ".join(f"{dictionary.labels[name].text(lang)} [{name}]" for name in one.inputs)
    parts = {
        Label("定义", "Meaning"): one.definition.text(lang),
        Label("规则", "Rule"): in_words(dictionary, tag_id, contracts=TABLES).text(lang),
        Label("由来", "Made of"): made_of,
        Label("层级", "Tier"): f"{TIERS[one.tier].text(lang)}, {LAYERS[one.layer].text(lang)}",
        Label("更新", "Refresh"): one.refresh,
        Label("负责", "Owner"): one.owner.text(lang),
    }
    lines = [f"  {name.text(lang)}: {text}" for name, text in parts.items() if text]
    return [f"{one.name.zh} · {one.name.en} [{tag_id}]", *lines]


def definition_sql(project: Path, params: Parameters, *, tag: str) -> str:
    """One query, in DuckDB's dialect, that counts the tag again for every company as of the month's last day.

    Raises
    ------
    SettingError : no such tag, or one that comes from a fitted model.
    """
    dictionary, tag_id = _found(project, params, tag)
    return as_sql(dictionary, tag_id, as_of=Month.parse(params.month).last)


def _found(project: Path, params: Parameters, tag: str) -> tuple[tagging.Dictionary, str]:
    """The dictionary of the month's last day, and the tag's id in it."""
    config = partial(settings.config, project)
    dictionary = tagging.parse_dictionary(config("tags")).on(Month.parse(params.month).last)
    return dictionary, find_tag(dictionary, tag)
