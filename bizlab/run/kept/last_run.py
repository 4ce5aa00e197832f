"""What earlier runs left: results to compare with, analyses to take over, and how long they took."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bizlab.data.seals import sha256
from bizlab.errors import ContractError, RunError, some
from bizlab.report import codec
from bizlab.report.long_tables import FOLDER
from bizlab.report.shown import Results
from bizlab.run.kept.manifest import MANIFEST
from bizlab.run.pages import Page
from bizlab.run.publish import RECORD

WHOLE = "run the whole month once, without --only"


def published(reports: Path, month: str, *, report: Callable[[str], None]) -> list[Results]:
    """The results of a published month; none when it was not published, or its results can no longer be read."""
    try:
        texts = [path.read_text("utf-8") for path in sorted((reports / month / "results").glob("*.json"))]
        return [codec.from_json(text) for text in texts]
    except (ContractError, ValueError):
        report(f"reports/{month} was made by another version or is damaged; nothing is compared with it")
        return []


def seconds(reports: Path, month: str) -> dict[str, float]:
    """How long each notebook took in the last run of the month, or else in that of the latest other month."""
    records = [_content(path) for path in [*sorted(reports.glob(f"[0-9]*/{RECORD}")), reports / month / RECORD]]
    return {name: float(value) for record in records for name, value in record.get("seconds", {}).items()}


def unchanged(place: Path, facts: Mapping[str, Any], *, previous: str) -> bool:
    """Whether a published month is whole, and a run would make it again as it is.

    Parameters
    ----------
    facts : all that the month is made of now. previous : the hash of what the month before is made of.
    """
    last = _content(place / MANIFEST)
    same = all(last.get(fact) == value for fact, value in facts.items()) and last.get("previous") == previous
    files = last.get("outputs", {})
    return same and all((place / name).is_file() and sha256(place / name) == seal for name, seal in files.items())


def record_of(place: Path) -> dict[str, Any]:
    """How the run of a published month went; empty where that cannot be read."""
    return _content(place / RECORD)


def take_over(others: Iterable[Page], place: Path, staging: Path, *, facts: Mapping[str, Any]) -> None:
    """Copy pages that are not run again from the published month.

    Parameters
    ----------
    others : the pages.
    place, staging : the published month and the one that is being made.
    facts : all that the month is made of now.

    Raises
    ------
    RunError : the month was made of something else, or its files were changed since; of notebooks and
        parameters only those of the pages taken over count.
    """
    taken = list(others)
    if not taken:
        return
    last, names = _content(place / MANIFEST), [page.name for page in taken]
    differing = [fact for fact in facts if _made_of(last, fact, names) != _made_of(facts, fact, names)]
    if differing:
        raise RunError(
            f"'--only' would mix two runs: changed since the last one: {some(differing)}",
            place=f"reports/{place.name}/{MANIFEST}",
            fix=WHOLE,
        )
    for page in taken:
        stem, outputs = page.stem, last.get("outputs", {})
        long = [name for name in outputs if name.startswith(f"{FOLDER}/{stem}.")]
        for name in (f"notebooks/{stem}.ipynb", f"results/{stem}.json", *long):
            if not (place / name).is_file() or sha256(place / name) != outputs.get(name):
                raise RunError(
                    "The file is not as the last run published it", place=f"reports/{place.name}/{name}", fix=WHOLE
                )
            (staging / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(place / name, staging / name)


def _made_of(facts: Mapping[str, Any], fact: str, analyses: Sequence[str]) -> Any:
    """What pages were made of in one respect; of notebooks and parameters, only their own count."""
    if fact not in {"notebooks", "parameters"}:
        return facts.get(fact)
    return {name: facts.get(fact, {}).get(name) for name in analyses}


def _content(path: Path) -> dict[str, Any]:
    """A JSON file of a published month; empty when there is none that can be read."""
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (FileNotFoundError, ValueError):
        return {}
