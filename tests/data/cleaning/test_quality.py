"""Every rule that can reject a row has words in both languages."""

import re
from pathlib import Path

from bizlab.data.cleaning.quality import RULES
from bizlab.units.kinds import WHOLE

PACKAGE = Path(__file__).parents[3] / "bizlab"


def test_no_rule_is_without_words():
    units = (PACKAGE / "units" / "parse.py").read_text("utf-8")
    conversion = (PACKAGE / "data" / "cleaning" / "conversion.py").read_text("utf-8")
    raised = re.findall(r'ValueError\("([^"{]+)"', units + conversion)
    assert len(raised) >= 7
    raised += [unit.row.finer.en for unit in WHOLE]
    assert [rule for rule in raised if rule not in RULES] == []
    assert all(words.zh and words.en for words in RULES.values())
