"""Parameters are checked before anything is opened, and errors say where they were set."""

from datetime import datetime
from pathlib import Path

import pytest

from bizlab.errors import SettingError
from bizlab.run.settings import Setting, command_line, configuration, read_settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path):
    (tmp_path / "params").mkdir()
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks")

    def write(base="lang: zh\n", **months):
        (tmp_path / "params" / "base.yaml").write_text(base)
        for name, text in months.items():
            (tmp_path / "params" / f"{name.replace('m', '').replace('_', '-')}.yaml").write_text(text)
        return tmp_path

    return write


def parameters(folder, given, page="lifecycle"):
    settings = read_settings(folder, given)
    return settings.of(settings.page(page))


def of_every_page(folder, given):
    settings = read_settings(folder, given)
    return [settings.of(page) for page in settings.pages]


def test_later_places_override_earlier_ones(project):
    folder = project("stuck_days: 90\nconfidence: 0.9\n", m2026_10='month: "2026-10"\nstuck_days: 60\n')
    given = command_line("2026-10", "en", ["confidence=0.8"])
    params = parameters(folder, given)
    assert (params.month, params.lang, params.stuck_days, params.confidence) == ("2026-10", "en", 60, 0.8)


def test_a_month_without_a_file_of_its_own_has_the_base(project):
    assert parameters(project("stuck_days: 45\n"), command_line("2026-09", None, [])).stuck_days == 45


@pytest.mark.parametrize(
    ("base", "month", "message"),
    [
        ("stuckdays: 90\n", "", r"No page has a parameter 'stuckdays'.*params/base.yaml, line 1.*write 'stuck_days'"),
        ("lang: zh\nconfidence: 95\n", "", r"'confidence' cannot be 95.*base.yaml, line 2"),
        ("labour_in_expense: no\n", "", r"'labour_in_expense' cannot be 'no'"),
        ("stuck_days: 010\n", "", r"'stuck_days' cannot be '010'"),
        ("", 'month: "2026-09"\n', r"named after 2026-10 but sets month: 2026-09.*2026-10.yaml, line 1"),
        ("lang: fr\n", "", "lang"),
        ("a: 1\na: 2\n", "", "stands twice"),
    ],
)
def test_what_cannot_be_used_names_file_line_and_fix(project, base, month, message):
    folder = project(base, m2026_10=month)
    with pytest.raises(SettingError, match=message):
        of_every_page(folder, command_line("2026-10", None, []))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["mont=2026-10"], "No page has a parameter 'mont'.*write 'month'"),
        (["stuck_days"], "write it as name=value"),
        (["allocation_method=fair"], "allocation_method"),
        (["trade_tolerance_fen=-1"], "'trade_tolerance_fen' cannot be -1.*Fix: give 内部交易容差"),
        (["trade_tolerance_days=1.5"], "'trade_tolerance_days' cannot be 1.5"),
        (["grade_reference=[2024-11, 2025-13]"], "not a month"),
        (["grade_reference=[2025-10, 2024-11]"], "begins in 2025-10 but ends in 2024-11.*swap"),
        (["month=2026-09"], "'month' is given twice"),
        (["stuck_days=9", "stuck_days=8"], "'stuck_days' is given twice.*stuck_days=8"),
        (["known_by=20261105"], "'known_by' cannot be 20261105.*day and time"),
        (["known_by=2026-11-05"], "'known_by' cannot be '2026-11-05'.*day and time"),
        (["known_by=2026-11-05T18:00:00Z"], "without a zone"),
    ],
)
def test_the_command_line_is_held_to_the_same_rules(project, settings, message):
    with pytest.raises(SettingError, match=message):
        of_every_page(project(), command_line("2026-10", None, settings))


@pytest.mark.parametrize("text", ["2026-11-05 18:00", "2026-11-05T18:00:00"])
def test_a_moment_is_a_day_and_a_time(project, text):
    params = parameters(project(), command_line("2026-10", None, [f"known_by={text}"]))
    assert params.known_by == datetime(2026, 11, 5, 18)
    assert type(params).model_validate(params.model_dump(mode="json")) == params


def test_full_width_digits_are_no_month(project):
    with pytest.raises(SettingError, match="not a month"):
        of_every_page(project(), command_line("２０２６-10", None, []))


def test_configuration_is_all_that_is_no_parameter_file_and_can_be_read(project):
    folder = project("lang: zh\n", m2026_10="lang: en\n")
    (folder / "params" / "tags.yaml").write_text("tags: []\n")
    (folder / "params" / "processes").mkdir()
    (folder / "params" / "processes" / "order.yaml").write_text("a: 1\n")
    named = [path.relative_to(folder).as_posix() for path in configuration(folder)]
    assert named == ["params/processes/order.yaml", "params/tags.yaml"]
    (folder / "params" / "tags.yaml").write_text("tags: []\ntags: []\n")
    with pytest.raises(SettingError, match=r"'tags' stands twice.*params/tags.yaml, lines 1 and 2"):
        configuration(folder)


def test_no_month_is_no_month(project):
    with pytest.raises(SettingError, match="No month is given"):
        of_every_page(project(), {})
    with pytest.raises(SettingError, match=r"'october' is not a month"):
        of_every_page(project(), {"month": Setting("october", "notebook")})


def test_what_a_run_allows_a_notebook_is_set_like_a_parameter_and_no_page_has_it(project):
    folder = project("cell_seconds: 60\n", m2026_10="notebook_memory_mb: 500\n")
    settings = read_settings(folder, command_line("2026-10", None, ["iopub_seconds=5"]))
    assert settings.limits.model_dump() == {
        "cell_seconds": 60,
        "notebook_seconds": 3600,
        "notebook_memory_mb": 500,
        "iopub_seconds": 5,
    }
    assert not any("cell_seconds" in type(page).model_fields for page in of_every_page(folder, settings.values))


@pytest.mark.parametrize("seconds", ["0", "1.5", "forever"])
def test_a_limit_that_cannot_be_kept_is_refused_with_its_place(project, seconds):
    settings = read_settings(project(f"cell_seconds: {seconds}\n"), command_line("2026-10", None, []))
    with pytest.raises(SettingError, match=r"'cell_seconds' cannot be.*params/base.yaml, line 1"):
        _ = settings.limits
