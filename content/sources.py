"""Read the editors' YAML files into typed shapes; an error names the file, the line and the fix."""

from __future__ import annotations

import datetime as dt
import functools
import re
from pathlib import Path
from typing import (
    Any,
    Dict,
    List,
    Literal,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

_Shape = TypeVar("_Shape")
#: msgspec puts the place at the end of its messages, without the keys of mappings; `_first_fault` finds the full place.
_PLACE = re.compile(r" - at `.*`$", re.DOTALL)
_NUMBERS: Mapping[Any, str] = {int: "a whole number", float: "a valid float"}


class ContentError(Exception):
    """An editor's file is wrong. The message names the file, the line and the fix."""

    def __init__(self, path: Path, line: Optional[int], problem: str) -> None:
        self.path, self.line, self.problem = path, line, problem
        where = f"{path}:{line}" if line else str(path)
        super().__init__(f"{where}: {problem}")


class FieldError(ValueError):
    """Raised in `__post_init__` of a shape: one of its fields is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(problem)


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shape in an editor's file. It refuses unknown fields, so that a misspelt name is found."""


class _Fault(Exception):
    def __init__(self, location: Sequence[Any], problem: str) -> None:
        self.location, self.problem = list(location), problem
        super().__init__(problem)


def line_of(document: Any, location: Sequence[Any]) -> Optional[int]:
    """The line (from 1) of a location in a ruamel document, as deep as the document goes; None for an empty location."""
    node, line = document, None
    for key in location:
        position = getattr(node, "lc", None)
        if position is None:
            break
        try:
            line = (position.key(key) if isinstance(node, dict) else position.item(key))[0] + 1
            node = node[key]
        except (KeyError, IndexError, TypeError):
            break
    return line


def parse_yaml(path: Path, text: str, lines_before: int = 0, *, keep: bool = True) -> Any:
    """A YAML text of a file with its line numbers (ruamel's round-trip types). Raises ContentError; duplicate keys are errors.

    `lines_before`: how many lines of the file stand before the text. `keep`: whether the same text may be read again; a long
    process that sees every version of a file would keep them all.
    """
    try:
        return _parsed(text) if keep else _parsed.__wrapped__(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = lines_before + mark.line + 1 if mark else None
        raise ContentError(path, line, f"not YAML: {error.problem}") from error
    except ReaderError as error:
        line = lines_before + text.count("\n", 0, error.position) + 1
        raise ContentError(path, line, f"not YAML: {error.reason}") from error
    except RecursionError as error:
        raise ContentError(path, None, "not YAML: brackets within brackets, too many") from error


class _Constructor(RoundTripConstructor):
    """Names the line of a date that does not exist, such as 2026-02-30."""

    def construct_yaml_timestamp(self, node: Any, values: Any = None) -> Any:
        try:
            return super().construct_yaml_timestamp(node, values)
        except ValueError as error:
            raise ConstructorError(None, None, f"{node.value} is no date ({error})", node.start_mark) from error


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _Constructor.construct_yaml_timestamp)


@functools.lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    # Cached: the parser is slow, and a check and the error messages read some files again. Nobody changes a document.
    reader = YAML(typ="rt")
    reader.Constructor = _Constructor
    return reader.load(text)


def read_text(path: Path) -> str:
    """The text of a file. Raises ContentError when it is missing, cannot be read, or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ContentError(path, None, "the file is missing") from None
    except UnicodeDecodeError as error:
        raise ContentError(path, None, f"not UTF-8 ({error}): save it as UTF-8") from error
    except OSError as error:
        raise ContentError(path, None, f"cannot be read: {error}") from error


def load_yaml(path: Path) -> Any:
    """A YAML file with its line numbers (ruamel's round-trip types). Raises ContentError."""
    return parse_yaml(path, read_text(path))


def load_mapping(path: Path, shape: Type[Any]) -> Dict[str, Any]:
    """A YAML file that holds the fields of a shape. Raises ContentError when it is no mapping."""
    document = load_yaml(path)
    if not isinstance(document, dict):
        names = ", ".join(f"`{field.encode_name}`" for field in msgspec.structs.fields(shape))
        raise ContentError(path, 1, f"expected a mapping with {names}")
    return document


def shaped(shape: Type[_Shape], path: Path, document: Any, **more: Any) -> _Shape:
    """A document, with `more` fields from elsewhere, as a shape. Raises ContentError with the place of the first fault."""
    try:
        value = plain(document)
        made: _Shape = convert({**value, **more} if more else value, shape)
        return made
    except _Fault as fault:
        where = ".".join(str(step) for step in fault.location)
        problem = f"{where}: {fault.problem}" if where else fault.problem
        raise ContentError(path, line_of(document, fault.location), problem) from fault


def plain(node: Any) -> Any:
    """A ruamel document as Python's own types."""
    if isinstance(node, dict):
        return {plain(key): plain(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [plain(item) for item in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (str, int, float):
        if isinstance(node, kind):
            return kind(node)
    return node


def convert(value: Any, shape: Any) -> Any:
    """Plain data as a shape. Raises `_Fault` with the full place of the first fault."""
    try:
        return msgspec.convert(value, shape, dec_hook=decode_custom)
    except msgspec.ValidationError as error:
        raise _first_fault(value, shape, [], error) from error


def decode_custom(kind: Any, value: Any) -> Any:
    """What msgspec does not decode by itself: a regular expression. Raises ValueError."""
    if isinstance(value, re.Pattern):
        return value
    try:
        return re.compile(value if isinstance(value, str) else str(value))
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error


def encode_custom(value: Any) -> Any:
    """What msgspec does not encode by itself: a regular expression is its text."""
    if isinstance(value, re.Pattern):
        return value.pattern
    raise NotImplementedError(f"{type(value).__name__} cannot be published")


def _first_fault(value: Any, kind: Any, location: List[Any], error: msgspec.ValidationError) -> _Fault:
    """The deepest place at which `value` does not have the type `kind`, in the order of the shape's fields."""
    if get_origin(kind) is dict and isinstance(value, dict):
        for key in value:
            try:
                msgspec.convert(key, get_args(kind)[0])
            except msgspec.ValidationError as wrong_key:
                return _Fault([*location, key], f"the name: {_words(get_args(kind)[0], wrong_key)}")
    for name, child, child_kind in _children(value, kind, location):
        try:
            msgspec.convert(child, child_kind, dec_hook=decode_custom)
        except msgspec.ValidationError as deeper:
            return _first_fault(child, child_kind, [*location, name], deeper)
    if isinstance(error.__cause__, FieldError):
        return _Fault([*location, error.__cause__.field], str(error.__cause__))
    known = _fields(kind)
    if known is not None and isinstance(value, dict):
        for field in known:
            if field.required and field.encode_name not in value:
                return _Fault([*location, field.encode_name], "field required")
        unknown = [name for name in value if name not in {field.encode_name for field in known}]
        if unknown and not error.__cause__:
            return _Fault([*location, unknown[0]], "extra fields are not permitted: correct the name or remove it")
    return _Fault(location, _words(kind, error))


def _fields(kind: Any) -> Optional[Tuple[msgspec.structs.FieldInfo, ...]]:
    is_shape = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    return msgspec.structs.fields(kind) if is_shape else None


def _children(value: Any, kind: Any, location: List[Any]) -> List[Tuple[Any, Any, Any]]:
    """The parts of a value with their keys and types: up to the first missing field of a shape."""
    known = _fields(kind)
    if known is not None and isinstance(value, dict):
        children: List[Tuple[Any, Any, Any]] = []
        for field in known:
            if field.encode_name in value:
                children.append((field.encode_name, value[field.encode_name], field.type))
            elif field.required:
                break
        return children
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Union and value is not None:
        (first,) = (argument for argument in arguments if argument is not type(None))
        return _children(value, first, location)
    if origin is dict and isinstance(value, dict):
        return [(key, child, arguments[1]) for key, child in value.items()]
    if origin is tuple and isinstance(value, list):
        if arguments[-1] is Ellipsis:
            return [(number, child, arguments[0]) for number, child in enumerate(value)]
        return [(number, child, of) for number, (child, of) in enumerate(zip(value, arguments))]
    return []


def _words(kind: Any, error: msgspec.ValidationError) -> str:
    """The error message for editors about a value that has no parts."""
    if error.__cause__ is not None:
        return str(error.__cause__)
    said = _PLACE.sub("", str(error))
    if get_origin(kind) is Union:
        (kind,) = (argument for argument in get_args(kind) if argument is not type(None))
    if hasattr(kind, "__metadata__"):  # Annotated
        return _bound(kind.__origin__, kind.__metadata__[0], said)
    if get_origin(kind) is Literal:
        return f"unexpected value; permitted: {', '.join(repr(value) for value in get_args(kind))}"
    if get_origin(kind) is tuple:
        return "must be a list"
    if get_origin(kind) is dict or _fields(kind) is not None:
        return "must be `name: value` lines"
    if kind is dt.date:
        return "invalid date: write it as 2026-01-31"
    if kind is str:
        return f"{said}: write a text, in quotes if it looks like a number"
    return f"not {_NUMBERS[kind]}" if kind in _NUMBERS else said


def _bound(kind: Any, meta: msgspec.Meta, said: str) -> str:
    """What a bounded number or text must be."""
    if "got `" in said:
        return f"not {_NUMBERS[kind]}" if kind in _NUMBERS else f"{said}: write a text, in quotes if it looks like a number"
    bounds = {"greater than": meta.gt, "at least": meta.ge, "less than": meta.lt, "at most": meta.le}
    if kind in _NUMBERS:
        return f"must be {' and '.join(f'{words} {bound}' for words, bound in bounds.items() if bound is not None)}"
    if meta.pattern is not None and "regex" in said:
        return "must be one word without spaces"
    if meta.max_length is not None and "<=" in said:
        return f"must have at most {meta.max_length} characters"
    return "must not be empty"
