"""Every rule that can reject a row has words in both languages."""

import re
from pathlib import Path

from bizlab.data.cleaning.quality import RULES

PACKAGE = Path(__file__).parents[3] / "bizlab"


def test_no_rule_is_without_words():
    units = (PACKAGE / "units" / "parse.py").read_text("utf-8")
    conversion = (PACKAGE / "data" / "cleaning" / "conversion.py").read_text("utf-8")
    raised = re.findall(r'(?:ValueError|_whole)\([^"\n]*"([^"{]+)"', units + conversion)
    assert len(raised) >= 8
    assert [rule for rule in raised if rule not in RULES] == []
    assert all(words.zh and words.en for words in RULES.values())
