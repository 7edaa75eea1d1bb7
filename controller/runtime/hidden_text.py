"""A string that is never printed."""

import hmac
from typing import Never

from controller.runtime.redaction import MASK


class SecretText:
    """A string whose ``str`` and ``repr`` are ``(sensitive)``; ``reveal`` returns it where it is used."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretText) and hmac.compare_digest(
            self._value.encode(), other.reveal().encode()
        )

    def __hash__(self) -> int:
        return hash(("hidden", self._value))

    def __deepcopy__(self, memo: object) -> "SecretText":
        """The same object, which is immutable."""
        return self

    def __reduce__(self) -> Never:
        raise TypeError("a hidden text is not stored")
