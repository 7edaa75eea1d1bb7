"""A sandbox that calls a test before and after each call."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.sandbox import Answer, Sandbox, WallClock


class Hooked(Sandbox):
    """An account that asks ``before`` whether a call may reach it, and tells ``after`` before the answer goes out."""

    def __init__(self, **given: Any) -> None:
        super().__init__(clock=WallClock(), **given)
        self.before: Callable[[str], bool] = lambda _: True
        self.after: Callable[[str], None] = lambda _: None

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer as ever, where that is let."""
        target = next((value for name, value in headers.items() if name.lower() == "x-amz-target"), "")
        operation = target.partition(".")[2]
        if not self.before(operation):
            return Answer(503, {}, b"")
        answer = super().answer(method, path, headers, body)
        self.after(operation)
        return answer
