"""Drawings made harmless: only shapes, texts and their plain attributes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

_NAMESPACE = "http://www.w3.org/2000/svg"
_ELEMENTS = frozenset({"svg", "g", "path", "text", "line", "rect", "circle"})
_GEOMETRY = {"viewBox", "d", "transform", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height"}
_PAINT = {"fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity"}
_ATTRIBUTES = _GEOMETRY | _PAINT | {"stroke-miterlimit", "text-anchor", "font-size", "font-weight", "aria-label"}
_LONG_DECIMAL = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")


def clean_svg(text: str, *, alt_text: str) -> str:
    """Only shapes, texts and their plain attributes; everything else in the drawing is left out.

    A drawing read back from a notebook passes through here again, so no script, link or style can ride on it.

    Raises
    ------
    ValueError : the text is not an SVG.

    >>> clean_svg('<svg xmlns="http://www.w3.org/2000/svg"><script>x</script><path onclick="x" d="M0,0.1234"/></svg>',
    ...           alt_text="A line")
    '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="A line"><path d="M0,0.12" /></svg>'
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("the drawing declares entities")
    try:
        root = ET.fromstring(text)  # noqa: S314  entities are refused above
    except ET.ParseError as fault:
        raise ValueError(f"the drawing is not an SVG: {fault}") from fault
    if root.tag != f"{{{_NAMESPACE}}}svg":
        raise ValueError("the drawing is not an SVG")
    _clean(root)
    box = {"viewBox": root.attrib["viewBox"]} if "viewBox" in root.attrib else {}
    root.attrib.clear()
    root.attrib.update({"xmlns": _NAMESPACE, **box, "role": "img", "aria-label": alt_text})
    return ET.tostring(root, encoding="unicode")


def _clean(element: ET.Element) -> None:
    element.tag = element.tag.removeprefix(f"{{{_NAMESPACE}}}")
    for name, value in list(element.attrib.items()):
        if name not in _ATTRIBUTES or "url(" in value:
            del element.attrib[name]
        elif name in {"d", "transform"}:
            element.attrib[name] = _LONG_DECIMAL.sub(lambda match: f"{float(match[0]):.2f}", value)
    for child in list(element):
        if child.tag.removeprefix(f"{{{_NAMESPACE}}}") not in _ELEMENTS or (
            child.get("class") in {"background", "foreground"} or child.get("display") == "none"
        ):
            element.remove(child)
        else:
            _clean(child)
            if child.tag == "g" and not len(child):
                element.remove(child)
