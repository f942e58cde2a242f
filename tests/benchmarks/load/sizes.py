"""Sizes of the measurement: the full one, and a short one that only shows that the benchmark works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Counts and seconds of all parts."""

    warm_up: int = 30
    turns: int = 200
    clients: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    lead_in_seconds: float = 2.0
    level_seconds: float = 7.0
    bots: tuple[int, ...] = (1, 2)
    crowd: int = 200
    streams: tuple[int, ...] = (0, 1000, 2000, 3000, 4000, 5000)
    settle_seconds: float = 25.0
    idle_seconds: float = 10.0
    messages: int = 50
    events: int = 1_000_000
    long_log: int = 10_000
    rounds: int = 10
    samples: int = 30
    behind_streams: int = 5
    fair_clients: int = 64
    fair_seconds: float = 20.0
    blocks: int = 20
    block_turns: int = 20
    restarts: int = 3
    requests: int = 50
    ordinary: int = 20
    hostile_seconds: float = 60.0
    hostile_conversations: int = 2000
    hostile_streams: int = 1000
    hostile_sign_ins: int = 500
    stock_rounds: int = 4
    stock_lead_in_seconds: float = 4.0
    stock_seconds: float = 10.0
    stock_clients: int = 8


QUICK = Sizes(
    warm_up=5,
    turns=20,
    clients=(1, 4, 8),
    lead_in_seconds=0.5,
    level_seconds=2.0,
    crowd=20,
    streams=(0, 100, 200),
    settle_seconds=2.0,
    idle_seconds=3.0,
    messages=10,
    events=20_000,
    long_log=2_000,
    rounds=2,
    samples=5,
    behind_streams=2,
    fair_clients=24,
    fair_seconds=4.0,
    blocks=2,
    block_turns=5,
    restarts=1,
    requests=10,
    ordinary=4,
    hostile_seconds=8.0,
    hostile_conversations=300,
    hostile_streams=300,
    hostile_sign_ins=100,
    stock_rounds=1,
    stock_lead_in_seconds=2.0,
    stock_seconds=4.0,
)
