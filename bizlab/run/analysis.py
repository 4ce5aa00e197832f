"""What the library adds to a notebook that is one of its own pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizlab.labels import Label
from bizlab.report.shown import Results
from bizlab.run.parameters import Common

if TYPE_CHECKING:
    from bizlab.run.session import Run
    from bizlab.run.tables import Tables


@dataclass(frozen=True)
class Workbook:
    """A workbook of its own that is published with the month: its file, what the index calls it, and how it is made."""

    file: str
    label: Label
    make: Callable[[Results], bytes]


@dataclass(frozen=True)
class Analysis:
    """A page's parameters, and what else it brings; ``ANALYSIS`` of the module that the notebook's metadata name.

    Parameters
    ----------
    parameters : the model; the notebook's parameters cell lists its names.
    leader : how the tables are limited to the leader of a unit; None for a page that is for the company alone.
    workbook : what finance keeps beside the month's workbook.
    keep : keeps something for good when the page was made in a month's run; takes a line of progress.
    """

    parameters: type[Common]
    leader: type[Tables] | None = None
    workbook: Workbook | None = None
    keep: Callable[[Run, Callable[[str], None]], None] | None = None
