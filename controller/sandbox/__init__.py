"""A local SageMaker control plane that answers real AWS clients, in process or over HTTP.

Every request is checked against botocore's service model and refused with the service's error codes and messages. Every
resource has its life cycle, and faults can be injected. It imports nothing of the rest of this package, so that it
cannot repeat its mistakes.
"""

from controller.sandbox.clock import ManualClock, WallClock
from controller.sandbox.faults import InjectedFault
from controller.sandbox.knobs import Knobs
from controller.sandbox.protocol import Answer
from controller.sandbox.server import Server, serve
from controller.sandbox.service import Record, Sandbox
from controller.sandbox.storage import StateFileError

__all__ = [
    "Answer",
    "InjectedFault",
    "Knobs",
    "ManualClock",
    "Record",
    "Sandbox",
    "Server",
    "StateFileError",
    "WallClock",
    "serve",
]
