"""What the input tables are, as data: one YAML file a system here, and a project's own in its folder ``tables/``."""

from pathlib import Path

from bizlab.contracts.table import Table
from bizlab.tables.lists import SETTINGS, NamedList, read_lists, with_lists
from bizlab.tables.reading import Described, read_tables

LIBRARY = read_tables(
    [Path(__file__).with_name(f"{system}.yaml") for system in ("crm", "erp", "amoeba", "budget")],
    root=Path(__file__).parents[2],
)
TABLES: dict[str, Table] = LIBRARY.tables
"""The library's tables, without the choices that each company has its own lists of."""


def project_tables(project: Path) -> dict[str, Table]:
    """The library's tables and those that a project describes in ``tables/*.yaml``, by name, with its own choices.

    Raises
    ------
    SettingError : a file of the project cannot be used, or describes a table that the library has; see `read_tables`
        and `read_lists`.
    """
    described = _described(project)
    return with_lists(described.tables, read_lists(project, described.lists))


def project_lists(project: Path) -> dict[str, NamedList]:
    """The lists that a company chooses from, by name: see `read_lists`."""
    return read_lists(project, _described(project).lists)


def description_files(project: Path) -> list[Path]:
    """The files that say what the tables of a project are, whether they are there or not."""
    return [project / SETTINGS, *sorted((project / "tables").glob("*.yaml"))]


def _described(project: Path) -> Described:
    own = read_tables(sorted((project / "tables").glob("*.yaml")), root=project, known=LIBRARY)
    return Described(LIBRARY.tables | own.tables, LIBRARY.lists | own.lists)
