"""The monthly analyses of a B2B company, from messy exports to published reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizlab.version import __version__

if TYPE_CHECKING:
    from datetime import date, datetime

    from bizlab.run.session import Run
    from bizlab.tagging import Snapshot

__all__ = ["__version__", "open", "tags"]


def open(page: str, **parameters: Any) -> Run:
    """Open a page of a month; the first call of every notebook.

    Parameters
    ----------
    page : its name, such as ``"unit_hour"``; ``bizlab list`` gives them all.
    parameters : its parameters; ``None`` leaves what ``params/`` says.

    Returns
    -------
    The run: it loads tables as of the month's last day, shows results and collects checks and findings.

    Raises
    ------
    SettingError : an unknown page or parameter, or a value that cannot be used.
    """
    from bizlab.run.session import open_run

    return open_run(page, **parameters)


def tags(as_of: date, *, known_by: datetime | None = None) -> Snapshot:
    """All tags of all customers on a date, from what had happened by then and was recorded by a moment.

    Parameters
    ----------
    as_of : nothing dated later is read (event time).
    known_by : nothing recorded later is read (record time); by default all that is recorded now. Tables whose system
        keeps no time of recording are read whole. Rules are those in force on ``as_of``; the value grade is cut at the
        points that are kept, whenever they were fitted. What was published in a month is kept in ``history/tags/``.

    Returns
    -------
    The snapshot; its ``frame`` has one row per customer.

    Raises
    ------
    RunError : nothing is recorded in the month of ``as_of``: customers would seem to have stopped.
    """
    from bizlab.analyses.customers.tags import tags_of
    from bizlab.run.month import refuse_empty_month
    from bizlab.run.session import open_run

    run = open_run("customer_tags", month=f"{as_of:%Y-%m}", known_by=known_by)
    refuse_empty_month(run.warehouse, run.month)
    return tags_of(run, as_of)[0].snapshot
