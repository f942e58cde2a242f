"""A simulated day: `make simulate-desk`, described in docs/simulation.md. Exit code: 0 when every bar is met, else 1."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.report import Options, simulate


def main() -> int:
    """Simulate, print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Simulate a day of the desk.")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--arrivals", type=int, default=20_000)
    options = parser.parse_args()
    started = time.monotonic()
    result = simulate(Options(options.seed, options.agents, options.arrivals))
    print(result.table())
    print(f"\n{'PASSED' if result.has_passed else 'FAILED'} after {time.monotonic() - started:.0f} s, SEED={options.seed}")
    return 0 if result.has_passed else 1


if __name__ == "__main__":
    sys.exit(main())
