"""Write the reference pages of the library's own docs."""

import tomllib

from bizlab.cli.reference.house import house_page, parameters_page
from bizlab.cli.reference.steps import declared_steps, steps_page
from bizlab.cli.reference.tables import tables_page, units_page
from bizlab.run.pages import pages
from bizlab.run.project import find_project
from bizlab.tables import project_tables

project = find_project()
rules = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
for name, text in {
    "tables": tables_page(project_tables(project)),
    "units": units_page(),
    "parameters": parameters_page(pages(project)),
    "steps": steps_page(declared_steps()),
    "house": house_page(rules, project / "bizlab"),
}.items():
    (project / "docs" / f"{name}.md").write_text(text, encoding="utf-8")
