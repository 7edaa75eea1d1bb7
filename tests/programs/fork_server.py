"""Process that has imported the project and forks for each command: an import takes 1.3 s of CPU time, a fork 0.02 s.

``tests.programs.forked`` starts one for each worker. A request comes as one message, on the worker's socket or on a
connection of ``fork_client``, with the descriptors of the command's standard streams and a socket for the process id
and the exit status. The child ends as ``python -m`` ends: what the module raises reaches the interpreter, which runs
the exit handlers and waits for threads. It does not free what it inherited: to touch each of these objects, the kernel
would copy 100 MB, for 0.12 s of CPU time.
"""

import atexit
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from typing import Any

_MESSAGE = 1 << 20  # bytes: an environment may be long
_STREAMS = 3
_STDERR = 2
_SERVICES = ("sagemaker", "sts", "resourcegroupstaggingapi")


@dataclass(frozen=True)
class Request:
    """A command: ``python -m module arguments`` in a folder, with an environment."""

    module: str
    arguments: list[str]
    folder: str
    environment: dict[str, str]

    def run(self) -> None:
        """Run the module in this process."""
        os.environ.clear()
        os.environ.update(self.environment)
        os.chdir(self.folder)
        sys.argv = [self.module, *self.arguments]
        # As in a new interpreter, where __main__ is not imported under its name.
        sys.modules.pop(self.module, None)
        runpy.run_module(self.module, run_name="__main__", alter_sys=True)


def main(control: int, listening: int) -> None:
    """Serve until the other end of the worker's socket is closed."""
    ended = _CommandExit()
    atexit.register(ended.exit_now)  # exit handlers run in reverse order: this is the last
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = (
        "__all__"  # as controller/cli/main.py, before pydantic is imported
    )
    _load()
    request = _serve(socket.socket(fileno=control), socket.socket(fileno=listening))
    if request is not None:
        try:
            request.run()
            ended.code = 0
        except SystemExit as end:
            if isinstance(end.code, int | None):
                ended.code = (end.code or 0) & 0xFF
            raise


class _CommandExit:
    """How a command ended, if that was with an exit code; the rest is left to the interpreter."""

    code: int | None = None

    def exit_now(self) -> None:
        """End the process as the interpreter does after the exit handlers, without freeing its objects."""
        if self.code is None:
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            return  # the interpreter has an exit code for that
        os._exit(self.code)


def _load() -> None:
    """Import what a command may import, and read the service models that most commands and sandboxes read."""
    import botocore.session
    import prometheus_client  # noqa: F401 - the operator imports it when it starts

    import controller
    from controller.aws.client import share_models
    from controller.kinds import KINDS
    from controller.manifests.bundle import bundle
    from controller.manifests.load import load
    from controller.sandbox import model
    from controller.schema.contract import contract
    from tests.botocore_memo import memoize
    from tests.repo.files import ROOT

    gc.disable()  # all that is imported stays
    memoize()  # the children make clients of the same models
    os.fsync = lambda _: None  # type: ignore[assignment]  # as in tests/conftest.py
    for module in pkgutil.walk_packages(controller.__path__, "controller."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    session = botocore.session.Session()
    share_models(session, whole=False)  # as controller.aws.connect does
    session.set_credentials("none", "none")  # botocore would look for them on the network
    for service in _SERVICES:
        client: Any = session.create_client(service, region_name="us-east-1")
        client.meta.service_model.shape_for_error_code("")  # the first error reads all shapes
        model.load(service)
    for kind in KINDS:
        contract(kind)
    bundle(load([str(ROOT / "examples" / "quickstart")]).documents)  # what is derived for the usual kinds
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page
    gc.enable()
    assert threading.active_count() == 1, "a fork would lose the other threads"


def _serve(control: socket.socket, listening: socket.socket) -> Request | None:
    """Fork for each request, and send the exit status of each child; returns the request in a child.

    SIGINT from a terminal ends the tests and their commands; this process ends when the tests close the socket.
    """
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reports: dict[int, socket.socket] = {}
    while True:
        for ready in select.select([control.fileno(), listening.fileno(), woken], [], [])[0]:
            if ready == woken:
                os.read(woken, _MESSAGE)
                _reap(reports)
                continue
            with control.dup() if ready == control.fileno() else listening.accept()[0] as source:
                message, descriptors, *_ = socket.recv_fds(source, _MESSAGE, _STREAMS + 1)
            if not message and ready == control.fileno():
                return None
            if not message:
                continue
            report = socket.socket(fileno=descriptors[_STREAMS])
            if pid := os.fork():
                reports[pid] = report
                report.sendall(f"{pid}\n".encode())
                for each in descriptors[:_STREAMS]:
                    os.close(each)
                continue
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for held in (control, listening, report, *reports.values()):
                held.close()
            _connect([*descriptors[:_STREAMS]], [woken, wake])
            return Request(**json.loads(message))


def _reap(reports: dict[int, socket.socket]) -> None:
    while reports:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with reports.pop(pid) as report:
            try:
                report.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            except BrokenPipeError:
                continue  # the test does not wait for it


def _connect(streams: list[int], others: list[int]) -> None:
    """Make the descriptors the standard streams, as a new interpreter has them."""
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    for each in (*streams, *others):
        os.close(each)
    forms = [(each.encoding, each.errors) for each in (sys.stdin, sys.stdout, sys.stderr)]
    made = [
        io.TextIOWrapper(
            open(number, "wb" if number else "rb", closefd=False),  # noqa: SIM115 - open as long as the process
            encoding=encoding,
            errors=errors,
            line_buffering=number == _STDERR or os.isatty(number),
        )
        for number, (encoding, errors) in enumerate(forms)
    ]
    sys.stdin, sys.stdout, sys.stderr = made
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = made  # type: ignore[misc]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
