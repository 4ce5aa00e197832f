"""Rendering without the search for garbage that is not there."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Hold off the collection of cycles for a step that makes millions of small values and hardly a cycle.

    The collector looks through all that is alive again and again as values become many: a quarter of the time that a
    page costs. Everything else is freed as ever, as soon as nothing refers to it. Also a decorator.

    >>> with uncollected():
    ...     gc.isenabled()
    False
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
