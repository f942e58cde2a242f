"""Codes of sentences for the simulation of waves; runs in the bot's environment, where the encoder is.

Reads `{"texts": [...]}` as JSON from the standard input and writes `{"codes": [...]}`, hexadecimal.
"""

from __future__ import annotations

import json
import sys

from bot.learning.embeddings import embed
from bot.serving.meaning_coder import codes_of_embeddings
from language.normalization import normalize


def main() -> None:
    """Answer one request."""
    texts = json.load(sys.stdin)["texts"]
    codes = codes_of_embeddings(embed([normalize(text) for text in texts]))
    json.dump({"codes": [f"{code:x}" for code in codes]}, sys.stdout)


if __name__ == "__main__":
    main()
