"""What is written in a YAML file is what is read, and errors name file and line."""

import pytest

from bizlab.errors import SettingError
from bizlab.yaml_file import load_yaml, read_value


def test_texts_that_other_readers_turn_into_something_else_stay_texts(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("a: no\nb: 010\nc: 1:30\nd: 2026-10-01\ne: yes\nf: 0x1F\ng: 12e3\nh: 7\ni: 0.5\nj: true\nk: null\n")
    content = load_yaml(path).content
    assert content == {
        "a": "no", "b": "010", "c": "1:30", "d": "2026-10-01", "e": "yes", "f": "0x1F", "g": "12e3",
        "h": 7, "i": 0.5, "j": True, "k": None,
    }  # fmt: skip


def test_lines_are_known_for_nested_keys(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("tables:\n  orders:\n    files: [a, b]\n")
    file = load_yaml(path, shown="params/p.yaml")
    assert file.place("tables", "orders", "files") == "params/p.yaml, line 3"
    assert file.place("tables", "orders", "nothing") == "params/p.yaml, line 2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", r"'a' stands twice.*lines 1 and 3"),
        ("a: [1\n", "Not YAML"),
        ("- 1\n", "not a mapping"),
        ("a: &x [*x]\n", "inside its own anchor"),
        ("a: !!int abc\n", "Not YAML: invalid literal"),
        ('a: "\x07"\n', "special characters are not allowed"),
        ("? [a, b]\n: 1\n", "A key is not a text.*line 1"),
        ("a: !!python/object:os.system x\n", "Not YAML|could not determine"),
    ],
)
def test_damaged_files_are_refused_with_their_place(tmp_path, text, message):
    path = tmp_path / "p.yaml"
    path.write_text(text)
    with pytest.raises(SettingError, match=message):
        load_yaml(path, shown="p.yaml")


def test_aliases_that_unfold_without_end_are_refused(tmp_path):
    """Nine lists of nine aliases each are 387 million values in less than a kilobyte."""
    path = tmp_path / "p.yaml"
    lists = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9)]
    path.write_text("\n".join(["l0: &l0 [1, 2, 3, 4, 5, 6, 7, 8, 9]", *lists]))
    with pytest.raises(SettingError, match=r"more than 100,000 values.*p\.yaml, line \d.*fewer aliases"):
        load_yaml(path, shown="p.yaml")


def test_an_alias_is_what_its_anchor_says(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("a: &a {x: 1}\nb: *a\n")
    assert load_yaml(path).content == {"a": {"x": 1}, "b": {"x": 1}}


def test_a_missing_file_and_a_foreign_encoding_are_refused(tmp_path):
    with pytest.raises(SettingError, match="does not exist"):
        load_yaml(tmp_path / "none.yaml")
    (tmp_path / "gbk.yaml").write_bytes("名: 值\n".encode("gbk"))
    with pytest.raises(SettingError, match="not UTF-8"):
        load_yaml(tmp_path / "gbk.yaml")


def test_a_value_of_the_command_line_is_read_like_one_of_a_file():
    assert read_value("[2024-11, 2025-10]") == ["2024-11", "2025-10"]
    assert read_value("007") == "007"
    assert read_value("") is None
