"""Which encoding and separator a csv file has, with the evidence for it."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from pathlib import Path
from typing import BinaryIO

from bizlab.data.sources.sheet import Evidence
from bizlab.errors import SourceError
from bizlab.labels import Label

CANDIDATES = ("gb18030", "big5")
SEPARATORS = (",", "\t", ";", "|")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CLEARLY = 0.10
_PLAUSIBLE = 0.60
SAMPLE = 200_000
"""By so many characters the separator is told."""
_CHUNK = 1 << 20
_UNFINISHED = frozenset({"unexpected end of data", "incomplete multibyte sequence", "truncated data"})


_VALID_UTF8 = Evidence("encoding", "utf-8", "所有字节序列都是有效的 UTF-8 | every byte sequence is valid UTF-8")


def encoding_of(path: Path, declared: str, *, file: str) -> tuple[str, Evidence | None]:
    """The encoding of a file; see `decode`. One that is UTF-8 is never held as a whole."""
    if declared != "detect":
        return declared, None
    with path.open("rb") as stream:
        if not stream.read(4).startswith(tuple(_MARKS)) and _is_utf8(stream):
            return "utf-8", _VALID_UTF8
    _, evidence = decode(path.read_bytes(), declared, file=file)
    return (evidence.value, evidence) if evidence else (declared, None)


def _is_utf8(stream: BinaryIO) -> bool:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(_CHUNK):
            if b"\0" in chunk:
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decode(content: bytes, declared: str, *, file: str) -> tuple[str, Evidence | None]:
    """The text of a file, in the declared encoding or in the one that its bytes speak for.

    Detection goes by a byte-order mark, then by zero bytes (UTF-16), then by strict UTF-8, then by
    comparing how common the characters are that GB18030 and Big5 make of the bytes.

    Raises
    ------
    SourceError : the bytes do not fit the declaration, or do not speak clearly for any encoding.
    """
    if declared != "detect":
        return _strictly(content, declared, file), None
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return _strictly(content, name, file), Evidence("encoding", name, "字节序标记 | byte-order mark")
    if b"\0" in content:
        return _sixteen_bit(content, file)
    try:
        return content.decode("utf-8"), _VALID_UTF8
    except UnicodeDecodeError as fault:
        if _is_cut(content, fault) and not content[: fault.start].isascii():
            raise _cut_short(file) from fault
        return _double_byte(content, file)


def separator(text: str, declared: str, *, file: str) -> tuple[str, Evidence | None]:
    """The character between cells, declared or the one that cuts lines alike; `SourceError` where none or two do."""
    if declared != "detect":
        return declared, None
    lines = [line for line in text[:SAMPLE].splitlines()[:200] if line.strip()]
    cuts: dict[str, tuple[int, int]] = {}
    for mark in SEPARATORS:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=mark))
        n_cells, n_lines = max(widths.items(), key=lambda width: width[1], default=(1, 0))
        if n_cells > 1:
            cuts[mark] = n_cells, n_lines
    if not cuts:
        return ",", Evidence("separator", ",", "只有一列,没有出现分隔符 | one column: no separator occurs")
    best = max(cuts, key=lambda mark: (cuts[mark][1], cuts[mark][0]))
    rivals = [mark for mark in cuts if mark != best and cuts[mark][1] >= cuts[best][1]]
    if rivals and cuts[rivals[0]][0] >= cuts[best][0]:
        raise SourceError(f"{best!r} and {rivals[0]!r} both cut the lines alike", place=file, fix="declare 'separator'")
    n_cells, n_lines = cuts[best]
    why = (
        f"把 {len(lines)} 行中的 {n_lines} 行切成 {n_cells} 格 | "
        f"cuts {n_lines} of {len(lines)} lines into {n_cells} cells"
    )
    return best, Evidence("separator", repr(best), why)


def _strictly(content: bytes, name: str, file: str) -> str:
    try:
        return content.decode(name).removeprefix("\ufeff")
    except LookupError as fault:
        raise SourceError(f"There is no encoding '{name}'", place=file, fix="declare utf-8, gb18030 or big5") from fault
    except UnicodeDecodeError as fault:
        if _is_cut(content, fault):
            raise _cut_short(file) from fault
        line = content[: fault.start].count(b"\n") + 1
        raise SourceError(
            f"The bytes do not fit the encoding {name}: {fault.reason}",
            place=f"{file}, line {line}",
            fix="declare the right 'encoding', or 'detect' to see what the bytes speak for",
        ) from fault


def _is_cut(content: bytes, fault: UnicodeDecodeError) -> bool:
    """Whether a text ends in the middle of a character."""
    return fault.end == len(content) and fault.reason in _UNFINISHED


def _cut_short(file: str) -> SourceError:
    return SourceError(
        "The file ends in the middle of a character: it was cut short",
        place=f"{file}, last line",
        fix="ask the sender for it again",
    )


def _sixteen_bit(content: bytes, file: str) -> tuple[str, Evidence]:
    """Text of two bytes a character: of every comma and digit, one byte is zero, the second or the first."""
    first, second = content[0::2].count(0), content[1::2].count(0)
    if min(first, second) > _CLEARLY * max(first, second):
        raise SourceError("The file holds zero bytes and is not text", place=file, fix="declare 'format'")
    name, n = ("utf-16-le", second) if second > first else ("utf-16-be", first)
    place = Label("第二", "second") if second > first else Label("第一", "first")
    why = f"{n} 个字符的{place.zh}个字节为零 | {n} characters have a zero as their {place.en} byte"
    return _strictly(content, name, file), Evidence("encoding", name, why)


def _double_byte(content: bytes, file: str) -> tuple[str, Evidence]:
    readings, cut = {}, False
    for name in CANDIDATES:
        try:
            text = content.decode(name)
            readings[name] = (common_share(text), text)
        except UnicodeDecodeError as fault:
            cut = cut or _is_cut(content, fault)
    if cut and not readings:
        raise _cut_short(file)
    if not readings:
        raise SourceError(
            "The bytes are neither UTF-8 nor GB18030 nor Big5", place=file, fix="declare 'encoding', or send it anew"
        )
    ranked = sorted(readings, key=lambda name: -readings[name][0])
    best = ranked[0]
    zh, en = (
        ", ".join(f"{name}: {readings[name][0]:.0%} {common}" for name in ranked)
        for common in ("常用字", "common characters")
    )
    rivalled = len(ranked) > 1 and readings[best][0] - readings[ranked[1]][0] < _CLEARLY
    if rivalled or readings[best][0] < _PLAUSIBLE:
        raise SourceError(f"The encoding is not clear ({en})", place=file, fix="declare 'encoding'")
    return readings[best][1], Evidence("encoding", best, f"不是 UTF-8;{zh} | not UTF-8; {en}")


def common_share(text: str) -> float:
    """Share of the characters beyond ASCII that are common in Chinese text.

    GB 2312 puts its 3,755 most used characters into level 1, and Big5 its 5,401 into its first
    level; a character counts as common when either standard has it there, or when it is
    Chinese or full-width punctuation.

    >>> common_share("企业名称") == 1.0, common_share("瓣珛靡備") < 0.8
    (True, True)
    """
    beyond = [char for char in text[:SAMPLE] if ord(char) > 127]
    return sum(map(_is_common, beyond)) / len(beyond) if beyond else 1.0


def _is_common(char: str) -> bool:
    if "\u3000" <= char <= "\u3015" or "\uff00" <= char <= "\uff5e":
        return True
    return 0xB0A1 <= _code(char, "gb2312") <= 0xD7F9 or 0xA440 <= _code(char, "big5") <= 0xC67E


def _code(char: str, codec: str) -> int:
    try:
        return int.from_bytes(char.encode(codec))
    except UnicodeEncodeError:
        return 0
