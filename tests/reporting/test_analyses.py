"""The list of analyses and the notebooks agree."""

from pathlib import Path

import pytest

from bizlab.errors import SettingError
from bizlab.reporting.analyses import ANALYSES, analysis

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def test_every_notebook_is_an_analysis_and_every_analysis_has_its_notebook():
    assert sorted(entry.notebook for entry in ANALYSES) == sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(SettingError, match="write 'unit_hour'"):
        analysis("unit_hours")
