"""Which rows share a key, and which texts differ by one slip of the pen; never every row against every other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

LARGEST_GROUP = 50
"""In a larger group each row is paired with the first only, so that the number of pairs stays in step with the rows."""


def pairs_within(keys: pd.Series[Any]) -> pd.DataFrame:
    """Pairs of rows that share a key.

    Parameters
    ----------
    keys : any number of keys a row: the index says whose, the value is the key; a missing key is nobody's.

    Returns
    -------
    ``one`` and ``other``, from the index, each pair once and the smaller first.

    >>> pairs_within(pd.Series(["a", "b", "a", None, None], index=[1, 1, 2, 3, 4])).to_dict("records")
    [{'one': 1, 'other': 2}]
    """
    rows = pd.DataFrame({"key": keys.to_numpy(), "one": keys.index}).dropna(subset="key").drop_duplicates()
    rows = rows.sort_values(["key", "one"], ignore_index=True)
    same = rows.groupby("key", sort=False)["one"]
    large = same.transform("size") > LARGEST_GROUP
    every = rows[~large].merge(rows[~large].rename(columns={"one": "other"}), on="key")
    first = rows[large].assign(one=same.transform("first"), other=rows["one"])
    pairs = pd.concat([every, first])
    return pairs.loc[pairs["one"] < pairs["other"], ["one", "other"]].drop_duplicates(ignore_index=True)


def near_pairs(texts: Iterable[str], *, around: Iterable[str]) -> pd.DataFrame:
    """Pairs of texts that differ by one character inserted, left out or replaced, or by two neighbours swapped.

    Two such texts are equal once each has lost at most one character, so that only texts with a common shortening are
    compared (the deletion neighbourhood of Mor and Fraenkel 1982); the differences are those of Damerau 1964. Where
    more than `LARGEST_GROUP` texts of ``around`` share a shortening, only the smallest of them is compared through it.

    Parameters
    ----------
    texts : all texts. around : those of them that one text of each pair must be.

    Returns
    -------
    ``one`` and ``other``, each pair once and the smaller text first.

    >>> known = ["云岭泵业", "云岭阀业", "云岭泵", "岭云泵业", "云岭泵业"]
    >>> near_pairs(known, around=["云岭泵业"]).to_numpy().tolist()
    [['云岭泵', '云岭泵业'], ['云岭泵业', '云岭阀业'], ['云岭泵业', '岭云泵业']]
    """
    centres: dict[str, list[str]] = {}
    for centre in sorted(set(around)):
        for short in _shortened(centre):
            centres.setdefault(short, []).append(centre)
    met = {
        (min(text, centre), max(text, centre))
        for text in set(texts)
        for short in _shortened(text)
        for centre in _few(centres.get(short, []))
    }
    return pd.DataFrame(sorted(pair for pair in met if slip(*pair)), columns=["one", "other"], dtype="object")


def slip(one: str, other: str) -> tuple[str, str] | None:
    """What stands in each of two texts where they differ by one slip; nothing when they differ otherwise or not at all.

    >>> slip("云岭泵业", "云岭阀业"), slip("云岭泵业", "云岭业"), slip("91350", "93150"), slip("云岭", "云帆泵")
    (('泵', '阀'), ('泵', ''), ('13', '31'), None)
    """
    start = _common(one, other)
    left, right = one[start:], other[start:]
    end = _common(left[::-1], right[::-1])
    left, right = left[: len(left) - end], right[: len(right) - end]
    single = len(left) <= 1 and len(right) <= 1 and left != right
    swapped = len(left) == len(right) == 2 and left == right[::-1]
    return (left, right) if single or swapped else None


def _few(centres: list[str]) -> list[str]:
    return centres if len(centres) <= LARGEST_GROUP else centres[:1]


def _common(one: str, other: str) -> int:
    """How many characters two texts share from the start."""
    differing = (at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
    return next(differing, min(len(one), len(other)))


def _shortened(text: str) -> set[str]:
    """A text, and what is left of it without any one of its characters."""
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}
