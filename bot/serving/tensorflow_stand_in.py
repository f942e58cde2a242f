"""A stand-in for TensorFlow while Rasa's modules are imported.

Rasa imports TensorFlow whatever the pipeline is: 340 MB of memory and most of the start. Our pipeline uses none of it. The
stand-in gives Rasa's modules names to subclass and to decorate with. After the imports it is sealed: a component that needs
TensorFlow, such as DIETClassifier, fails with an error message instead of computing nonsense.
"""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Optional

#: Top-level packages that the stand-in replaces.
PACKAGES = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"})
#: The import of these modules imports everything of Rasa that a server with a model uses.
_RASA = ("rasa.core.run", "rasa.server", "rasa.engine.recipes.default_components", "rasa.model_training")
_sealed = False


class TensorFlowMissingError(ImportError):
    """A component needs TensorFlow, which is not loaded. Libraries that probe for TensorFlow expect an ImportError."""

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
    """A class that has every attribute, as another such class, and takes any parameters: for base classes and annotations."""

    __getattr__ = _invent

    def __getitem__(cls, parameters: Any) -> Any:
        return cls


class _Anything(metaclass=_Names):
    def __new__(cls, *arguments: Any, **named: Any) -> Any:
        if _sealed:
            raise TensorFlowMissingError(cls.__name__)
        # `@tf.function` returns the function unchanged, `@tf.function(...)` a decorator that does so.
        return arguments[0] if arguments and callable(arguments[0]) else (lambda function: function)


class _Package(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return _invent(self, name)


class StandIn(MetaPathFinder, Loader):
    """Finds every module of `PACKAGES` and makes it empty."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """A package, so that submodules can be imported."""
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] in PACKAGES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty module that has every attribute."""
        return _Package(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: the module has no code."""


def import_rasa() -> None:
    """Import Rasa with the stand-in, then seal the stand-in."""
    global _sealed
    sys.meta_path.insert(0, StandIn())
    for module in _RASA:
        importlib.import_module(module)
    _sealed = True
