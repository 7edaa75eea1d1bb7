"""Parallel execution, or in the calling thread for a single item, because a thread costs more than the work."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from controller.core.cloud import CloudError

T = TypeVar("T")
K = TypeVar("K")


class InlineExecutor(Executor):
    """An executor that runs each call at once, in the caller's thread."""

    def submit(self, work: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Run the call; the future is done, with the result or the error."""
        done: Future[T] = Future()
        try:
            done.set_result(work(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - it is the future's to raise
            done.set_exception(error)
        return done


class Threads(ThreadPoolExecutor):
    """A thread pool that runs each call in the context of its submitter, so that a trace continues in it."""

    def submit(self, work: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Submit the call to a thread."""
        return super().submit(copy_context().run, work, *args, **kwargs)


def executor(threads: int) -> Executor:
    """An executor of a number of threads; for one, the calling thread is used."""
    return InlineExecutor() if threads == 1 else Threads(max_workers=threads)


def parallel_map(pool: Executor, keys: Iterable[K], work: Callable[[K], T]) -> dict[K, T | CloudError]:
    """Run a read for each key; a ``CloudError`` becomes its result, so that one does not stop the others.

    The results are in the order of the keys.
    """

    def guarded(key: K) -> T | CloudError:
        try:
            return work(key)
        except CloudError as error:
            return error

    listed = list(keys)
    inline = len(listed) <= 1 or isinstance(pool, InlineExecutor)  # without the futures, each with its lock
    found = map(guarded, listed) if inline else pool.map(guarded, listed)
    return dict(zip(listed, found, strict=True))
