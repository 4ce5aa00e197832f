"""What notebooks import, read from their cells without executing any."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

_OPENING = "bizlab.run.session"  # what `bizlab.open` imports when it is called


def preloaded(notebooks: Iterable[Path]) -> list[str]:
    """Names of the library's modules that notebooks import, those of their pages' metadata among them.

    Modules of a project and of strangers are not among them: what else they do when they are imported, one notebook
    would do to the next. Libraries that bizlab rests on come with its modules.

    Parameters
    ----------
    notebooks : files; what cannot be read as one is passed over, since executing it will say why.

    Returns
    -------
    Names in order; of ``from bizlab import budget`` both ``bizlab`` and ``bizlab.budget``, though a name that is
    imported from a module need not be a module itself.
    """
    named = {name for path in notebooks for name in imports_of(path)}
    named |= {name.rpartition(".")[0] for name in named}
    own = {name for name in named if name.partition(".")[0] == "bizlab"}
    return sorted(own | {_OPENING} if "bizlab" in own else own)


def imports_of(path: Path) -> Iterator[str]:
    """What a notebook imports and the module that its metadata name, as `imported_names` gives them."""
    try:
        notebook = json.loads(path.read_text("utf-8-sig"))
        analysis = str(notebook["metadata"].get("bizlab", {}).get("analysis", ""))
        sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    yield analysis.partition(":")[0]
    for source in sources:
        yield from imported_names(source)


def imported_names(source: str) -> Iterator[str]:
    """What a piece of code imports, wherever in it: modules, and names with the module that they come from.

    Nothing where it is not plain Python.

    >>> list(imported_names("import pandas as pd; from bizlab.labels import Label"))
    ['pandas', 'bizlab.labels.Label']
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a magic of IPython, or a mistake that executing it will tell
        return
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from (alias.name for alias in aliases)
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                yield from (f"{module}.{alias.name}" for alias in aliases)
