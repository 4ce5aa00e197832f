"""The manifest tells what a month was made of, and nothing of where or when."""

import json
from pathlib import Path

import pandas as pd

from bizlab.data.seals import sha256, tree_hash
from bizlab.run.kept.manifest import code_hash, made_of, outputs, write_json
from bizlab.run.settings import Setting, read_settings

ROOT = Path(__file__).parents[3]


def test_the_hash_of_a_tree_knows_names_and_contents_but_no_place(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text("1")
    hashes = {tree_hash((tmp_path / f).iterdir(), root=tmp_path / f) for f in ("one", "two")}
    assert len(hashes) == 1
    (tmp_path / "two" / "a.txt").rename(tmp_path / "two" / "b.txt")
    assert tree_hash((tmp_path / "two").iterdir(), root=tmp_path / "two") not in hashes


def test_the_hash_of_a_file_is_the_published_one(tmp_path):
    """FIPS 180-2, appendix B.1: SHA-256 of 'abc'."""
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_all_that_decides_a_month_is_in_it(tmp_path):
    (tmp_path / "tags.yaml").write_text("tags: []")
    facts = made_of(
        read_settings(ROOT, {"month": Setting("2026-10", "test")}),
        {"b.csv": "2", "a.csv": "1"},
        configuration={"params/tags.yaml": tmp_path / "tags.yaml"},
    )
    assert list(facts["inputs"]) == ["a.csv", "b.csv"]
    assert facts["code"] == code_hash()
    assert facts["parameters"]["lifecycle"]["stuck_days"] == 90
    assert facts["notebooks"]["lifecycle"] == sha256(ROOT / "notebooks" / "lifecycle" / "02_lifecycle.ipynb")
    assert facts["configuration"] == {"params/tags.yaml": sha256(tmp_path / "tags.yaml")}
    assert facts["libraries"]["pandas"] == pd.__version__
    assert "pytest" not in facts["libraries"]
    assert str(tmp_path) not in json.dumps(facts)


def test_json_is_written_the_same_each_time(tmp_path):
    write_json(tmp_path / "a.json", {"名": 1})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n "名": 1\n}\n'
    assert outputs(tmp_path) == {"a.json": sha256(tmp_path / "a.json")}
