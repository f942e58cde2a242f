"""`make bench-workshop`: measures every bar of the workshop and prints one table.

.venv/desk/bin/python -m tests.benchmarks.workshop [--only gate_edits,replay] [--quick] [--json FILE]
"""

from __future__ import annotations

import sys

from tests.benchmarks.parts import BOT, DESK, run_parts

#: Part -> interpreter, module. In the order of the table.
PARTS = {
    "edit_to_live": (DESK, "tests.benchmarks.workshop.edit_to_live"),
    "publish_load": (DESK, "tests.benchmarks.workshop.publish_load"),
    "gate_edits": (BOT, "tests.benchmarks.workshop.gate_edits"),
    "replay": (DESK, "tests.benchmarks.workshop.replay"),
    "waves": (DESK, "tests.simulation.waves"),
    "reviews": (DESK, "tests.simulation.reviews"),
    "two_editors": (DESK, "tests.benchmarks.workshop.two_editors"),
}

if __name__ == "__main__":
    sys.exit(run_parts(PARTS, __doc__))
