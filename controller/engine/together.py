"""Reads that run at once; a refusal is kept as its result, so that one does not stop the others."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from controller.core.cloud import CloudError

T = TypeVar("T")
K = TypeVar("K")


def together(pool: ThreadPoolExecutor, keys: Iterable[K], work: Callable[[K], T]) -> dict[K, T | CloudError]:
    """Run a read for each key; the results are in the order of the keys."""

    def guarded(key: K) -> T | CloudError:
        try:
            return work(key)
        except CloudError as error:
            return error

    listed = list(keys)
    return dict(zip(listed, pool.map(guarded, listed), strict=True))
