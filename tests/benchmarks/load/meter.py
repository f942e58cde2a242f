"""CPU time and memory of groups of processes, read from the kernel."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

import psutil

#: The benchmark's own clients.
CLIENT = "benchmark's clients"
POSTGRES = "PostgreSQL"


class Meter:
    """Reads groups of processes; a group is one or more processes and all their descendants."""

    def __init__(self, groups: Mapping[str, list[int]]) -> None:
        self._groups = {name: [psutil.Process(pid) for pid in pids] for name, pids in groups.items()}
        self._client = psutil.Process(os.getpid())

    def cpu(self) -> dict[str, float]:
        """CPU seconds of each group since its start, including ended descendants; and of the benchmark itself."""
        found = {CLIENT: sum(self._client.cpu_times()[:2])}
        for name, roots in self._groups.items():
            found[name] = 0.0
            for process in _families(roots):
                with suppress(psutil.NoSuchProcess):  # just ended: its parent's times of ended children include it
                    times = process.cpu_times()
                    found[name] += times.user + times.system + times.children_user + times.children_system
        return found

    def memory(self) -> dict[str, dict[str, float | None]]:
        """MB (10^6 bytes) of each group: `rss` counts shared pages in full, `pss` by share, `uss` not at all.

        `pss` and `uss` are None where the kernel does not report them.
        """
        return {name: _memory(_families(roots)) for name, roots in self._groups.items()}


def _families(roots: list[psutil.Process]) -> list[psutil.Process]:
    return [process for root in roots for process in (root, *root.children(recursive=True))]


def _memory(processes: list[psutil.Process]) -> dict[str, float | None]:
    found: dict[str, float | None] = {"rss": 0.0, "pss": 0.0, "uss": 0.0}
    for process in processes:
        try:
            full = process.memory_full_info()
            figures = {"rss": full.rss, "pss": full.pss, "uss": full.uss}
        except psutil.AccessDenied:
            figures = {"rss": process.memory_info().rss, "pss": None, "uss": None}
        except psutil.NoSuchProcess:
            continue
        for kind, value in figures.items():
            before = found[kind]
            found[kind] = None if value is None or before is None else before + value / 1e6
    return found
