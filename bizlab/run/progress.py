"""Lines that tell how far a run is: what is running, how many notebooks are done, how long is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence


class Progress:
    """How far the notebooks of a run are.

    Parameters
    ----------
    names : all notebooks of the run, in the order in which they start.
    last : seconds that each took the last time, as far as known.
    at_once : how many run side by side.
    say : takes a line.

    >>> progress = Progress(["a", "b", "c"], last={"a": 20, "b": 10, "c": 30}, at_once=2, say=print)
    >>> progress.tell({"a": 0.0, "b": 0.0})
    [0/3] running: a, b; about 40 s left
    >>> progress.ended("b", seconds=12.0, failed=False)
    [1/3] b done after 12 s
    >>> progress.tell({"a": 12.0, "c": 0.0})
    [1/3] running: a, c; about 30 s left
    """

    def __init__(
        self, names: Sequence[str], *, last: Mapping[str, float], at_once: int, say: Callable[[str], None]
    ) -> None:
        self._open = list(names)
        self._n_all, self._last, self._at_once, self._say = len(names), last, at_once, say

    def ended(self, name: str, *, seconds: float, failed: bool) -> None:
        """Tell that a notebook ended."""
        self._open.remove(name)
        self._say(f"{self._done} {name} {'failed' if failed else 'done'} after {seconds:.0f} s")

    def tell(self, running: Mapping[str, float]) -> None:
        """Tell what is running, given the seconds that each has been running for."""
        left = self._seconds_left(running)
        rest = "" if left is None else f"; about {left:.0f} s left"
        self._say(f"{self._done} running: {', '.join(running)}{rest}")

    @property
    def _done(self) -> str:
        return f"[{self._n_all - len(self._open)}/{self._n_all}]"

    def _seconds_left(self, running: Mapping[str, float]) -> float | None:
        """What the last durations would make of the rest; nothing where one is unknown or already exceeded."""
        lanes = [0.0] * self._at_once
        for name in self._open:
            rest = self._last.get(name, 0.0) - running.get(name, 0.0)
            if rest <= 0:
                return None
            lanes.sort()
            lanes[0] += rest
        return max(lanes)
