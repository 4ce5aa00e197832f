"""The monthly analyses of a B2B company, from messy exports to published reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bizlab.reporting.session import Run

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def open(analysis: str, **parameters: Any) -> Run:
    """Open an analysis of a month; the first call of every notebook.

    Parameters
    ----------
    analysis : its name, such as ``"unit_hour"``; ``bizlab list`` gives them all.
    parameters : values that override ``params/``; ``None`` leaves what stands there. See docs/parameters.md.

    Returns
    -------
    The run: it loads tables as of the month's last day, shows results and collects checks and findings.

    Raises
    ------
    SettingError : an unknown analysis or parameter, or a value that cannot be used.
    """
    from bizlab.reporting.session import open_run

    return open_run(analysis, **parameters)
