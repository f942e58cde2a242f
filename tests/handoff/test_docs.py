"""The documents: settings, events and error codes are documented, and links lead to existing pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.conversations.events.registry import types
from handoff.runtime.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
#: The error tree of handoff/runtime/errors.py, and the errors of the bot.
ERRORS = {"BadInput", "NotAllowed", "NotFound", "Conflict", "Unavailable", "TooMany", "DeskError", "BotError"}
_LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def documented(page: str) -> set[str]:
    """Every `name` in backticks on a page of docs/."""
    return set(re.findall(r"`([^`\n]+)`", _FENCED.sub("", (ROOT / "docs" / page).read_text(encoding="utf-8"))))


def calls(path: Path) -> Iterator[ast.Call]:
    """Every call in a source file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def constants(node: ast.expr) -> Iterator[str]:
    """The texts that an expression can be: a constant, or either side of a condition."""
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def codes() -> set[str]:
    """The code of every error raised in handoff/."""
    return {
        code
        for path in (ROOT / "handoff").rglob("*.py")
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id in ERRORS and call.args
        for code in constants(call.args[0])
    }


def environment_names(path: Path) -> set[str]:
    """The variables that a source file reads or sets by `.get("X")`, `.setdefault("X")` or `["X"]`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        key = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "setdefault"):
            key = node.args[0] if node.args else None
        elif isinstance(node, ast.Subscript):
            key = node.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and re.fullmatch(r"[A-Z][A-Z_]+", key.value):
            found.add(key.value)
    return found


def test_every_setting_of_the_desk_is_documented() -> None:
    """An operator could not learn of a setting without reading the code."""
    names = {str(field.validation_alias) for field in Settings.model_fields.values()}
    assert len(names) == len(Settings.model_fields)
    assert names <= documented("operations.md")


@pytest.mark.parametrize("source", ["actions/settings.py", "scripts/supervise.py"])
def test_every_other_variable_is_documented(source: str) -> None:
    """An operator could configure the bot's processes only by guessing."""
    names = environment_names(ROOT / source)
    assert names
    assert names <= documented("operations.md")


def test_every_variable_of_the_procfile_is_documented() -> None:
    """An operator with another supervisor would start the processes with an empty setting."""
    names = set(re.findall(r"\$([A-Z_]+)", (ROOT / "Procfile").read_text(encoding="utf-8")))
    assert names
    assert names <= documented("operations.md")


@pytest.mark.parametrize("page", ["conversation.md"])
def test_every_event_type_is_documented(page: str) -> None:
    """A program that reads the log would meet an undocumented event."""
    assert {kind.type for kind in types()} <= documented(page)


def test_every_log_event_of_the_desk_is_documented() -> None:
    """An operator would read a line that no document explains."""
    found = {
        name
        for path in (ROOT / "handoff").rglob("*.py")
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("info", "warning", "error") and call.args
        for name in constants(call.args[0])
        if re.fullmatch(r"[a-z]+\.[a-z_]+", name)
    }
    assert {"desk.ready", "bot.unhealthy"} <= found
    assert found <= documented("operations.md")


def test_every_error_code_is_documented() -> None:
    """A program would meet an undocumented code."""
    found = codes()
    assert {"wrong_state", "bot_unreachable"} <= found
    assert found | {"method_not_allowed", "bot_too_slow", "turn_lost"} <= documented("contracts.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    """A reader would follow a link to a missing page."""
    targets = [link.partition("#")[0] for link in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


def test_the_pages_of_the_project_are_checked() -> None:
    """The checks above would pass because they find nothing to check."""
    assert {"README.md", "operations.md", "contracts.md"} <= {page.name for page in PAGES}
