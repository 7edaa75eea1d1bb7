"""Deliveries of the last hour, so that one that is sent again is not taken for news."""


class Seen:
    """Remembers ids for a while, and no more than so many; the oldest make room.

    Args:
        window: seconds for which an id is remembered.
        most: how many are.

    """

    def __init__(self, *, window: float = 3600.0, most: int = 10_000) -> None:
        self._window, self._most = window, most
        self._until: dict[tuple[str, str], float] = {}

    def has(self, receiver: str, name: str, now: float) -> bool:
        """Whether this delivery came before; one without an id never did."""
        return bool(name) and self._until.get((receiver, name), float("-inf")) > now

    def add(self, receiver: str, name: str, now: float) -> None:
        """Remember a delivery that was taken in; one that was refused may come again."""
        if not name:
            return
        while self._until and (len(self._until) >= self._most or next(iter(self._until.values())) <= now):
            del self._until[next(iter(self._until))]  # in the order of their coming, so the oldest is first
        self._until[receiver, name] = now + self._window
