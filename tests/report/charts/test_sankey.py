"""The Sankey diagram: to scale, said in words, in both languages, safe, with the table behind it."""

import re
import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from bizlab.amoeba.results.value_chain import CHAIN_FLOWS, ENDS
from bizlab.errors import ContractError
from bizlab.labels import Label
from bizlab.report.charts.drawing import BAD, GOOD, SERIES
from bizlab.report.charts.sankey import sankey

SVG = "{http://www.w3.org/2000/svg}"
ALT = Label("图的说明", "What it shows")
NAMES = {
    name: {"mc": Label("机加工", "<b>Machining</b>"), "sa": Label("销售", "Sales")} for name in ("from_id", "to_id")
}
ROWS = [("material", "mc", 300_00, 300_00), ("mc", "sa", 500_00, 490_00), ("sa", "customers", 450_00, 450_00)]


def flows_of(rows):
    frame = pd.DataFrame(rows, columns=["from_id", "to_id", "sold_fen", "bought_fen"])
    return CHAIN_FLOWS.conform(frame.assign(difference_fen=frame["sold_fen"] - frame["bought_fen"]))


def drawn(rows, **how):
    look = {"source": "from_id", "target": "to_id", "start": "sold_fen", "end": "bought_fen", "ends": ENDS}
    look |= {"gain": Label("附加值", "value added"), "title": ALT, "alt_text": ALT, "names": NAMES}
    return sankey(flows_of(rows), CHAIN_FLOWS, key="chain", **look | how)


def said(chart, lang="en"):
    """Paths by what is read aloud of them."""
    root = ET.fromstring(chart.svg[lang])  # noqa: S314  our own drawing
    return {path.attrib["aria-label"]: path.attrib for path in root.iter(f"{SVG}path") if "aria-label" in path.attrib}


def height(path):
    return abs(float(re.search(r"v(-?[\d.]+)", path["d"])[1]))


def test_every_flow_box_and_gain_is_read_aloud_and_to_scale():
    """Machining adds 200 yuan to 300 of materials; sales loses 40: it buys for 490 and sells for 450."""
    paths = said(drawn(ROWS))
    assert list(paths) == [
        "Materials → <b>Machining</b> · RMB 300.00",
        "<b>Machining</b> → Sales · RMB 500.00 · Taker's books RMB 490.00",
        "Sales → Customers · RMB 450.00",
        "Materials · RMB 300.00",
        "<b>Machining</b> · RMB 500.00",
        "<b>Machining</b> · value added RMB 200.00",
        "Sales · RMB 490.00",
        "Sales · value added −RMB 40.00",
        "Customers · RMB 450.00",
    ]
    gain, loss = paths["<b>Machining</b> · value added RMB 200.00"], paths["Sales · value added −RMB 40.00"]
    assert (gain["fill"], loss["fill"]) == (GOOD, BAD)
    assert height(gain) / height(loss) == pytest.approx(5, abs=0.05)
    assert height(paths["Customers · RMB 450.00"]) / height(gain) == pytest.approx(2.25, abs=0.02)


def test_a_circle_is_drawn_back_in_a_colour_of_its_own():
    paths = said(drawn([*ROWS, ("sa", "mc", 20_00, 20_00)]))
    back = paths["Sales → <b>Machining</b> · RMB 20.00"]
    assert back["fill"] == SERIES[1]
    assert [heard for heard, path in paths.items() if path["fill"] == SERIES[1]] == [
        "Sales → <b>Machining</b> · RMB 20.00"
    ]


def test_the_table_behind_it_holds_what_cannot_be_drawn():
    """A reversal of 5 yuan flows nowhere; it is in the table and not in the drawing."""
    chart = drawn([*ROWS, ("expense", "mc", -5_00, -5_00)])
    assert [row[:3] for row in chart.data.rows][-1] == ("expense", "mc", -500)
    assert not any("Other expense" in heard for heard in said(chart))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_says_what_it_shows_and_carries_nothing_that_runs(lang):
    svg = drawn(ROWS).svg[lang]
    root = ET.fromstring(svg)  # noqa: S314  our own drawing
    assert root.attrib["aria-label"] == ALT.text(lang)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "g", "path", "text", "line"}
    assert not {name for element in root.iter() for name in element.attrib} & {"style", "id", "class", "href"}
    names = [text.text for text in root.iter(f"{SVG}text")]
    assert ({"zh": "机加工 500.00", "en": "Sales 490.00"}[lang]) in names


def test_the_same_flows_give_the_same_bytes_and_change_nothing(unchanged):
    rows = flows_of(ROWS)
    with unchanged(rows):
        assert drawn(ROWS).svg == drawn(ROWS).svg


@pytest.mark.parametrize("rows", [[], [("material", "mc", -5, -5)], [("mc", "mc", 5, 5)]])
def test_without_a_flow_between_two_nodes_there_is_no_diagram(rows):
    with pytest.raises(ContractError, match=r"flows above zero.*chart chain"):
        drawn(rows)
