"""`make bench-customers`: measures the bars of what the desk does for customers, and prints one table.

.venv/desk/bin/python -m tests.benchmarks.customers [--only first_aid,lookup] [--quick] [--json FILE]
"""

from __future__ import annotations

import sys

from tests.benchmarks.parts import DESK, run_parts

#: Part -> interpreter, module. In the order of the table.
PARTS = {
    "first_aid": (DESK, "tests.benchmarks.customers.first_aid"),
    "lookup": (DESK, "tests.benchmarks.customers.lookup"),
}

if __name__ == "__main__":
    sys.exit(run_parts(PARTS, __doc__))
