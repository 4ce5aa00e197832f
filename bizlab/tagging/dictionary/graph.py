"""The order in which tags are computed, and the refusal of what cannot be ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bizlab.errors import SettingError


def in_order(inputs: Mapping[str, Sequence[str]], *, place: str) -> tuple[str, ...]:
    """Names so ordered that each stands after what it reads; otherwise in the order given.

    Depth-first search (Tarjan, "Edge-disjoint spanning trees and depth-first search", 1976).

    Parameters
    ----------
    inputs : for every name, the names it reads; each of them is a name too.
    place : where the graph is declared, for the message.

    Raises
    ------
    SettingError : a cycle, with the names along it.

    >>> in_order({"grade": ["amount"], "amount": [], "share": ["amount"]}, place="tags")
    ('amount', 'grade', 'share')
    >>> in_order({"a": ["b"], "b": ["a"]}, place="tags")
    Traceback (most recent call last):
    bizlab.errors.SettingError: The tags read each other in a circle: a -> b -> a. Where: tags, tag 'a'. ...
    """
    done: dict[str, None] = {}
    for name in inputs:
        _visit(name, inputs, done, (), place)
    return tuple(done)


def _visit(
    name: str, inputs: Mapping[str, Sequence[str]], done: dict[str, None], above: tuple[str, ...], place: str
) -> None:
    if name in done:
        return
    if name in above:
        circle = [*above[above.index(name) :], name]
        raise SettingError(
            f"The tags read each other in a circle: {' -> '.join(circle)}",
            place=f"{place}, tag '{name}'",
            fix="take one of these inputs out, so that every tag is made of tags below it",
        )
    for read in inputs[name]:
        _visit(read, inputs, done, (*above, name), place)
    done[name] = None
