"""Errors that an analyst can act on: what is wrong, where it stands, and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_SHOWN = 5
_LISTED = 30


class BizlabError(Exception):
    """Root of every error that bizlab raises on purpose.

    Parameters
    ----------
    problem : one sentence: what is wrong, with the offending value.
    place : file, line, sheet, table, column or rows where it stands.
    fix : what the reader can do about it.
    """

    exit_code = 2

    def __init__(self, problem: str, *, place: str, fix: str) -> None:
        self.problem, self.place, self.fix = problem, place, fix
        super().__init__(problem, place, fix)

    def __str__(self) -> str:
        return f"{self.problem.rstrip('.')}. Where: {self.place}. Fix: {self.fix.rstrip('.')}."


class SettingError(BizlabError):
    """A parameter, configuration file or command-line value that cannot be used."""


class SourceError(BizlabError):
    """An input file that is missing, damaged, or not what its declaration says."""


class DataError(BizlabError):
    """Data that break a rule without which nothing can be computed, such as a cycle in a tree."""


class ContractError(BizlabError):
    """A table that does not keep the promise of its contract: a fault of ours or of a caller."""


class RunError(BizlabError):
    """A run that cannot start, finish or publish."""


def some(values: Sequence[object], *, most: int = _SHOWN) -> str:
    """The first few values, and how many more there are, so that a message stays short.

    >>> some(["U1", "U2"])
    'U1, U2'
    >>> some(range(9))
    '0, 1, 2, 3, 4 and 4 more'
    """
    shown = ", ".join(str(value) for value in values[:most])
    return shown if len(values) <= most else f"{shown} and {len(values) - most} more"


def did_you_mean(name: object, options: Iterable[str]) -> str:
    """The fix for a name that does not exist: the nearest one that does, or the ones to choose from.

    >>> did_you_mean("stuck_day", ["stuck_days", "month"])
    "write 'stuck_days'"
    >>> did_you_mean("weather", ["stuck_days", "month"]), did_you_mean("weather", [])
    ('choose from stuck_days, month', 'leave it out: there is nothing to choose from')
    """
    known = list(options)
    near = difflib.get_close_matches(str(name), known, n=1)
    if near:
        return f"write '{near[0]}'"
    return f"choose from {some(known, most=_LISTED)}" if known else "leave it out: there is nothing to choose from"


def unknown(what: str, name: object, options: Iterable[str], place: str) -> SettingError:
    """The refusal of a name that does not exist.

    >>> str(unknown("channel", "onlin", ["online", "fair"], "params/base.yaml, line 3")).split(". Where")[0]
    "There is no channel 'onlin'"
    """
    return SettingError(f"There is no {what} '{name}'", place=place, fix=did_you_mean(name, options))
