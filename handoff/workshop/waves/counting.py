"""Counts what a pattern matches, as a program of its own: a pattern that somebody typed may take for ever.

Reads `{"pattern", "texts": [[...], ...]}` as JSON from the standard input and writes the numbers of matching texts, one for
each list. Standard library only, so that it starts at once.
"""

from __future__ import annotations

import json
import re
import sys


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    compiled = re.compile(request["pattern"])
    json.dump([sum(compiled.search(text) is not None for text in texts) for texts in request["texts"]], sys.stdout)


if __name__ == "__main__":
    main()
