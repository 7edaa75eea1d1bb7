"""A sandbox that calls a test before and after each call."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.sandbox import Answer, Sandbox, WallClock


class HookedSandbox(Sandbox):
    """An account that calls ``before`` to allow a call, and ``after`` before its response is sent."""

    def __init__(self, **given: Any) -> None:
        super().__init__(clock=WallClock(), **given)
        self.before: Callable[[str], bool] = lambda _: True
        self.after: Callable[[str], None] = lambda _: None

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Respond as usual, if the call is allowed."""
        target = next((value for name, value in headers.items() if name.lower() == "x-amz-target"), "")
        operation = target.partition(".")[2]
        if not self.before(operation):
            return Answer(503, {}, b"")
        answer = super().answer(method, path, headers, body)
        self.after(operation)
        return answer
