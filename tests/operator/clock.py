"""A manual clock."""


class StepClock:
    """A clock that a test advances, in seconds since some origin."""

    def __init__(self, at: float = 100.0) -> None:
        self.at = at

    def __call__(self) -> float:
        """The time."""
        return self.at
