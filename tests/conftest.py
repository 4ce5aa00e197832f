"""Fixtures that every test may use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def unchanged() -> Callable[..., AbstractContextManager[None]]:
    """``with unchanged(frame, other): ...`` fails if a frame was changed in place."""

    @contextmanager
    def guard(*frames: pd.DataFrame) -> Iterator[None]:
        before = [frame.copy(deep=True) for frame in frames]
        yield
        for frame, copy in zip(frames, before, strict=True):
            assert_frame_equal(frame, copy)

    return guard
