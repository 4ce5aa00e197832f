"""A text stands in both languages in one string."""

import pytest

from bizlab.errors import ContractError
from bizlab.labels import Label


def test_what_is_the_same_in_both_languages_is_written_once():
    assert Label.of("AUC") == Label("AUC", "AUC")
    assert Label.of("A|B 测试 | A|B test") == Label("A|B 测试", "A|B test")


def test_a_label_stays_what_it_is():
    assert Label.of(Label("期间", "Period")) == Label("期间", "Period")


@pytest.mark.parametrize(
    "half", ["期间", "期间 | ", " | Period", "期间 |", "期间 | Period | Zeitraum", "期间|Period", ""]
)
def test_a_text_without_one_of_its_halves_is_refused_by_name(half):
    with pytest.raises(ContractError, match="does not stand in both languages") as refused:
        Label.of(half)
    assert refused.value.place == f"text '{half}'"
