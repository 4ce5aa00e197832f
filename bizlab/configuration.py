"""Plain mappings of configuration files, read with the place of every mistake."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from bizlab.errors import SettingError, did_you_mean
from bizlab.labels import Label

if TYPE_CHECKING:
    from pydantic import ValidationError


@dataclass(frozen=True)
class Spot:
    """Where in the configuration a value stands, for messages: the ``path`` to it as readers know it, and its ``keys``.

    ``source`` is the whole configuration; one that was read from a file knows its lines, any other is called ``whole``.
    """

    whole: str
    path: str = ""
    source: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    keys: tuple[str | int, ...] = ()

    def at(self, part: str | int, *, path: str = "") -> Spot:
        """A part of the value: a name of a mapping or a number of a list; ``path`` where readers know it otherwise."""
        step = f"[{part}]" if isinstance(part, int) else f".{part}" if self.path else str(part)
        return Spot(self.whole, path or self.path + step, self.source, (*self.keys, part))

    @property
    def place(self) -> str:
        """File and line, and the path within it."""
        known = getattr(self.source, "place", None)
        return ", ".join(filter(None, [known(*self.keys) if known else self.whole, self.path]))

    def refuse(self, problem: str, fix: str) -> SettingError:
        return SettingError(problem, place=self.place, fix=fix)


class Misfit(NamedTuple):
    """What of a configuration does not fit its model: where, the problem in words, and its type in pydantic's words."""

    keys: tuple[str | int, ...]
    problem: str
    type: str
    is_key: bool


def misfit(fault: ValidationError) -> Misfit:
    """What to say of several faults: an unknown name before all else, then the first."""
    first = min(fault.errors(), key=lambda error: error["type"] != "extra_forbidden")
    keys = tuple(key for key in first["loc"] if key != "[key]")
    return Misfit(keys, first["msg"].removeprefix("Value error, ").lower(), first["type"], "[key]" in first["loc"])


def mapping(value: Any, spot: Spot) -> Mapping[str, Any]:
    """The value as a mapping, or a refusal."""
    if not isinstance(value, Mapping):
        raise spot.refuse(f"'{value}' is not a mapping", "write it as 'name: value' lines")
    return value


def fields(value: Any, spot: Spot, *, needed: Collection[str], allowed: Collection[str] = ()) -> Mapping[str, Any]:
    """A mapping with the needed names and no others than the allowed ones."""
    given = mapping(value, spot)
    known = [*needed, *allowed]
    for name in given:
        if name not in known:
            raise spot.refuse(f"'{name}' is not known here", did_you_mean(str(name), known))
    missing = [name for name in needed if name not in given]
    if missing:
        raise spot.refuse(f"'{missing[0]}' is missing", f"add '{missing[0]}: ...'")
    return given


def by_id(value: Any, spot: Spot, *, what: str) -> dict[str, tuple[Any, Spot]]:
    """The entries of a list by their ``id``, each with its place, which messages call by ``what`` it is and its id."""
    if not isinstance(value, list):
        raise spot.refuse(f"The {what}s are not a list", f"start every {what} with '- id: ...'")
    entries: dict[str, tuple[Any, Spot]] = {}
    for number, entry in enumerate(value):
        here = spot.at(number)
        entry_id = word(mapping(entry, here).get("id"), here.at("id"))
        called = spot.at(number, path=f"{what} '{entry_id}'")
        if entry_id in entries:
            raise called.refuse(f"The id '{entry_id}' is there twice", f"give every {what} an id of its own")
        entries[entry_id] = entry, called
    return entries


def word(value: Any, spot: Spot) -> str:
    if not isinstance(value, str) or not value.strip():
        raise spot.refuse(f"'{value}' is not a text", "write a text, in quotes where it looks like a number")
    return value.strip()


def number(value: Any, spot: Spot) -> float:
    """The value as a number; yes and no are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise spot.refuse(f"'{value}' is not a number", "write one, such as 0.25")
    return float(value)


def whole_number(value: Any, spot: Spot) -> int:
    """The value as a whole number from 1 up.

    >>> whole_number(0, Spot("params/clusters.yaml", "n_init"))
    Traceback (most recent call last):
    bizlab.errors.SettingError: '0' is not a whole number from 1 up. Where: params/clusters.yaml, n_init. ...
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise spot.refuse(f"'{value}' is not a whole number from 1 up", "write one, such as 10")
    return value


def label(value: Any, spot: Spot) -> Label:
    given = fields(value, spot, needed=("zh", "en"))
    return Label(word(given["zh"], spot.at("zh")), word(given["en"], spot.at("en")))


def choice(value: Any, options: Collection[str], spot: Spot) -> str:
    if value not in options:
        raise spot.refuse(f"'{value}' is not one of the choices", f"choose from {', '.join(options)}")
    return str(value)
