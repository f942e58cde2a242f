"""The spaCy pipeline of the bot: Chinese, one token per character, and our entities.

The segmenter splits by character on purpose: jieba joins numerals to their neighbours and hides amounts.

    python -m bot.nlu.spacy_pipeline models/spacy-zh
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import spacy
from spacy.language import Language

from bot.nlu.entities import FACTORY

__all__ = ["build_pipeline", "main"]


def build_pipeline() -> Language:
    """Return a new pipeline (language code ``zh``) with the component ``wallet_entities``."""
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "char"}}})
    nlp.meta["name"] = "wallet"
    nlp.add_pipe(FACTORY)
    return nlp


def main(argv: Sequence[str] | None = None) -> int:
    """Save the pipeline to the folder named on the command line. A missing folder is created.

    ``spacy.load`` needs the factory of `bot.nlu.entities`: import that module first.
    """
    parser = argparse.ArgumentParser(description="Save the spaCy pipeline of the bot.")
    parser.add_argument("folder", type=Path, help="where to save it, for example models/spacy-zh")
    folder: Path = parser.parse_args(argv).folder
    folder.mkdir(parents=True, exist_ok=True)
    build_pipeline().to_disk(folder)
    print(f"saved {folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
