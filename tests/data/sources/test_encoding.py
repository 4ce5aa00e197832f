"""Encodings and separators are settled with evidence, or refused."""

import pytest

from bizlab.data.sources.encoding import common_share, decode, separator
from bizlab.errors import SourceError

TEXT = "企业编号,企业名称,区域\n000001,云岭泵业有限公司,华东\n000002,东海造纸股份有限公司,华南\n"
TRADITIONAL = "企業編號,聯絡人,職位\n000001,陳先生,設備經理\n000002,林小姐,採購主任\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("gbk"), "gb18030"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TRADITIONAL.encode("big5"), "big5"),
        (b"id,name\n1,plain\n", "utf-8"),
    ],
)
def test_the_bytes_speak_for_one_encoding(content, encoding):
    text, evidence = decode(content, "detect", file="f.csv")
    assert evidence.value == encoding
    assert evidence.why
    assert text in {TEXT, TRADITIONAL, "id,name\n1,plain\n"}


def test_a_declared_encoding_is_held_to():
    assert decode(TEXT.encode("gbk"), "gbk", file="f.csv") == (TEXT, None)
    with pytest.raises(SourceError, match=r"do not fit the encoding utf-8.*f.csv, line 1"):
        decode(TEXT.encode("gbk"), "utf-8", file="f.csv")
    with pytest.raises(SourceError, match="no encoding 'klingon'"):
        decode(b"x", "klingon", file="f.csv")


def test_bytes_that_fit_nothing_are_refused_and_not_guessed():
    with pytest.raises(SourceError, match="neither UTF-8"):
        decode(b"\xff\xff\x81\x20\xff", "detect", file="f.csv")
    with pytest.raises(SourceError, match="not clear"):
        decode("好".encode("gbk") * 3 + b"\n", "detect", file="f.csv")


def test_a_wrong_reading_has_few_common_characters():
    assert common_share(TEXT) == 1.0
    assert common_share(TEXT.encode("gbk").decode("big5", "ignore")) < 0.8


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_the_separator_is_the_one_that_cuts_every_line_alike(mark):
    text = "\n".join(mark.join(cells) for cells in (["a", "b,1", "c"], ["1", '2"', "3"], ["x", "y", "z"]))
    if mark == ",":
        text = 'a,"b,1",c\n1,2,3\nx,y,z'
    assert separator(text, "detect", file="f.csv")[0] == mark


def test_two_separators_that_cut_alike_are_refused():
    with pytest.raises(SourceError, match="both cut the lines alike"):
        separator("a;b,c\n1;2,3\n", "detect", file="f.csv")


def test_a_byte_order_mark_is_no_part_of_the_first_header():
    assert decode(TEXT.encode("utf-8-sig"), "utf-8", file="f.csv")[0] == TEXT


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
def test_two_bytes_a_character_show_in_the_zeros_of_commas_and_digits(name):
    text, evidence = decode(TEXT.encode(name), "detect", file="f.csv")
    assert (text, evidence.value) == (TEXT, name)
    with pytest.raises(SourceError, match="zero bytes"):
        decode(b"PK\0\0\0\0ab\0\0", "detect", file="f.csv")


@pytest.mark.parametrize(("name", "declared"), [("utf-8", "detect"), ("utf-8", "utf-8"), ("gb18030", "gb18030")])
def test_a_file_cut_in_the_middle_of_a_character_is_refused(name, declared):
    with pytest.raises(SourceError, match=r"middle of a character.*f.csv, last line"):
        decode((TEXT + "华").encode(name)[:-1], declared, file="f.csv")


def test_bytes_that_only_one_encoding_can_read_must_still_look_like_chinese():
    """In GB18030 the Latin-1 umlauts swallow the letter after them and give characters nobody writes."""
    with pytest.raises(SourceError, match=r"not clear \(gb18030: 0% common"):
        decode("Müller, Köln\n".encode("latin-1") * 3, "detect", file="f.csv")
