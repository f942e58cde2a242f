"""The registry of event types: what each may hold, in which version, and what of it customers may read.

An event type is one frozen dataclass under `@event(...)`. It is internal unless the decorator says `is_public=True`. A field of
a public type is internal unless it is declared with `public()`. So no new type or field is shown to customers by mistake.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, dataclass_transform

import msgspec

_PUBLIC, _NOTE = "public", "note"

Upcast = Callable[[dict[str, Any]], dict[str, Any]]


class Body:
    """What one event says. Subclasses are made with `@event`."""

    type: ClassVar[str]
    version: ClassVar[int]
    is_public: ClassVar[bool]


B = TypeVar("B", bound=Body)


def public(note: str = "", *, default: Any = dataclasses.MISSING) -> Any:
    """A field that customers may read; `note` is for the table of events in the documentation."""
    return dataclasses.field(default=default, metadata={_PUBLIC: True, _NOTE: note})


def internal(note: str = "", *, default: Any = dataclasses.MISSING) -> Any:
    """A field that only agents may read, which is what a field without a declaration is, too."""
    return dataclasses.field(default=default, metadata={_NOTE: note})


@dataclass(frozen=True)
class _Entry:
    """One type of the registry. `upcasts[n]` makes the data of version n + 1 from that of version n."""

    body: type[Body]
    fields: tuple[str, ...]
    public_fields: tuple[str, ...]
    upcasts: Mapping[int, Upcast]


_REGISTRY: dict[str, _Entry] = {}


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(public, internal))
def event(
    name: str, *, version: int = 1, is_public: bool = False, upcasts: Mapping[int, Upcast] | None = None
) -> Callable[[type[B]], type[B]]:
    """Register an event type under its name in the log. A version above 1 needs an upcast from each version below it."""

    def register(cls: type[B]) -> type[B]:
        if name in _REGISTRY:
            raise ValueError(f"two event types are called {name}")
        steps = dict(upcasts or {})
        if set(steps) != set(range(1, version)):
            raise ValueError(f"{name}: version {version} needs upcasts from {list(range(1, version))}")
        made = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        made.type, made.version, made.is_public = name, version, is_public
        fields = dataclasses.fields(made)  # type: ignore[arg-type]
        shown = tuple(each.name for each in fields if is_public and each.metadata.get(_PUBLIC))
        _REGISTRY[name] = _Entry(made, tuple(each.name for each in fields), shown, steps)
        return made

    return register


@dataclass(frozen=True, kw_only=True)
class Unknown(Body):
    """An event that this desk cannot read: a newer desk wrote it, or its data is damaged. It is kept as it is, and internal."""

    name: str
    data_version: int
    data: dict[str, Any]
    is_public: ClassVar[bool] = False

    @property
    def type(self) -> str:  # type: ignore[override]
        """The name in the log."""
        return self.name

    @property
    def version(self) -> int:  # type: ignore[override]
        """The version in the log."""
        return self.data_version


def read_body(name: str, version: int, data: Any) -> Body:
    """The body of a stored event, brought up to the present version; `Unknown` for what this desk cannot read."""
    entry = _REGISTRY.get(name)
    if entry is None or not 1 <= version <= entry.body.version or not isinstance(data, dict):
        return Unknown(name=name, data_version=version, data=data)
    try:
        current = data
        for step in range(version, entry.body.version):
            current = entry.upcasts[step](current)
        return msgspec.convert(current, type=entry.body)
    except (msgspec.ValidationError, KeyError, ValueError, TypeError, AttributeError):
        return Unknown(name=name, data_version=version, data=data)


def data_of(body: Body) -> Any:
    """The JSON that the log holds for a body. Fields that are None are left out."""
    if isinstance(body, Unknown):
        return body.data
    return _fields_as_json(body, _REGISTRY[body.type].fields)


def public_data_of(body: Body) -> dict[str, Any] | None:
    """What customers may read of a body; None for an internal type."""
    if not body.is_public:
        return None
    return _fields_as_json(body, _REGISTRY[body.type].public_fields)


def types() -> list[type[Body]]:
    """All registered types, in the order of their declaration."""
    return [entry.body for entry in _REGISTRY.values()]


def table() -> str:
    """The table of events for the documentation, in Markdown; internal fields of public types are in italics."""
    lines = ["| type | version | data | visible | what happened |", "| --- | --- | --- | --- | --- |"]
    for name, entry in _REGISTRY.items():
        cells = []
        for each in dataclasses.fields(entry.body):  # type: ignore[arg-type]
            cell = f"`{each.name}`"
            if entry.body.is_public and each.name not in entry.public_fields:
                cell = f"*{cell}*"
            note = each.metadata.get(_NOTE)
            cells.append(f"{cell} ({note})" if note else cell)
        seen = "all" if entry.body.is_public else "internal"
        story = " ".join((entry.body.__doc__ or "").split("\n\n")[0].split())
        lines.append(f"| `{name}` | {entry.body.version} | {', '.join(cells)} | {seen} | {story} |")
    return "\n".join(lines)


def _fields_as_json(body: Body, names: tuple[str, ...]) -> dict[str, Any]:
    data = {}
    for name in names:
        value = getattr(body, name)
        if value is not None:
            data[name] = value if type(value) in _PLAIN else as_json(value)
    return data


#: Values that are JSON already. A dict is the JSON of another contract (a decision, an article).
_PLAIN = frozenset({str, int, float, bool, dict})


def as_json(value: Any) -> Any:
    """A value of the log as JSON: dataclasses without their None fields, tuples as lists, times in ISO 8601."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, (list, tuple)):
        return [as_json(each) for each in value]
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((each.name, getattr(value, each.name)) for each in dataclasses.fields(value))
        return {name: as_json(held) for name, held in pairs if held is not None}
    if isinstance(value, str):  # a StrEnum
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
