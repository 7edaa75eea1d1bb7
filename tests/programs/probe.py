"""A program that writes the state of its process, and ends as its first argument defines."""

import atexit
import os
import signal
import sys
import threading
from pathlib import Path

HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE)


def main() -> int:
    """Write the process's properties, end."""
    atexit.register(lambda: sys.stdout.write("exit handler\n"))
    # Python adds LC_CTYPE where the locale is C (PEP 538)
    environment = {name: value for name, value in os.environ.items() if name != "LC_CTYPE"}
    print(sys.argv[1:], environment, Path.cwd(), __name__)
    print(sys.stdin.read())
    print([signal.getsignal(each) for each in HANDLED], sorted(_descriptors()), threading.active_count())
    print(sys.stdout.encoding, sys.stdout.errors, sys.stdout.line_buffering, file=sys.stderr)
    print(sys.stderr.encoding, sys.stderr.errors, sys.stderr.line_buffering, file=sys.stderr)
    end = sys.argv[1]
    if end == "exit":
        sys.exit(3)
    if end == "message":
        sys.exit("a message")
    if end == "raise":
        raise ValueError(end)
    if end == "thread":
        threading.Timer(0.1, print, ["thread"]).start()
    if end == "kill":
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    if end == "wait":
        print("waiting", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return 130
    return 0


def _descriptors() -> list[str]:
    """The open descriptors: the standard streams, and whatever was inherited."""
    return [each.name for each in Path("/proc/self/fd").glob("*") if each.exists()]


if __name__ == "__main__":
    sys.exit(main())
