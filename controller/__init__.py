"""Declarative reconciler for Amazon SageMaker's control plane.

For programs: ``from controller import load, plan, reconcile, KINDS`` (``docs/python-api.md``). The names are imported
when they are used, so that ``sagectl --help`` stays quick. The packages, and which may import which, are described in
``docs/architecture.md``.
"""

TYPE_CHECKING = False  # typing's name for it, without typing's import
if TYPE_CHECKING:
    from controller.api import AwsConnection, DocumentsError, load, plan, reconcile
    from controller.kinds import KINDS

__all__ = ["KINDS", "AwsConnection", "DocumentsError", "load", "plan", "reconcile"]


def __getattr__(name: str) -> object:
    """A public name, imported now (PEP 562).

    Raises:
        AttributeError: there is no such name.

    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("controller.kinds" if name == "KINDS" else "controller.api"), name)
