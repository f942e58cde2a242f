"""Change single values of a YAML text and leave every other byte as it is: comments, order, quoting, blank lines.

ruamel.yaml reads the text and tells where each value stands; only that part of the text is written anew. A dump of the whole
document would change files that a person laid out in another way than ruamel does.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from pathlib import Path
from typing import Any, List, Optional, Sequence, Tuple, Union

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from content.sources import parse_yaml, plain

Step = Union[str, int]

#: A text that stands without quotes in YAML, in block and in flow collections, and is read as the same text. Narrow on purpose.
_PLAIN = re.compile(r"[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff，。！？、；（）《》「」“”…·/.~+ -]*(?<! )")
_WORDS_OF_YAML = frozenset("true false yes no on off null y n ~".split())
_BOX = Path("text")


class CannotEdit(Exception):
    """The text is laid out in a way in which this value cannot be changed alone; a text editor can."""


@functools.lru_cache(maxsize=64)
def _composed(text: str) -> Optional[Node]:
    node: Optional[Node] = YAML(typ="rt").compose(text)
    return node


def node_at(text: str, path: Sequence[Step]) -> Optional[Node]:
    """The node at a path of keys and indexes; None if there is none."""
    node = _composed(text)
    for step in path:
        node = _child(node, step)
        if node is None:
            return None
    return node


def _child(node: Optional[Node], step: Step) -> Optional[Node]:
    if isinstance(node, MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        child: Node = node.value[step]
        return child
    return None


def span(node: Node) -> Tuple[int, int]:
    """Where a value begins and ends in the text, without the comments and blank lines behind it."""
    if isinstance(node, ScalarNode) or getattr(node, "flow_style", False):
        return node.start_mark.index, node.end_mark.index
    children = [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else node.value
    return node.start_mark.index, max([span(child)[1] for child in children], default=node.end_mark.index)


def line_at(text: str, path: Sequence[Step]) -> Optional[int]:
    """The line of a value, from 1."""
    node = node_at(text, path)
    return None if node is None else node.start_mark.line + 1


def scalar_text(value: Any, *, quoted: bool = False) -> str:
    """A scalar as YAML on one line. Text gets quotes where it needs them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return json.dumps(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    text = str(value)
    if not quoted and _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML:
        return text
    # JSON's escapes are YAML's; its line separators are not escaped by JSON.
    quoted_text = json.dumps(text, ensure_ascii=False)
    return quoted_text.translate({0x85: "\\N", 0x2028: "\\L", 0x2029: "\\P", 0xFEFF: "\\uFEFF", 0x7F: "\\x7F"})


def flow_text(value: Any) -> str:
    """Any plain value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar_text(key)}: {flow_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow_text(each) for each in value) + "]"
    return scalar_text(value)


def set_value(text: str, path: Sequence[Step], value: Any) -> str:
    """The text with another value at a path that exists. Raises CannotEdit, and KeyError for a path that does not exist."""
    node = node_at(text, path)
    if node is None:
        raise KeyError(".".join(map(str, path)))
    if plain(_read(text, path)) == value:
        return text
    start, end = span(node)
    written = _written(text, node, value)
    if isinstance(node, ScalarNode) and node.style in ("|", ">") and text[end - 1 : end] != "\n":
        written = written.rstrip("\n")
    return _checked(text, text[:start] + written + text[end:], path, value)


def _written(text: str, node: Node, value: Any) -> str:
    """A value in the style of the node that it replaces."""
    if isinstance(node, ScalarNode) and isinstance(value, str):
        if node.style in ("|", ">"):
            return _block(text, node, value)
        if node.style == "'" and "\n" not in value and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        return scalar_text(value, quoted=node.style is not None)
    return flow_text(value)


def _block(text: str, node: Node, value: str) -> str:
    """A text of several lines as a literal block, at the indentation of the block before; quoted if it cannot be a block."""
    if "\n" not in value.strip("\n") or not all(line.strip() == line.rstrip() for line in value.split("\n")[:1]):
        return scalar_text(value, quoted=True) + "\n"
    if any(not character.isprintable() for character in value.replace("\n", "")):
        return scalar_text(value, quoted=True) + "\n"
    start, end = node.start_mark.index, node.end_mark.index
    body = [line for line in text[start:end].split("\n")[1:] if line.strip()]
    indent = body[0][: len(body[0]) - len(body[0].lstrip())] if body else "  "
    ending = "" if value.endswith("\n") else "-"
    if value.endswith("\n\n"):
        return scalar_text(value, quoted=True) + "\n"
    lines = value[:-1].split("\n") if value.endswith("\n") else value.split("\n")
    return f"|{ending}\n" + "".join((indent + line).rstrip() + "\n" if line.strip() else "\n" for line in lines)


def set_key(text: str, path: Sequence[Step], key: str, value: Any, *, after: Sequence[str] = ()) -> str:
    """The text with a key of the mapping at a path set: changed if it is there, else added as a line of its own.

    A new key stands after the last of the keys `after` that the mapping has, or at its end.
    """
    mapping = node_at(text, path)
    if not isinstance(mapping, MappingNode):
        raise KeyError(".".join(map(str, path)))
    if _child(mapping, key) is not None:
        return set_value(text, [*path, key], value)
    if mapping.flow_style or not mapping.value:
        whole = dict(plain(_read(text, path)) or {})
        return set_value(text, path, {**whole, key: value})
    pairs = [pair for pair in mapping.value if pair[0].value in after] or mapping.value
    last_key, last_value = pairs[-1]
    line = f"{' ' * last_key.start_mark.column}{scalar_text(key)}: {flow_text(value)}\n"
    at = _end_of_line(text, span(last_value)[1])
    return _checked(text, _inserted(text, at, line), [*path, key], value)


def remove_key(text: str, path: Sequence[Step], key: str) -> str:
    """The text without a key of the block mapping at a path; unchanged if it is not there. Its lines go with it."""
    mapping = node_at(text, path)
    if not isinstance(mapping, MappingNode):
        raise KeyError(".".join(map(str, path)))
    pair = next((each for each in mapping.value if each[0].value == key), None)
    if pair is None:
        return text
    if mapping.flow_style:
        whole = {name: value for name, value in plain(_read(text, path)).items() if name != key}
        return set_value(text, path, whole)
    start = text.rfind("\n", 0, pair[0].start_mark.index) + 1
    return _checked(text, text[:start] + text[_end_of_line(text, span(pair[1])[1]) :], [*path, key], None)


def set_items(text: str, path: Sequence[Step], items: Sequence[Any]) -> str:
    """The text with other items in the list at a path. Items that stay keep their bytes; new ones are lines of their own."""
    node = node_at(text, path)
    if not isinstance(node, SequenceNode) or node.flow_style or not node.value or not items:
        return set_value(text, path, list(items))
    present = plain(_read(text, path))
    for number in range(min(len(present), len(items))):
        text = set_value(text, [*path, number], items[number])
    for number in range(len(present) - 1, len(items) - 1, -1):
        text = remove_item(text, path, number)
    for number in range(len(present), len(items)):
        text = append_item(text, path, [flow_text(items[number])])
    return _checked(text, text, path, list(items))


def remove_item(text: str, path: Sequence[Step], number: int) -> str:
    """The text without an item of a block list: its lines go, the comments above it stay. Raises CannotEdit."""
    node = node_at(text, [*path, number])
    if node is None or not re.fullmatch(r" *- +", text[text.rfind("\n", 0, node.start_mark.index) + 1 : node.start_mark.index]):
        raise CannotEdit(f"{path}: item {number}")
    rest = [each for place, each in enumerate(plain(_read(text, path))) if place != number]
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    return _checked(text, text[:start] + text[_end_of_line(text, span(node)[1]) :], path, rest or None)


def append_item(text: str, path: Sequence[Step], lines: Sequence[str]) -> str:
    """The text with one more item behind the last of a block list. `lines`: the item, its later lines are indented.

    Raises CannotEdit. What the lines say is not checked here.
    """
    listed = node_at(text, path)
    if not isinstance(listed, SequenceNode) or listed.flow_style or not listed.value:
        raise CannotEdit(f"{path}: no block list")
    last = listed.value[-1]
    dash = text[text.rfind("\n", 0, last.start_mark.index) + 1 : last.start_mark.index]
    if not re.fullmatch(r" *- +", dash):
        raise CannotEdit(f"{path}: the last item")
    written = dash + lines[0] + "\n" + "".join(" " * len(dash) + line + "\n" for line in lines[1:])
    return _inserted(text, _end_of_line(text, span(last)[1]), written)


def read_value(text: str, path: Sequence[Step]) -> Any:
    """The value at a path as plain Python data. Raises ContentError for a broken text, KeyError for an unknown path."""
    return plain(_read(text, path))


def _read(text: str, path: Sequence[Step]) -> Any:
    value = parse_yaml(_BOX, text)
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError) as error:
            raise KeyError(".".join(map(str, path))) from error
    return value


def _end_of_line(text: str, at: int) -> int:
    """The beginning of the next line; behind a literal block that is where it ends."""
    if at and text[at - 1] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _inserted(text: str, at: int, line: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    before = "" if at == 0 or text[at - 1] == "\n" else newline
    return text[:at] + before + line.replace("\n", newline) + text[at:]


def _checked(before: str, after: str, path: Sequence[Step], value: Any) -> str:
    """The new text. Raises CannotEdit unless it says what the old one said, with the new value (None: without the key)."""
    wanted = _with_value(plain(parse_yaml(_BOX, before)), list(path), value)
    try:
        found = plain(parse_yaml(_BOX, after))
    except Exception as error:
        raise CannotEdit(".".join(map(str, path))) from error
    if found != wanted:
        raise CannotEdit(".".join(map(str, path)))
    return after


def _with_value(document: Any, path: List[Step], value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(document, dict):
        changed = dict(document)
        if not rest and value is None:
            changed.pop(step, None)
        else:
            changed[step] = _with_value(document.get(step), rest, value)
        return changed
    if isinstance(document, list) and isinstance(step, int):
        return [_with_value(each, rest, value) if number == step else each for number, each in enumerate(document)]
    return _with_value({}, path, value)
