"""Reads JSON lines of the desk, for jobs: turns of the log, the past of the inbox."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterator, Mapping, Optional

import requests

from bot.workshop.jobs import JobError

_CONNECT_SECONDS, _READ_SECONDS = 5, 120


def desk_lines(path: str, parameters: Optional[Mapping[str, Any]] = None) -> Iterator[Dict[str, Any]]:
    """The lines of `DESK_URL` + `path`, with the service token. Raises JobError if the desk does not answer."""
    url, token = os.environ.get("DESK_URL", ""), os.environ.get("SERVICE_TOKEN", "")
    if not url or not token:
        raise JobError("没有配置 DESK_URL 和 SERVICE_TOKEN。", "DESK_URL and SERVICE_TOKEN are not set; `make run` sets them.")
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with requests.get(
            url + path, params=parameters, headers=headers, stream=True, timeout=(_CONNECT_SECONDS, _READ_SECONDS)
        ) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line:
                    yield json.loads(line)
    except (requests.RequestException, ValueError) as error:
        raise JobError("工作台没有回应，请稍后再试。", f"The desk does not answer ({type(error).__name__}).") from error
