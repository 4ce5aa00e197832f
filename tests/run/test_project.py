"""The project is found from any folder below it."""

import pytest

from bizlab.errors import SettingError
from bizlab.run.project import find_project


def test_the_nearest_folder_with_parameters_is_the_project(tmp_path):
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "base.yaml").write_text("")
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    assert find_project(tmp_path / "notebooks" / "deep") == tmp_path.resolve()


def test_outside_a_project_the_fix_is_said(tmp_path):
    with pytest.raises(SettingError, match="change to the project's folder"):
        find_project(tmp_path)
