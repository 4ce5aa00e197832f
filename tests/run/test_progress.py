"""The time left follows from the last run's durations, and not at all where they say nothing."""

import pytest

from bizlab.run.progress import Progress

LAST = {"tags": 30.0, "sheet": 20.0, "funnel": 10.0, "summary": 5.0}


@pytest.mark.parametrize(
    ("last", "running", "left"),
    [
        (LAST, {"tags": 10.0, "sheet": 10.0}, "; about 25 s left"),
        (LAST | {"funnel": 60.0}, {"tags": 10.0, "sheet": 10.0}, "; about 70 s left"),
        ({"tags": 30.0}, {"tags": 10.0, "sheet": 10.0}, ""),
        (LAST, {"tags": 31.0, "sheet": 10.0}, ""),
    ],
    ids=["two lanes", "the longest decides", "a new analysis", "longer than last time"],
)
def test_seconds_left(last, running, left):
    said = []
    Progress(list(LAST), last=last, at_once=2, say=said.append).tell(running)
    assert said == [f"[0/4] running: tags, sheet{left}"]


def test_what_ended_counts_no_longer():
    said = []
    progress = Progress(["tags", "sheet"], last=LAST, at_once=2, say=said.append)
    progress.ended("tags", seconds=31.4, failed=True)
    progress.tell({"sheet": 15.0})
    assert said == ["[1/2] tags failed after 31 s", "[1/2] running: sheet; about 5 s left"]
