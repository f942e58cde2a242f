"""Rasa's command line without TensorFlow: `python -m bot.serving.start run --model ...` for `python -m rasa run --model ...`.

Rasa imports TensorFlow whatever the pipeline is: 340 MB of memory and most of the start. Ours uses none of it. Here something
stands in for it while Rasa's modules are imported: they find names to subclass and to decorate with. Then it is sealed: a
component that does want TensorFlow, such as DIETClassifier, fails with a message instead of computing nonsense.

The token of Rasa's HTTP API comes from `BOT_TOKEN`: everybody on a machine can read the command lines of its processes.
"""

from __future__ import annotations

import importlib
import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, List, Mapping, Optional, Sequence

#: Top-level packages that are stood in for.
PACKAGES = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"})
#: Importing these imports all of Rasa that a server with a model uses.
_RASA = ("rasa.core.run", "rasa.server", "rasa.engine.recipes.default_components", "rasa.model_training")
_sealed = False


class TensorFlowMissingError(ImportError):
    """Something wants TensorFlow, which is not loaded. Libraries that only ask whether it is there expect an ImportError."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"`{name}` of TensorFlow is wanted, which `python -m bot.serving.start` leaves out: use `python -m rasa`"
        )


def _invent(owner: Any, name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if _sealed:
        raise TensorFlowMissingError(name)
    invented = _Names(name, (_Anything,), {})
    setattr(owner, name, invented)
    return invented


class _Names(type):
    """A class that has every name, as another such class, and any parameters: for base classes and annotations."""

    __getattr__ = _invent

    def __getitem__(cls, parameters: Any) -> Any:
        return cls


class _Anything(metaclass=_Names):
    def __new__(cls, *arguments: Any, **named: Any) -> Any:
        if _sealed:
            raise TensorFlowMissingError(cls.__name__)
        # `@tf.function` leaves the function as it is, `@tf.function(...)` gives a decorator that does.
        return arguments[0] if arguments and callable(arguments[0]) else (lambda function: function)


class _Package(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return _invent(self, name)


class StandIn(MetaPathFinder, Loader):
    """Finds every module of `PACKAGES`, and nothing in it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """A package, so that modules can be imported from it."""
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] in PACKAGES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty one that has every name."""
        return _Package(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is no code."""


def import_rasa() -> None:
    """Import Rasa with the stand-in, and seal it."""
    global _sealed
    sys.meta_path.insert(0, StandIn())
    for module in _RASA:
        importlib.import_module(module)
    _sealed = True


def with_token(arguments: Sequence[str], environment: Mapping[str, str]) -> List[str]:
    """Rasa's arguments with the token, in the form in which a token that begins with "-" is no option. Raises SystemExit."""
    if "--enable-api" not in arguments:
        return list(arguments)
    token = environment.get("BOT_TOKEN")
    if not token:
        raise SystemExit("BOT_TOKEN is not set: Rasa's HTTP API would be open to everybody. `make run` sets it.")
    return [*arguments, f"--auth-token={token}"]


if __name__ == "__main__":
    sys.argv[1:] = with_token(sys.argv[1:], os.environ)
    os.environ.setdefault("ACTION_URL", "")  # `endpoints.yml` names it; without an address the action runs here
    import_rasa()
    from rasa.__main__ import main

    main()
