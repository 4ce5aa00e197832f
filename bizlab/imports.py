"""An import that is made cheaper."""

from __future__ import annotations

import sys
from importlib import import_module


def import_jsonschema() -> None:
    """Import jsonschema, which Altair and nbformat rest on, without its check of internationalised URIs.

    Where `rfc3987_syntax` is installed, jsonschema imports it and it reads its grammar at once, which takes over a
    second of every process that runs or draws anything. No chart or notebook holds such a URI to be checked. Whoever
    imports `rfc3987_syntax` itself still gets it.
    """
    grammar = "rfc3987_syntax"
    if "jsonschema" in sys.modules or grammar in sys.modules:
        return
    sys.modules[grammar] = None  # type: ignore[assignment]  # so that importing it fails, which jsonschema allows for
    try:
        import_module("jsonschema")
    finally:
        del sys.modules[grammar]
