"""Change the items of a list in a YAML text, and leave every other byte as it is (see `yaml_spans`)."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any, Sequence, Tuple

from ruamel.yaml.nodes import Node, SequenceNode

from content.editing.yaml_spans import (
    CannotEdit,
    Step,
    checked,
    end_of_line,
    flow_text,
    inserted,
    node_at,
    read_value,
    set_value,
    span,
    value_at,
)
from content.sources import plain


def set_items(text: str, path: Sequence[Step], items: Sequence[Any]) -> str:
    """The text with other items in the list at a path. Items that stay keep their bytes; new ones are lines of their own."""
    node = node_at(text, path)
    if not isinstance(node, SequenceNode) or node.flow_style or not node.value or not items:
        return set_value(text, path, list(items))
    present = plain(value_at(text, path))
    keys = [[json.dumps(each, ensure_ascii=False, default=str) for each in listed] for listed in (present, items)]
    # From the end, so that the numbers of the items before stay.
    # From the end, so that the numbers of the items before stay.
    for tag, low, high, new_low, new_high in reversed(
        difflib.SequenceMatcher(a=keys[0], b=keys[1], autojunk=False).get_opcodes()
    ):
        if tag == "equal":
            continue
        shared = min(high - low, new_high - new_low)
        for number in range(high - 1, low + shared - 1, -1):
            text = _without_item(text, path, number)
        for place in range(new_high - 1, new_low + shared - 1, -1):
            text = _with_item(text, path, low + shared, flow_text(items[place]))
        for number in range(shared):
            text = set_value(text, [*path, low + number], items[new_low + number])
    if read_value(text, path) != list(items):
        raise CannotEdit(".".join(map(str, path)))
    return text


def _item_line(text: str, path: Sequence[Step], number: int) -> Tuple[Node, int, str]:
    """An item of a block list, where its line begins, and its indentation with the dash. Raises CannotEdit."""
    node = node_at(text, [*path, number])
    if node is not None:
        start = text.rfind("\n", 0, node.start_mark.index) + 1
        dash = text[start : node.start_mark.index]
        if re.fullmatch(r" *- +", dash):
            return node, start, dash
    raise CannotEdit(f"{path}: item {number}")


def _without_item(text: str, path: Sequence[Step], number: int) -> str:
    node, start, _ = _item_line(text, path, number)
    return text[:start] + text[end_of_line(text, span(node)[1]) :]


def _with_item(text: str, path: Sequence[Step], number: int, written: str) -> str:
    """The text with an item before the item `number`, behind the item before that."""
    if number == 0:
        _, start, dash = _item_line(text, path, 0)
        return inserted(text, start, f"{dash}{written}\n")
    node, _, dash = _item_line(text, path, number - 1)
    return inserted(text, end_of_line(text, span(node)[1]), f"{dash}{written}\n")


def remove_item(text: str, path: Sequence[Step], number: int) -> str:
    """The text without an item of a block list: its lines go, the comments above it stay. Raises CannotEdit."""
    rest = [each for place, each in enumerate(plain(value_at(text, path))) if place != number]
    return checked(text, _without_item(text, path, number), path, rest or None)


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
    return inserted(text, end_of_line(text, span(last)[1]), written)
