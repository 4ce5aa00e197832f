"""Mappings that are written in the order of their names, so that equal content gives equal bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import SerializerFunctionWrapHandler, WrapSerializer

Thing = TypeVar("Thing")


def _in_order(mapping: Mapping[str, Any], written: SerializerFunctionWrapHandler) -> dict[str, Any]:
    return dict(sorted(written(mapping).items()))


ByName = Annotated[Mapping[str, Thing], WrapSerializer(_in_order)]
