"""The commands of a README, with their exit codes and output.

A command stands in a ``console`` block after ``$``, and what follows up to the next one is its output, where a line
``...`` stands for any lines and a line that ends with ``...`` for any end; indentation does not count.
``# exits with N`` tells the exit code.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"#.*\bexits with (\d+)")
_ANY = "..."


@dataclass(frozen=True)
class ReadmeCommand:
    """A command of a README."""

    line: str
    code: int
    output: tuple[str, ...]

    def missing(self, output: str) -> str | None:
        """The first expected line that is not in the output after the previous ones; None if all are there."""
        rest, anywhere = output.splitlines(), False
        for line in self.output:
            if line == _ANY:
                anywhere = True
                continue
            found = next((at for at, real in enumerate(rest) if _is_same_line(line, real)), None)
            if found is None or (found and not anywhere):
                return line
            rest, anywhere = rest[found + 1 :], False
        return None if anywhere or not rest or not self.output else f"nothing more, but there is: {rest[0]}"


def _is_same_line(documented: str, real: str) -> bool:
    if documented.endswith(_ANY):
        return real.lstrip().startswith(documented.removesuffix(_ANY).strip())
    return documented.strip() == real.strip()


def readme_commands(readme: Path) -> tuple[ReadmeCommand, ...]:
    """All commands of a README, in its order."""
    return commands_in(readme.read_text(encoding="utf-8"))


def commands_in(text: str) -> tuple[ReadmeCommand, ...]:
    """All commands of the console blocks of a text, in its order."""
    blocks = _BLOCK.findall(text)
    return tuple(
        _parse_command(part) for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    )


def _parse_command(part: str) -> ReadmeCommand:
    line, *output = part.rstrip("\n").split("\n")
    code = _EXIT.search(line)
    return ReadmeCommand(line, int(code[1]) if code else 0, tuple(output))
