"""A manual clock."""


class Hand:
    """A clock that a test advances, in seconds since some origin."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.at
