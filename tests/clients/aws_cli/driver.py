"""The AWS CLI, called once for each line of standard input; it runs in the client's environment.

Each call is a fork of a process that has loaded the CLI and the service's model: a process of its own starts in a
second, and calls in one process slow down, for each adds its event handlers to those of the calls before.

A line holds ``reset`` (whether the sandbox forgets everything first), ``advance`` (seconds by which its clock then
moves), ``operation`` and ``params``. A line is written for each: ``code`` is the CLI's exit code, ``output`` the JSON
that it wrote to standard output, ``error`` what it wrote to standard error.
"""

import contextlib
import io
import json
import os
import sys
import urllib.request
from typing import Any

import awscli.clidriver  # type: ignore[import-untyped]
from botocore import xform_name


def main(control: str) -> None:
    """Call the CLI."""
    driver = awscli.clidriver.create_clidriver()
    driver.session.get_service_model("sagemaker")
    for line in sys.stdin:
        each = json.loads(line)
        if each["reset"]:
            _post(control, "reset", {})
        if each["advance"] > 0:
            _post(control, "clock", {"advance": each["advance"]})
        if os.fork() == 0:
            _answer(driver, each)
            os._exit(0)
        os.wait()


def _answer(driver: Any, each: dict[str, Any]) -> None:
    """Call the CLI and write its answer."""
    parts = ["sagemaker", xform_name(each["operation"], "-"), "--no-paginate", "--output", "json"]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = _call_cli(driver, [*parts, "--cli-input-json", json.dumps(each["params"])])
    output = json.loads(out.getvalue() or "{}") if code == 0 else {}
    answer = {"code": code, "output": output, "error": err.getvalue().strip()[:400]}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _call_cli(driver: Any, parts: list[str]) -> int:
    try:
        return int(driver.main(parts))
    except SystemExit as left:
        return int(left.code or 0) if not isinstance(left.code, str) else 255


def _post(control: str, route: str, content: dict[str, float]) -> None:
    body = json.dumps(content).encode()
    urllib.request.urlopen(f"{control}/_sandbox/{route}", data=body).close()  # noqa: S310 - our own server


if __name__ == "__main__":
    main(sys.argv[1])
