"""What Argo Rollouts makes of a measurement: a small part of its analysis, by its own rules."""

from __future__ import annotations

import ast
import math
import operator
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Phase(StrEnum):
    """What one measurement comes to."""

    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    INCONCLUSIVE = "Inconclusive"
    ERROR = "Error"


class End(StrEnum):
    """What an analysis comes to that sees the same thing whenever it measures."""

    PROMOTES = "promotes"
    ABORTS = "aborts"
    PAUSES = "pauses"


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "len": len,
    "isNaN": math.isnan,
    "isInf": math.isinf,
}
_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def measured(metric: Mapping[str, Any], result: Sequence[float]) -> Phase:
    """Judge what a query returned by the metric's conditions.

    Without a failureCondition whatever is no success has failed, and the other way round; what has
    both and meets neither is inconclusive.
    """
    success, failure = metric.get("successCondition"), metric.get("failureCondition")
    try:
        succeeded = _holds(success, result) if success else None
        has_failed = _holds(failure, result) if failure else None
    except (LookupError, TypeError, ValueError, SyntaxError, RecursionError):
        return Phase.ERROR
    if has_failed is None:
        has_failed = succeeded is False
    if succeeded is None:
        succeeded = not has_failed
    if has_failed:
        return Phase.FAILED
    return Phase.SUCCESSFUL if succeeded else Phase.INCONCLUSIVE


def end(metric: Mapping[str, Any], result: Sequence[float]) -> End:
    """Say what becomes of a rollout whose every measurement returns the same."""
    phase = measured(metric, result)
    if phase is Phase.SUCCESSFUL:
        return End.PROMOTES
    if phase is Phase.ERROR:  # repeated until there are too many in a row, however many that is
        return End.ABORTS
    count = metric.get("count") or (math.inf if metric.get("interval") else 1)
    limit = metric.get("failureLimit" if phase is Phase.FAILED else "inconclusiveLimit") or 0
    if limit < 0 or count <= limit:
        return End.PROMOTES
    return End.ABORTS if phase is Phase.FAILED else End.PAUSES


def _holds(condition: str, result: Sequence[float]) -> bool:
    text = condition.replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"!(?!=)", " not ", text).strip()
    return bool(_value(ast.parse(text, mode="eval").body, result))


def _value(node: ast.expr, result: Sequence[float]) -> Any:  # noqa: C901, PLR0911  # a case each
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            return value
        case ast.Name(id="result"):
            return result
        case ast.Name(id="true" | "false" as word):
            return word == "true"
        case ast.Subscript(value=ast.Name(id="result"), slice=ast.Constant(value=int() as at)):
            return result[at]
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(argument, result))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, result)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, result)
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, result) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_value(part, result) for part in parts)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_value(left, result), _value(right, result))
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_value(left, result), _value(right, result))
    raise ValueError(ast.dump(node))
