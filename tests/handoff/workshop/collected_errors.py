"""The sentences of all errors that `content/` raises, collected from its source: each placeholder stands for `x`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CONTENT = Path(__file__).parents[3] / "content"
_RAISED = {"ContentError": 2, "FieldError": 1, "ValueError": 0, "_Fault": 1, "fail": 1, "_problem": 1}
#: Variables that hold an error's sentence before it is raised.
_NAMES = frozenset({"problem", "why", "message"})
#: Functions of `sources` that return the words of an error.
_WORDS = frozenset({"_words", "_bound"})
#: Fewer letters are only a frame around another sentence.
_FEWEST_LETTERS = 8


def sentences() -> list[str]:
    """Every sentence once, in order."""
    found = set()
    for path in sorted(CONTENT.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in _expressions(tree):
            found |= {text for text in _texts(node) if len(re.sub(r"[^a-z]", "", text.replace("x", ""))) >= _FEWEST_LETTERS}
    return sorted(found)


def _expressions(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = (
                node.func.id
                if isinstance(node.func, ast.Name)
                else node.func.attr
                if isinstance(node.func, ast.Attribute)
                else ""
            )
            if name in _RAISED and len(node.args) > _RAISED[name]:
                yield node.args[_RAISED[name]]
        elif isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id in _NAMES for each in node.targets):
            yield node.value
        elif isinstance(node, ast.FunctionDef) and node.name in _WORDS:
            yield from (each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value is not None)


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    return []
