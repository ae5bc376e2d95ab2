"""The `when` of a check: a condition on the answers and the contract, without eval.

The syntax is what Python and Jinja have in common, so the same text can be a condition in the
template: names, dots, literals, comparisons, `in`, `and`, `or`, `not`, brackets.
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, items: item in (items or ()),
    ast.NotIn: lambda item, items: item not in (items or ()),
}


class ConditionError(ValueError):
    """A condition that is no condition; the message says what is wrong with it."""


def parse(text: str) -> ast.expr:
    """Return the tree of a condition.

    Raises:
        ConditionError: it has other syntax than this module's.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(f"{text!r} is no condition: {error}") from error
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise ConditionError(f"{text!r} is no condition: it has a {type(node).__name__}")
    return tree


_ALLOWED = (
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.Compare,
    *_COMPARISONS,
    ast.Name,
    ast.Attribute,
    ast.Load,
    ast.Constant,
    ast.List,
    ast.Tuple,
)


def holds(text: str, values: Mapping[str, Any]) -> bool:
    """Tell whether a condition is true of `values`; what is not among them is None.

    Raises:
        ConditionError: it is no condition, or compares what can't be.
    """
    try:
        return bool(_value(parse(text), values))
    except TypeError as error:
        raise ConditionError(f"{text!r} does not fit the answers: {error}") from error


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:  # noqa: C901, PLR0911  # one case each
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return values.get(name)
        case ast.Attribute(value=inner, attr=name):
            outer = _value(inner, values)
            return outer.get(name) if isinstance(outer, dict) else None
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item, values) for item in items]
        case ast.UnaryOp(operand=operand):
            return not _value(operand, values)
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, values) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_value(part, values) for part in parts)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            held = _value(left, values)
            for sign, right in zip(ops, rights, strict=True):
                other = _value(right, values)
                if not _COMPARISONS[type(sign)](held, other):
                    return False
                held = other
            return True
    raise AssertionError(node)  # parse lets nothing else through
