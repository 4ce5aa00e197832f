"""The card of one customer as a page of its own: ``bizlab card CUSTOMER``."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from bizlab.errors import RunError
from bizlab.reporting.analyses import analysis
from bizlab.reporting.execute import execute_all
from bizlab.reporting.explain import find_customer
from bizlab.reporting.parameters import Parameters
from bizlab.reporting.progress import Progress
from bizlab.reporting.run import Outcome, job_of, not_holding, rendered, with_results
from bizlab.reporting.session import Run

CARD = "customer_card"


def make_card(project: Path, params: Parameters, customer: str, *, report: Callable[[str], None]) -> Outcome:
    """Execute the card's notebook for one customer and publish its page under ``reports/cards/<month>/``.

    Parameters
    ----------
    customer : id or full name. report : takes a line of progress.

    Raises
    ------
    BizlabError : no such customer, or the notebook failed; an older card of the customer stays as it is.
    """
    customer_id = find_customer(Run(CARD, project, params), customer)
    entry, chosen = analysis(CARD), params.model_copy(update={"customer": customer_id})
    place = project / "reports" / "cards" / params.month / f"{customer_id}.html"
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".") as folder:
        staging = Path(folder)
        for name in ("notebooks", "results"):
            (staging / name).mkdir()
        progress = Progress([CARD], last={}, at_once=1, say=report)
        (executed,) = execute_all([job_of(project, chosen, entry, staging)], progress=progress)
        done = with_results(executed, staging)
        if done.problem:
            failed = place.with_suffix(".failed.ipynb")
            shutil.copyfile(done.output, failed)
            raise RunError(
                f"No card was made: {done.problem}",
                place=failed.relative_to(project).as_posix(),
                way_out="open the executed notebook, mend the cause, and try again",
            )
        results = rendered(staging, entry, chosen, home=None)
        (staging / f"{Path(entry.notebook).stem}.html").replace(place)
    return Outcome(place, not_holding([results]))
