"""The runner's side of the desk's HTTP contract for jobs (docs/contracts.md, "Workshop: jobs")."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Any, Dict, Optional

import requests

#: Seconds for one call, in addition to the time that a call waits for a job.
_TIMEOUT = 10.0


@dataclass(frozen=True)
class TakenJob:
    """A job that this runner holds as long as its lease is valid."""

    id: int
    kind: str
    parameters: Dict[str, Any]
    lease: str


class DeskUnreachable(Exception):
    """The desk did not answer, or with an error that may pass. The message holds no address and no token."""


class LeaseLost(Exception):
    """The job was cancelled, or another runner has it: stop the work."""


class DeskClient:
    """Calls the desk with the service token. Use one client for one thread."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["Authorization"] = f"Bearer {token}"

    def take(self, lane: str, seconds: float) -> Optional[TakenJob]:
        """The next job of a lane; waits for one up to so many seconds. Raises DeskUnreachable."""
        found = self._post("take", {"lane": lane, "seconds": seconds}, timeout=seconds + _TIMEOUT)["job"]
        return None if found is None else TakenJob(found["id"], found["kind"], found["parameters"], found["lease"])

    def beat(self, job: TakenJob, share: float, zh: str, en: str) -> None:
        """Report progress and keep the lease. Raises LeaseLost, DeskUnreachable."""
        self._post(f"{job.id}/beat", {"lease": job.lease, "share": share, "zh": zh, "en": en})

    def done(self, job: TakenJob, result: Dict[str, Any]) -> None:
        """Report the result. Raises LeaseLost, DeskUnreachable, ValueError when the desk refuses it as too large."""
        body = gzip.compress(json.dumps(result, ensure_ascii=False).encode())
        self._post(f"{job.id}/done", params={"lease": job.lease}, data=body)

    def failed(self, job: TakenJob, zh: str, en: str) -> None:
        """Report why the job cannot be done. Raises LeaseLost, DeskUnreachable."""
        self._post(f"{job.id}/failed", {"lease": job.lease, "zh": zh[:2000], "en": en[:2000]})

    def crashed(self, job: TakenJob) -> None:
        """Report that the job's process was killed. Raises LeaseLost, DeskUnreachable."""
        self._post(f"{job.id}/failed", {"lease": job.lease, "is_crash": True})

    def _post(self, path: str, body: Any = None, timeout: float = _TIMEOUT, **more: Any) -> Dict[str, Any]:
        try:
            answer = self._http.post(f"{self._url}/api/workshop/jobs/{path}", json=body, timeout=timeout, **more)
        except requests.RequestException as error:
            raise DeskUnreachable(type(error).__name__) from error
        if answer.status_code in (404, 409):
            raise LeaseLost
        if answer.status_code in (413, 422):
            raise ValueError(f"the desk answered {answer.status_code}")
        if answer.status_code != 200:
            raise DeskUnreachable(f"it answered {answer.status_code}")
        try:
            found: Dict[str, Any] = answer.json()
        except ValueError as error:
            raise DeskUnreachable("it answered no JSON") from error
        return found
