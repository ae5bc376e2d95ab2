"""Small mistakes in Python code, one at a time: what a test of that code must notice."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files.tree import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Function = ast.FunctionDef | ast.AsyncFunctionDef

_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file with one mistake.

    Attributes:
        path: the file.
        function: the function that is changed.
        line: where, in the file as it was.
        what: the change.
        text: the whole file, changed.
    """

    path: str
    function: str
    line: int
    what: str
    text: str


def functions(path: str, text: str) -> list[str]:
    """Return the names of the functions and methods that do something.

    Raises:
        UnreadableError: it is no Python that this Python can read.
    """
    return [name for name, _ in _functions(_parsed(path, text))]


def mutants(path: str, text: str) -> list[Mutant]:
    """Return a file's mutants; of each function the first one does nothing at all.

    Raises:
        UnreadableError: it is no Python that this Python can read.
    """
    tree = _parsed(path, text)
    found = []
    for name, function in _functions(tree):
        for node, changes, what in _changes(function):
            kept = {key: getattr(node, key) for key in changes}
            for key, value in changes.items():
                setattr(node, key, value)
            line = getattr(node, "lineno", function.lineno)
            found.append(
                Mutant(path, name, line, what, ast.unparse(ast.fix_missing_locations(tree)))
            )
            for key, value in kept.items():
                setattr(node, key, value)
    return found


def broken(path: str, text: str) -> str:
    """Return a file whose functions all raise, which shows what tests call them."""
    tree = _parsed(path, text)
    for _, function in _functions(tree):
        function.body = ast.parse("raise RuntimeError('broken by the audit')").body
    return ast.unparse(ast.fix_missing_locations(tree))


def chosen(found: Sequence[Mutant], most: int) -> list[Mutant]:
    """Return at most so many: the first of each function, and of the others an even choice."""
    firsts: dict[tuple[str, str], Mutant] = {}
    for mutant in found:
        firsts.setdefault((mutant.path, mutant.function), mutant)
    first = list(firsts.values())
    others = [mutant for mutant in found if mutant not in first]
    room = max(0, most - len(first))
    if len(others) > room:
        others = [others[i * len(others) // room] for i in range(room)]
    return [*first, *others]


def _parsed(path: str, text: str) -> ast.Module:
    try:
        tree = ast.parse(text)
        ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(f"{path} is no Python that can be read") from error
    return tree


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if not _empty(node):
                yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not _empty(inner):
                    yield f"{node.name}.{inner.name}", inner


def _empty(function: Function) -> bool:
    """Whether it does nothing anyway, but for its docstring."""
    return all(
        isinstance(node, ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Return) and _is_none(node.value))
        for node in function.body
    )


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _changes(function: Function) -> Iterator[tuple[ast.AST, dict[str, Any], str]]:
    """Yield a node, the new values of its fields, and a word for it."""
    yield function, {"body": [ast.Return(ast.Constant(None))]}, "does nothing"
    for node in ast.walk(function):
        match node:
            case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in _OPERATORS:
                yield node, {"op": _OPERATORS[type(op)]()}, f"{_name(op)} is another operator"
            case ast.Compare(ops=[op]):
                yield node, {"ops": [_OPERATORS[type(op)]()]}, "the comparison is turned round"
            case ast.If(test=test) | ast.IfExp(test=test):
                yield node, {"test": ast.UnaryOp(ast.Not(), test)}, "the condition is turned round"
            case ast.Constant(value=bool(value)):
                yield node, {"value": not value}, f"{value} is {not value}"
            case ast.Constant(value=int(value) | float(value)):
                yield node, {"value": value + 1}, f"{value} is {value + 1}"
            case ast.Dict(keys=keys, values=values):
                for i, key in enumerate(keys):
                    rest = {
                        "keys": keys[:i] + keys[i + 1 :],
                        "values": values[:i] + values[i + 1 :],
                    }
                    if isinstance(key, ast.Constant):
                        yield node, rest, f"{key.value!r} is left out"
        yield from _dropped(node)


def _dropped(node: ast.AST) -> Iterator[tuple[ast.AST, dict[str, Any], str]]:
    """Yield the statements of a block that can be left out."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if not isinstance(block, list):
            continue
        for i, statement in enumerate(block):
            stored = isinstance(statement, ast.Assign) and isinstance(
                statement.targets[0], ast.Subscript
            )
            if stored or isinstance(statement, ast.Raise):
                rest = [*block[:i], ast.Pass(), *block[i + 1 :]]
                yield node, {field: rest}, f"line {statement.lineno} is left out"


def _name(operator: ast.AST) -> str:
    return type(operator).__name__.lower()
