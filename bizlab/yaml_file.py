"""Strict YAML: what is written is what is read, and an error names file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from bizlab.errors import SettingError

Keys = tuple[str | int, ...]
_MOST_VALUES = 100_000
"""Far more than a file that people write: each alias counts with all that it stands for, and nine levels of them
unfold to gigabytes."""


class YamlFile(dict[str, Any]):
    """A mapping read from a file, and the line of every key: ``lines[("tables", "orders")]``."""

    def __init__(self, path: str, content: Mapping[str, Any], lines: Mapping[Keys, int]) -> None:
        super().__init__(content)
        self.path, self.lines = path, lines

    @property
    def content(self) -> YamlFile:
        """The mapping itself."""
        return self

    def place(self, *keys: str | int) -> str:
        """File and line of a key, for messages."""
        known = next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), None)
        return self.path if known is None else f"{self.path}, line {known}"


class _Loader(yaml.SafeLoader):
    """YAML's core schema of version 1.2, less octal and hexadecimal numbers."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|false|True|False|TRUE|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same schema, read by libyaml where it is there."""

    yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


def load_yaml(path: Path, *, shown: str | None = None) -> YamlFile:
    """Read a mapping from a YAML file.

    Texts stay texts: ``no``, ``010``, ``1:30`` and dates are not turned into something else.

    Raises
    ------
    SettingError : the file is missing, not UTF-8, not YAML, not a mapping, repeats a key, or has aliases of aliases
        that unfold to over 100,000 values.
    """
    name = shown or path.as_posix()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as fault:
        raise SettingError("The file does not exist", place=name, fix="create it or correct the name") from fault
    except UnicodeDecodeError as fault:
        raise SettingError(f"The file is not UTF-8: {fault}", place=name, fix="save it as UTF-8") from fault
    lines: dict[Keys, int] = {}
    try:
        node = _composed(text)
        if isinstance(node, yaml.MappingNode):
            return YamlFile(name, _mapping(node, (), lines, name), lines)
    except (yaml.YAMLError, ValueError) as fault:
        mark = getattr(fault, "problem_mark", None)
        place = f"{name}, line {mark.line + 1}" if mark else name
        problem = getattr(fault, "problem", None) or str(fault).splitlines()[0]
        raise SettingError(f"Not YAML: {problem}", place=place, fix="correct the line") from fault
    except RecursionError as fault:
        raise SettingError("An alias stands inside its own anchor", place=name, fix="write the value out") from fault
    if node is not None:
        raise SettingError("The file is not a mapping of names to values", place=name, fix="write 'name: value' lines")
    return YamlFile(name, {}, {})


def _composed(text: str) -> yaml.Node | None:
    """The nodes of a text; one that is refused is read again by the slower reader, whose words are plainer."""
    with suppress(yaml.YAMLError):
        return yaml.compose(text, Loader=_FastLoader)
    return yaml.compose(text, Loader=_Loader)


def _mapping(node: yaml.MappingNode, above: Keys, lines: dict[Keys, int], name: str) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise SettingError("A key is not a text", place=f"{name}, line {line}", fix="write 'name: value'")
        key = str(key_node.value)
        if key in content:
            raise SettingError(
                f"The key '{key}' stands twice",
                place=f"{name}, lines {lines[(*above, key)]} and {line}",
                fix="keep one of them",
            )
        lines[(*above, key)] = line
        content[key] = _value(value_node, (*above, key), lines, name)
    return content


def _value(node: yaml.Node, above: Keys, lines: dict[Keys, int], name: str) -> Any:
    if len(lines) > _MOST_VALUES:
        raise SettingError(
            f"The file holds more than {_MOST_VALUES:,} values once its aliases are written out",
            place=f"{name}, line {node.start_mark.line + 1}",
            fix="write fewer aliases of aliases",
        )
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, above, lines, name)
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            lines[(*above, number)] = item.start_mark.line + 1
        return [_value(item, (*above, number), lines, name) for number, item in enumerate(node.value)]
    return _Loader("").construct_object(node)


def read_value(text: str) -> Any:
    """One value as it would be read in a file; text stays text.

    >>> read_value("0.1"), read_value("no"), read_value("010"), read_value("[a, b]")
    (0.1, 'no', '010', ['a', 'b'])
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError:
        return text
    return None if node is None else _value(node, (), {}, "value")
