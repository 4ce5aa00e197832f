"""A small evaluator of worksheet formulas: sums, differences, quotients, IF and N; it looks at no cached value."""

from __future__ import annotations

import ast
import math
import operator
import re

_DOES = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Div: operator.truediv}
_TEXT = re.compile(r'("(?:[^"]|"")*")')


class Calculator:
    """Values of a workbook opened with its formulas."""

    def __init__(self, book):
        self.book = book
        self.known = {}

    def value(self, sheet, address):
        if (sheet, address) not in self.known:
            content = self.book[sheet][address].value
            formula = isinstance(content, str) and self.book[sheet][address].data_type == "f"
            self.known[sheet, address] = self._calculated(sheet, content) if formula else content
        return self.known[sheet, address]

    def _calculated(self, sheet, formula):
        parts = _TEXT.split(formula.removeprefix("="))
        for n in range(0, len(parts), 2):
            ranges = re.sub(r"([A-Z]+\d+):([A-Z]+\d+)", r'RANGE("\1","\2")', parts[n])
            parts[n] = ranges.replace("=", "==")
        return self._node(sheet, ast.parse("".join(parts), mode="eval").body)

    def _node(self, sheet, node):
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=address):
                return self.value(sheet, address)
            case ast.BinOp(left=a, op=op, right=b):
                return _DOES[type(op)](self._node(sheet, a) or 0, self._node(sheet, b) or 0)
            case ast.UnaryOp(op=ast.USub(), operand=a):
                return -self._node(sheet, a)
            case ast.Compare(left=a, ops=[ast.Eq()], comparators=[b]):
                return self._node(sheet, a) == self._node(sheet, b)
            case ast.Call(func=ast.Name(id="IF"), args=[test, then, other]):
                return self._node(sheet, then if self._node(sheet, test) else other)
            case ast.Call(func=ast.Name(id="N"), args=[a]):
                value = self._node(sheet, a)
                return value if isinstance(value, int | float) else 0
            case ast.Call(func=ast.Name(id="SUM"), args=args):
                values = [self._node(sheet, arg) for arg in args]
                flat = [number for value in values for number in (value if isinstance(value, list) else [value])]
                return math.fsum(number for number in flat if isinstance(number, int | float))
            case ast.Call(func=ast.Name(id="RANGE"), args=[ast.Constant(value=a), ast.Constant(value=b)]):
                return [self.value(sheet, cell.coordinate) for row in self.book[sheet][f"{a}:{b}"] for cell in row]
        raise AssertionError(ast.dump(node))
