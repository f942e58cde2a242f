"""Rasa served without TensorFlow."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.serving.start import with_token

PROGRAM = """
import sys
from bot.serving import tensorflow_stand_in as stand_in
stand_in.import_rasa()
from rasa.core.agent import Agent
assert not any(name.startswith("jax") for name in sys.modules), "TensorFlow came along"
import tensorflow
assert tensorflow.__spec__.loader.__class__ is stand_in.StandIn
from rasa.nlu.classifiers.diet_classifier import DIET
from rasa.utils.tensorflow.layers import Ffnn
for make in (lambda: DIET({}, {}, False, {}), lambda: Ffnn([1], 0.0, 0.0, 1.0, "x"), lambda: tensorflow.constant(1)):
    try:
        make()
    except stand_in.TensorFlowMissingError as error:
        print("refused:", error)
"""


def test_rasa_is_imported_start_and_what_needs_it_fails() -> None:
    """The bot would take half as much memory again, or a component would compute nonsense."""
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.count("refused:") == 3


@pytest.mark.parametrize("token", ["secret", "-secret", "--port", "with a space"])
def test_the_token_comes_from_the_environment(token: str) -> None:
    """The token would stand on a command line, or be taken for an option: one start in 64."""
    from rasa.__main__ import create_argument_parser

    arguments = with_token(["run", "--enable-api", "--port", "5005"], {"BOT_TOKEN": token})
    parsed = create_argument_parser().parse_args(arguments)
    assert (parsed.auth_token, parsed.port, parsed.enable_api) == (token, 5005, True)


@pytest.mark.parametrize("environment", [{}, {"BOT_TOKEN": ""}])
def test_an_api_without_a_token_does_not_start(environment: dict[str, str]) -> None:
    """Anybody who reaches the port could exchange the model."""
    with pytest.raises(SystemExit, match="BOT_TOKEN"):
        with_token(["run", "--enable-api"], environment)
    assert with_token(["run"], environment) == ["run"]
