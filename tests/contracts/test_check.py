"""An identity is exact: one fen off is off."""

from bizlab.contracts.check import Check
from bizlab.labels import Label
from bizlab.units.kinds import Unit


def test_one_fen_off_fails_and_says_by_how_much():
    check = Check("total", Label("合计", "total"), 100, 101, Unit.FEN)
    assert not check.passed
    assert check.difference == -1
