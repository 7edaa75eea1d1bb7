"""``sagectl completion``: scripts for bash, zsh, tcsh and fish, and the lists of what they complete."""

import argparse
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from controller.cli.output import Output
from controller.cli.parser import build
from controller.cli.usage_errors import PROGRAM, commands
from controller.schema.kind_names import kind_names

_ESCAPED = re.compile(r"(['\\])")


def completion(args: argparse.Namespace, out: Output) -> int:
    """Print a script, or the list of kinds, of targets or of names that scripts read."""
    if args.shell in LISTS:
        out.write("".join(f"{each}\n" for each in LISTS[args.shell]()))
        return 0
    root = build()
    if args.shell == "fish":
        out.write("".join(f"{line}\n" for line in _fish_lines(root)))
        return 0
    import shtab

    for action, listed in _mark_lists(root):
        action.complete = {shell: _CALLS[shell].format(listed) for shell in _CALLS}  # type: ignore[attr-defined]  # shtab's
    preamble = "".join(_FUNCTIONS.get(args.shell, "").format(each) for each in LISTS)
    out.write(shtab.complete(root, args.shell, preamble=preamble) + "\n")
    return 0


def _targets() -> Iterable[str]:
    """The documents of this folder, as ``--target`` takes them."""
    return sorted({f"{kind}/{name}" for kind, name in _documents()})


def _names() -> Iterable[str]:
    """The names of the documents of this folder."""
    return sorted({name for _, name in _documents()})


def _documents() -> Iterator[tuple[str, str]]:
    from controller.manifests.load import load

    return ((each.ref.kind, each.ref.name) for each in load(["."]).documents)


LISTS: Mapping[str, Callable[[], Iterable[str]]] = {"kinds": kind_names, "targets": _targets, "names": _names}
# How a shell's script reads a list: a function in bash and zsh, the command itself in tcsh.
_FUNCTIONS = {
    "bash": """_sagectl_{0}() {{ compgen -W "$(sagectl completion {0} 2>/dev/null)" -- "$1"; }}
""",
    "zsh": """_sagectl_{0}() {{ local -a found; found=(${{(f)"$(sagectl completion {0} 2>/dev/null)"}})
  compadd -a found }}
""",
}
_CALLS = {
    "bash": f"_{PROGRAM}_{{}}",
    "zsh": f"_{PROGRAM}_{{}}",
    "tcsh": f"`{PROGRAM} completion {{}}`",
}
# The list that completes an argument, by its metavar or name.
_OF_ARGUMENTS = {"KIND": "kinds", "KIND[.PATH]": "kinds", "KIND/NAME": "targets", "NAME": "names"}
# Commands whose NAME is not a document's.
_OTHER_NAMES = frozenset({"set", "profile", "context", "namespace"})


def _mark_lists(root: argparse.ArgumentParser) -> Iterator[tuple[argparse.Action, str]]:
    """Mark the arguments that a list completes."""
    for chosen in commands(root).values():
        for action in chosen._actions:  # noqa: SLF001 - argparse has no public list of them
            listed = _list_of(action)
            if listed:
                yield action, listed


def _list_of(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    if metavar == "NAME" and (action.option_strings or action.dest in _OTHER_NAMES):
        return ""
    return _OF_ARGUMENTS.get(metavar, "")


def _fish_lines(root: argparse.ArgumentParser) -> Iterator[str]:
    """The lines of a script for fish (fish documentation, ``complete``)."""
    yield f"complete -c {PROGRAM} -f"
    help_texts = {each.dest: each.help for each in _choices(root)}
    for name, chosen in commands(root).items():
        description = _single_quoted(help_texts.get(name) or "")
        yield f"complete -c {PROGRAM} -n __fish_use_subcommand -a {name} -d '{description}'"
        condition = f"complete -c {PROGRAM} -n '__fish_seen_subcommand_from {name}'"
        for action in chosen._actions:  # noqa: SLF001 - as above
            if action.help is not argparse.SUPPRESS:
                yield f"{condition}{_fish_argument(action)}"


def _choices(root: argparse.ArgumentParser) -> list[argparse.Action]:
    """The commands with their help, which argparse keeps beside their parsers."""
    found = [each for each in root._actions if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001 - as above
    return [each for action in found for each in action._choices_actions]  # noqa: SLF001 - as above


def _fish_argument(action: argparse.Action) -> str:
    listed = _list_of(action)
    if listed:
        values = f" -xa '({PROGRAM} completion {listed})'"
    elif action.choices:
        values = f" -xa '{_single_quoted(' '.join(map(str, action.choices)))}'"
    elif action.nargs == 0:
        values = ""
    else:
        values = " -rF"  # a file
    options = "".join(
        f" -l {each[2:]}" if each.startswith("--") else f" -s {each[1:]}" for each in action.option_strings
    )
    about = f" -d '{_single_quoted(action.help)}'" if action.option_strings and action.help else ""
    return f"{options}{values}{about}"


def _single_quoted(text: str) -> str:
    """A text for single quotes."""
    return _ESCAPED.sub(r"\\\1", text.replace("%%", "%").replace("\n", " "))
