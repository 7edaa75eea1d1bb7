"""All output of commands; secrets are removed from every text."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from controller.cli.errors import Refused
from controller.core.finding import Finding, errors
from controller.core.secret import SecretError
from controller.output.terminal import Style, escape_unprintable
from controller.runtime.redaction import SHORTEST

if TYPE_CHECKING:
    from controller.output.redact import Redactor


class Reader:
    """Reads ``{env: NAME}`` and ``{file: PATH}``; keeps the values it has read."""

    def __init__(self) -> None:
        self._read: set[str] = set()

    def __call__(self, reference: Mapping[str, Any]) -> str:
        """The secret that a reference names.

        Raises:
            SecretError: the reference can't be resolved here.

        """
        value = _value(reference)
        if len(value) >= SHORTEST:
            self._read.add(value)
        return value

    def add_secrets(self, texts: Iterable[str]) -> None:
        """Add sensitive values from other sources, such as variables."""
        self._read.update(text for text in texts if len(text) >= SHORTEST)

    @property
    def read_values(self) -> frozenset[str]:
        """The values read so far, which are removed from output."""
        return frozenset(self._read)


def _value(reference: Mapping[str, Any]) -> str:
    if "env" in reference:
        name = str(reference["env"])
        if not os.environ.get(name):
            raise SecretError(f"the environment variable {name} is not set or empty")
        return os.environ[name]
    if "file" in reference:
        return _from_file(Path(str(reference["file"])))
    if "secretKeyRef" in reference:
        raise SecretError("secretKeyRef is read inside a cluster only; use env or file here")
    raise SecretError(
        f"a secret is given by env or file, not by {', '.join(map(str, reference)) or 'nothing'}"
    )


def _from_file(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").removesuffix("\n")
    except UnicodeDecodeError:
        raise SecretError(f"the file {path} is not UTF-8 text") from None
    except OSError as error:
        raise SecretError(f"the file {path} can't be read: {error.strerror}") from None
    if not text:
        raise SecretError(f"the file {path} is empty")
    return text


_PIPE_WIDTH = 100


class Output:
    """Standard output for results, standard error for errors; ``secrets`` has the values that must not be shown."""

    def __init__(
        self, *, form: str = "text", colour: bool = True, debug: bool = False, full: bool = False
    ) -> None:
        self.secrets = Reader()
        self.form = form
        self.json = form == "json"
        self.debug = debug
        self.full = full
        self.style = _output_style(sys.stdout, colour=colour)
        self._error_style = _output_style(sys.stderr, colour=colour)

    @property
    def redactor(self) -> "Redactor":
        """The redactor of all secrets that the run has read so far."""
        from controller.output.redact import Redactor

        return Redactor(self.secrets.read_values)

    @property
    def on_terminal(self) -> bool:
        """Whether standard output is a terminal."""
        return sys.stdout.isatty()

    def write(self, text: str) -> None:
        """Print a result, or a part of it."""
        sys.stdout.write(self.without_secrets(text))
        sys.stdout.flush()

    def print_line(self, text: str) -> None:
        """Print a line for people, unless the result is JSON or HTML."""
        if self.form not in ("json", "html"):
            self.write(text + "\n")

    def result(self, value: dict[str, Any] | list[Any]) -> None:
        """Print a JSON result."""
        from controller.output.plan_json import dump

        self.write(dump(value))

    def error(self, message: str, hint: str = "") -> None:
        """Print an error with an optional hint."""
        head = self._error_style.paint("error:", "red")
        tail = f"\n  hint: {escape_unprintable(hint)}" if hint else ""
        self._err(f"{head} {escape_unprintable(message)}{tail}\n")

    def warn(self, message: str) -> None:
        """Print a warning, which does not affect the result."""
        self._err(f"{self._error_style.paint('note:', 'yellow')} {escape_unprintable(message)}\n")

    def print_beside(self, text: str) -> None:
        """Print a line that belongs to an error."""
        self._err(f"{escape_unprintable(text)}\n")

    def findings(self, found: Iterable[Finding]) -> None:
        """Print findings, one a line, as compilers do."""
        self._err("".join(f"{escape_unprintable(str(finding))}\n" for finding in found))

    def refusal(self, refused: Refused) -> None:
        """Print why a run can't continue, in the requested format."""
        if refused.findings and self.json:
            from controller.output.plan_json import findings_json

            self.result(findings_json(refused.findings, version()))
        elif refused.findings:
            self.findings(refused.findings)
            count = len(errors(refused.findings))
            self._err(f"{count} error{'' if count == 1 else 's'}; no changes were made.\n")
        else:
            self.error(refused.message, refused.hint)

    def without_secrets(self, text: str) -> str:
        """A text without the secrets that were read so far."""
        return self.redactor.text(text) if self.secrets.read_values else text

    def _err(self, text: str) -> None:
        sys.stdout.flush()
        sys.stderr.write(self.without_secrets(text))
        sys.stderr.flush()


def _output_style(stream: TextIO, *, colour: bool) -> Style:
    """Colours on a terminal only, and not if NO_COLOR is set (https://no-color.org)."""
    terminal = stream.isatty()
    allowed = colour and terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if not terminal:
        return Style(_PIPE_WIDTH, allowed)
    from shutil import get_terminal_size

    return Style(get_terminal_size((_PIPE_WIDTH, 24)).columns, allowed)


def version() -> str:
    """The installed version of the program."""
    from importlib.metadata import version as installed

    return installed("sagemaker-gitops")
