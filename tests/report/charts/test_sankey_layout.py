"""Where a Sankey's boxes and ribbons stand: flows are conserved, nothing overlaps, few ribbons cross."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.report.charts.sankey_layout import BOX, GAP, Flow, layout

WIDTH, HEIGHT = 700, 500


def column(drawn, node):
    return round(drawn.boxes[node].x)


def test_a_node_stands_right_of_the_furthest_that_flows_into_it():
    flows = [Flow("a", "b", 5, 5), Flow("b", "c", 5, 5), Flow("a", "c", 2, 2), Flow("d", "c", 1, 1)]
    drawn = layout(flows, width=WIDTH, height=HEIGHT)
    assert [column(drawn, node) for node in "abcd"] == [0, 344, 688, 0]


def test_of_a_circle_the_smallest_flow_runs_back():
    flows = [Flow("a", "b", 9, 9), Flow("b", "c", 8, 8), Flow("c", "a", 2, 2), Flow("b", "a", 1, 1)]
    drawn = layout(flows, width=WIDTH, height=HEIGHT)
    assert [ribbon.is_back for ribbon in drawn.ribbons] == [False, False, True, True]
    back = drawn.ribbons[2].points
    assert back[0][0] == drawn.boxes["c"].x + BOX > back[-1][0] == drawn.boxes["a"].x


def test_of_two_orders_the_one_in_which_less_crosses_is_drawn():
    """In the order given two ribbons of 5 would cross; the other way round two of 1 do."""
    flows = [Flow("a", "y", 1, 1), Flow("b", "z", 1, 1), Flow("a", "z", 5, 5), Flow("b", "y", 5, 5)]
    boxes = layout(flows, width=WIDTH, height=HEIGHT).boxes
    assert (boxes["a"].top < boxes["b"].top) == (boxes["z"].top < boxes["y"].top)


def test_a_long_ribbon_has_a_place_of_its_own_in_the_layer_that_it_passes():
    flows = [Flow("a", "b", 5, 5), Flow("b", "c", 5, 5), Flow("a", "c", 5, 5)]
    drawn = layout(flows, width=WIDTH, height=HEIGHT)
    box = drawn.boxes["b"]
    (_, top, bottom), (_, again, _) = drawn.ribbons[2].points[1:3]
    assert top == again
    assert bottom <= box.top + 1e-9 or top >= box.top + box.inflow - 1e-9


def test_a_flow_that_differs_in_two_books_changes_its_height():
    drawn = layout([Flow("a", "b", 10, 5)], width=WIDTH, height=HEIGHT)
    (_, top, bottom), (_, far_top, far_bottom) = drawn.ribbons[0].points
    assert bottom - top == pytest.approx(2 * (far_bottom - far_top))


def test_many_boxes_get_more_height_and_a_dense_company_is_placed_at_once():
    """Forty givers to one taker; twenty units that all sell to all after them, 190 flows without a circle."""
    many = layout([Flow(f"g{n}", "t", 1, 1) for n in range(40)], width=WIDTH, height=HEIGHT)
    assert many.height == 2 * 39 * GAP
    assert max(box.top + box.outflow for box in many.boxes.values()) <= many.height + 1e-6
    dense = [Flow(f"{first:02d}", f"{second:02d}", 1, 1) for first in range(20) for second in range(first + 1, 20)]
    assert len({round(box.x) for box in layout(dense, width=WIDTH, height=HEIGHT).boxes.values()}) == 20


nodes = st.sampled_from("abcdefgh")
some_flows = st.dictionaries(
    st.tuples(nodes, nodes).filter(lambda pair: pair[0] != pair[1]),
    st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)),
    min_size=1,
    max_size=24,
).map(lambda sized: [Flow(*pair, *sizes) for pair, sizes in sized.items()])


@settings(deadline=None, max_examples=80)
@given(some_flows)
def test_ribbons_fill_their_boxes_exactly_and_boxes_never_overlap(flows):
    drawn = layout(flows, width=WIDTH, height=HEIGHT)
    for node, box in drawn.boxes.items():
        leaving = [ribbon.points[0] for ribbon in drawn.ribbons if flows[ribbon.flow].source == node]
        arriving = [ribbon.points[-1] for ribbon in drawn.ribbons if flows[ribbon.flow].target == node]
        for ends, size in ((leaving, box.outflow), (arriving, box.inflow)):
            reached = box.top
            for _, top, bottom in sorted(ends, key=lambda end: end[1:]):
                assert top == pytest.approx(reached, abs=1e-6)
                reached = bottom
            assert reached == pytest.approx(box.top + size, abs=1e-6)
    by_column = {}
    for box in drawn.boxes.values():
        by_column.setdefault(round(box.x, 6), []).append((box.top, box.top + max(box.inflow, box.outflow)))
    for spans in by_column.values():
        assert all(low >= -1e-6 and high <= HEIGHT + 1e-6 for low, high in spans)
        assert all(below[0] - above[1] >= GAP - 1e-6 for above, below in pairwise(sorted(spans)))


@settings(deadline=None, max_examples=60)
@given(some_flows)
def test_only_ribbons_of_circles_run_back_and_the_same_flows_stand_in_the_same_places(flows):
    drawn = layout(flows, width=WIDTH, height=HEIGHT)
    assert drawn == layout(flows, width=WIDTH, height=HEIGHT)
    for ribbon in drawn.ribbons:
        source, target = (drawn.boxes[node] for node in flows[ribbon.flow][:2])
        assert (source.x < target.x) is not ribbon.is_back
    after = {}
    for ribbon in drawn.ribbons:
        if not ribbon.is_back:
            after.setdefault(flows[ribbon.flow].source, set()).add(flows[ribbon.flow].target)

    def reaches(start, goal):
        return start == goal or any(reaches(node, goal) for node in after.get(start, ()))

    backs = [flows[ribbon.flow] for ribbon in drawn.ribbons if ribbon.is_back]
    assert all(reaches(flow.target, flow.source) for flow in backs), "it would close a circle"
