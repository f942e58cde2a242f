"""Rasa served without TensorFlow."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from bot import serve
serve.import_rasa()
from rasa.core.agent import Agent
assert not any(name.startswith("jax") for name in sys.modules), "TensorFlow came along"
import tensorflow
assert tensorflow.__spec__.loader.__class__ is serve.StandIn
from rasa.nlu.classifiers.diet_classifier import DIET
from rasa.utils.tensorflow.layers import Ffnn
for make in (lambda: DIET({}, {}, False, {}), lambda: Ffnn([1], 0.0, 0.0, 1.0, "x"), lambda: tensorflow.constant(1)):
    try:
        make()
    except serve.TensorFlowMissingError as error:
        print("refused:", error)
"""


def test_rasa_is_imported_without_tensorflow_and_what_needs_it_fails() -> None:
    """The bot would take half as much memory again, or a component would compute nonsense."""
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.count("refused:") == 3
