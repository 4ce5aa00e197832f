"""The rooms of the library and what each may import, kept by a machine that is itself tested here."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


def contract(name):
    return next(one for one in CONTRACTS if one["id"] == name)


def domains():
    """The layer of packages that do not import one another and stand below `data`."""
    layers = contract("house")["layers"]
    return layers[layers.index("data") + 1].split(" | ")


@pytest.fixture
def house(tmp_path):
    """A copy of the library that may be spoilt."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "bizlab", tmp_path / "bizlab", ignore=shutil.ignore_patterns("__pycache__", "templates"))
    return tmp_path


def refused(house):
    """What the import rules say of the copy; empty where they are kept."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    seen = subprocess.run(
        command, cwd=house, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(house)}
    )
    return seen.stdout if seen.returncode else ""


def test_the_rules_name_every_domain():
    """What no domain may touch, and what knows no domain, is said of each; and each has a rule for its rooms."""
    named = [f"bizlab.{name}" for name in sorted(domains())]
    assert contract("domains")["source_modules"] == named
    assert contract("strangers")["forbidden_modules"] == named
    assert {"house", "domains", "strangers", *domains()} == {one["id"] for one in CONTRACTS}


def test_a_package_in_no_layer_is_refused(house):
    (house / "bizlab" / "weather").mkdir()
    (house / "bizlab" / "weather" / "__init__.py").write_text("", "utf-8")
    assert "bizlab.weather" in refused(house)


@pytest.mark.parametrize("room", ["data", "report", "run"])
def test_what_reads_renders_and_runs_knows_no_domain(house, room):
    (house / "bizlab" / room / "slip.py").write_text("from bizlab import budget\n", "utf-8")
    assert f"bizlab.{room}.slip" in refused(house)


@pytest.mark.parametrize("slip", ["import duckdb", "from bizlab import budget", "from bizlab.data import warehouse"])
def test_a_domain_that_reaches_out_is_refused(house, slip):
    (house / "bizlab" / "amoeba" / "slip.py").write_text(f"{slip}\n", "utf-8")
    assert "bizlab.amoeba.slip" in refused(house)
