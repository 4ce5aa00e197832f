"""What the input tables are, as data: one YAML file a system here, and a project's own in its folder ``tables/``."""

from pathlib import Path

from bizlab.contracts.table import Table
from bizlab.tables.reading import read_tables

SYSTEMS = ("crm", "erp", "amoeba", "budget")
TABLES: dict[str, Table] = read_tables(
    [Path(__file__).with_name(f"{system}.yaml") for system in SYSTEMS], root=Path(__file__).parents[2]
)


def project_tables(project: Path) -> dict[str, Table]:
    """The library's tables and those that a project describes in ``tables/*.yaml``, by name.

    Raises
    ------
    SettingError : a file of the project cannot be used, or describes a table that the library has; see `read_tables`.
    """
    return TABLES | read_tables(table_files(project), root=project, known=TABLES)


def table_files(project: Path) -> list[Path]:
    """The files in which a project describes tables of its own, in the order of their names."""
    return sorted((project / "tables").glob("*.yaml"))
