"""What a page read, so that a later run knows whether it would come out the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bizlab.data.seals import tree_hash
from bizlab.errors import ContractError
from bizlab.run.tables import Tables
from bizlab.tables import description_files
from bizlab.tables.lists import SETTINGS as LISTS

MARK = "read:"
"""What stands before the name of something read in the provenance of results."""
EVERYTHING = "warehouse"


@dataclass(frozen=True)
class Reads:
    """What was read of a project's month, by name, each with a hash of what it held.

    Parameters
    ----------
    tables : of the month.
    """

    project: Path
    tables: Tables
    hashes: dict[str, str] = field(default_factory=dict)

    def table(self, name: str) -> None:
        """A table up to the month's last day."""
        self._read(f"table {name}")

    def names(self, name: str) -> None:
        """All rows of a table that gives names."""
        self._read(f"names {name}")

    def config(self, name: str) -> None:
        """A file of ``params/``."""
        self._read(f"params {name}")

    def everything(self) -> None:
        """The whole warehouse, with the account of how it was made."""
        self._read(EVERYTHING)

    def provenance(self) -> dict[str, str]:
        """What was read and the input files that it came from, as results keep it."""
        kinds = [name.partition(" ")[::2] for name in self.hashes]
        tables = {name for kind, name in kinds if kind in {"table", "names"}}
        files = self.tables.store.files_of(None if EVERYTHING in self.hashes else tables)
        whole = {f"input:{seal.path}": seal.sha256 for seal in self.tables.store.seals() if seal.path in files}
        return whole | {f"{MARK}{name}": value for name, value in self.hashes.items()}

    def still(self, provenance: Mapping[str, str]) -> bool:
        """Whether all that results say they were made of holds the same now."""
        read = {name.removeprefix(MARK): value for name, value in provenance.items() if name.startswith(MARK)}
        return bool(read) and all(self._hash(name) == value for name, value in read.items())

    def _read(self, name: str) -> None:
        if name not in self.hashes:
            self.hashes[name] = self._hash(name)

    def _hash(self, name: str) -> str:
        store, (kind, _, of) = self.tables.store, name.partition(" ")
        try:
            match kind:
                case "table":
                    return store.content(of, until=self.tables.month.last)
                case "names":
                    return store.content(of, until=date.max)
                case "params":
                    return settings_hash(self.project, of)
        except ContractError:
            return ""  # the table is gone
        return store.seal if kind == EVERYTHING else ""


def settings_hash(project: Path, name: str) -> str:
    """A hash of a file of ``params/``, empty where there is none; of lists also of what own tables ask of entries."""
    paths = description_files(project) if name == LISTS.stem else [project / "params" / f"{name}.yaml"]
    return tree_hash(present, root=project) if (present := [path for path in paths if path.is_file()]) else ""
