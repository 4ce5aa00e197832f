"""Customer tags: dictionary, facts, models, quality, segments."""

from bizlab.tagging.dictionary.dictionary import KEY, Dictionary, Layer, Tag, Tier, parse_dictionary
from bizlab.tagging.quality import migration
from bizlab.tagging.quality.drift import DRIFT, drift, drift_findings, order_cycles
from bizlab.tagging.quality.quality import (
    TAG_DICTIONARY,
    TAG_MISSING,
    TAG_SUMMARY,
    dictionary_table,
    missing_reasons,
    owners,
    tag_summary,
)
from bizlab.tagging.tags.facts import customer_facts
from bizlab.tagging.tags.models import TagModel, customer_tags, snapshot
from bizlab.tagging.tags.predicted import Predicted, with_predictions
from bizlab.tagging.tags.snapshot import Snapshot

__all__ = [
    "DRIFT",
    "KEY",
    "TAG_DICTIONARY",
    "TAG_MISSING",
    "TAG_SUMMARY",
    "Dictionary",
    "Layer",
    "Predicted",
    "Snapshot",
    "Tag",
    "TagModel",
    "Tier",
    "customer_facts",
    "customer_tags",
    "dictionary_table",
    "drift",
    "drift_findings",
    "migration",
    "missing_reasons",
    "order_cycles",
    "owners",
    "parse_dictionary",
    "snapshot",
    "tag_summary",
    "with_predictions",
]
