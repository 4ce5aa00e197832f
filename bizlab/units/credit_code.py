"""The unified social credit code (统一社会信用代码) and its check character."""

from __future__ import annotations

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def credit_code_is_valid(code: str) -> bool:
    """Whether a unified social credit code has the right check character.

    GB 32100-2015: eighteen characters of an alphabet of 31; the last is 31 less the weighted sum
    of the others modulo 31, with weights 3^(place-1) modulo 31.

    >>> credit_code_is_valid("91350100M000100Y43"), credit_code_is_valid("91350100M000100Y44")
    (True, False)
    """
    if len(code) != 18 or any(char not in CHARACTERS for char in code):
        return False
    total = sum(CHARACTERS.index(char) * weight for char, weight in zip(code, _WEIGHTS, strict=False))
    return CHARACTERS.index(code[17]) == (31 - total % 31) % 31
