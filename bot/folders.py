"""The folders of the editors' files and of the models. This module imports nothing heavy."""

from __future__ import annotations

import os
from pathlib import Path

#: The editors' files.
DATA = Path(os.environ.get("DATA_DIR", "data"))
#: Models, published content, snapshots, and the records of publications.
MODELS = Path(os.environ.get("MODELS_DIR", "models"))
