"""Errors of the command line, with a hint for flags of Terraform, kubectl and other tools."""

import argparse
import re
from collections.abc import Sequence

from controller.core.did_you_mean import did_you_mean

TYPE_CHECKING = False  # as in main.py


if TYPE_CHECKING:
    from typing import Any, NoReturn


_ANEW = "a job runs again with another `trigger` in its spec; other kinds by `destroy --target` and apply"
_NO_STATE = "there is no state file: tags in AWS and the inventory record which resources are managed"

COMMANDS = {
    "fmt": "files are left as they are written: `sagectl validate PATH` reports errors",
    "lint": "`sagectl validate PATH` reports errors in documents, without AWS",
    "import": "`sagectl export --kind KIND --name NAME --adopt -o FOLDER` writes a document, "
    "and apply takes the resource over",
    "state": f"{_NO_STATE}; `sagectl status PATH` shows them, `sagectl inventory list PATH` its content, "
    "`sagectl inventory rebuild PATH` reads it back from AWS after it was lost",
    "show": "`sagectl plan PATH` shows what would be done, "
    "`sagectl status PATH` what there is, `sagectl get KIND NAME` one resource",
    "output": "`sagectl get KIND NAME` shows its live state; a document reads it by ${KIND/NAME.path}",
    "refresh": "every plan reads the live state; "
    "`sagectl drift PATH` shows what differs, and its --accept writes it into the files",
    "taint": "there is no taint: a job runs again with another `trigger` in its spec, "
    "and the rest by `sagectl destroy PATH --target KIND/NAME` and apply",
    "untaint": "there is no taint to remove: `sagectl plan PATH` shows what would be done",
    "workspace": "use --set NAME for another set of the same documents, "
    "and --var or --values for what differs",
    "providers": "only SageMaker is supported: `sagectl explain` lists the kinds",
    "console": "`sagectl plan PATH` shows values as they resolve, "
    "`sagectl explain KIND.field` what a field takes",
    "force-unlock": "a lock ends with the process that holds it, so none is ever left over",
    "login": "credentials are those of the AWS CLI: `aws configure` or `aws sso login`, then --profile NAME",
    "test": "`sagectl validate PATH` checks without AWS, "
    "`sagectl apply PATH --sandbox` does it all in a local SageMaker",
    "delete": "`sagectl destroy PATH` deletes all declared resources, `--target KIND/NAME` one of them; "
    "a document taken out of a folder goes with `sagectl apply FOLDER --prune`",
    "describe": "`sagectl get KIND NAME` shows all of one resource",
    "list": "`sagectl get KIND` lists the account, `sagectl status PATH` the declared resources",
    "diff": "`sagectl plan PATH` shows what would be done, `sagectl drift PATH` how AWS differs",
    "create": "write a document and `sagectl apply PATH`",
    "edit": "edit the document and `sagectl apply PATH`",
    "deploy": "`sagectl apply PATH` applies it, after showing the plan",
    "up": "`sagectl apply PATH` applies it, after showing the plan",
    "preview": "`sagectl plan PATH` shows what would be done",
    "rollback": "apply the documents as they were, for instance after `git revert`; "
    "`sagectl sync --rollback NAME` for a sync",
    "wait": "`sagectl apply PATH` waits until AWS reports completion; `--timeout 30m` limits the wait",
    "logs": "training and endpoints log to CloudWatch: `aws logs tail /aws/sagemaker/TrainingJobs`",
}

OPTIONS = {
    "-out": "write --out FILE",
    "-target": "write --target KIND/NAME",
    "-auto-approve": "write --yes",
    "--auto-approve": "write --yes",
    "-y": "write --yes",
    "-var": "write --var NAME=VALUE",
    "-var-file": "write --values FILE, a YAML file",
    "--var-file": "write --values FILE, a YAML file",
    "-json": "write --format json",
    "--json": "write --format json",
    "-o": "write --format json, or `> FILE`",
    "--output": "write --format json, or `> FILE`",
    "-destroy": "`sagectl destroy PATH` shows what will be deleted and asks for confirmation",
    "--destroy": "`sagectl destroy PATH` shows what will be deleted and asks for confirmation",
    "--dry-run": "`sagectl plan PATH` is the dry run",
    "-replace": _ANEW,
    "--replace": _ANEW,
    "-refresh": "every plan reads the live state: this cannot be disabled",
    "-refresh-only": "`sagectl drift PATH` shows what differs, and its --accept writes it into the files",
    "-detailed-exitcode": "plan always exits with 0 for no changes, 2 for changes, 1 for an error",
    "-lock": "the inventory is always locked, and the lock ends with the process",
    "-lock-timeout": "the inventory is always locked, and the lock ends with the process",
    "-input": "only apply and destroy ask for a confirmation: write --yes",
    "-parallelism": "calls run in parallel within the service's limits; there is nothing to configure",
    "-chdir": "give the folder as PATH",
    "-no-color": "write --no-color",
    "-f": "give files and folders as PATHs, without an option",
    "--filename": "give files and folders as PATHs, without an option",
    "-R": "folders are read recursively",
    "-n": "write --set NAME to keep two copies separate; set `metadata.namespace` in the document",
    "--namespace": "write --set NAME to keep two copies separate; set `metadata.namespace` in the document",
    "--force": "the plan shows how to confirm what exceeds a limit",
    "-v": "`sagectl --version` or `sagectl version`",
}


def of_command(word: str) -> str:
    """Our equivalent of another tool's command; empty if there is none."""
    return COMMANDS.get(word, "")


def of_option(word: str) -> str:
    """Our equivalent of another tool's option; empty if there is none."""
    return OPTIONS.get(word.partition("=")[0], "")


PROGRAM = "sagectl"
_MISSING = "the following arguments are required: "


class UsageError(Exception):
    """The command line is invalid; hints have suggestions, and the command whose ``--help`` applies."""

    def __init__(self, message: str, program: str, hints: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.program, self.hints = program, tuple(dict.fromkeys(hint for hint in hints if hint))


class Parser(argparse.ArgumentParser):
    """Raises instead of exiting with 2, which means "there are changes" here."""

    def error(self, message: str) -> "NoReturn":
        """Raise a ``UsageError`` with suggestions."""
        choice = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
        missing = message.startswith(_MISSING)
        if choice:
            raise self._no_such(choice[1], re.findall(r"[\w-]+", choice[2]))
        if missing:
            # argparse also lists optional arguments as missing
            parts = [each for each in message.removeprefix(_MISSING).split(", ") if each != "NAME"]
            message = f"{' and '.join(parts)} is missing"
        hint = "a file or a folder of documents; `.` is this folder" if missing and "PATH" in message else ""
        raise UsageError(message, self.prog, (hint,))

    def _no_such(self, word: str, choices: list[str]) -> UsageError:
        ours = of_command(word) if self.prog == PROGRAM else ""
        near = "" if ours else did_you_mean(word, choices)
        message = f"; {near}" if near else "" if ours else f"; there are: {', '.join(choices)}"
        return UsageError(f"there is no '{word}'{message}", self.prog, (ours,))


class CommandParser(Parser):
    """The parser of a command, created when it is used.

    Creating a parser searches some ten files for translations. A run uses one of 25 parsers, and ``--help`` none: the
    others took a quarter of the processor time.
    """

    def __init__(self, **given: "Any") -> None:
        self.__dict__["given"] = given

    def __getattr__(self, name: str) -> "Any":
        """An attribute of the parser, which is created now.

        Raises:
            AttributeError: it has none of that name.

        """
        given = self.__dict__.pop("given", None)
        if given is None:
            raise AttributeError(name)
        super().__init__(**given)
        return getattr(self, name)


def commands(root: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of the commands, by name."""
    for action in root._actions:  # noqa: SLF001 - argparse has no public list of its sub-parsers
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            return dict(action.choices)
    return {}


def unknown_options(root: argparse.ArgumentParser, argv: Sequence[str]) -> list[str]:
    """The options that the chosen command does not have."""
    chosen = next((known for name, known in commands(root).items() if name in argv[:1]), None)
    has = chosen._option_string_actions if chosen else argv  # noqa: SLF001 - argparse has no public list of its options
    return [word for word in argv if word.startswith("-") and word.partition("=")[0] not in has]


def guess(chosen: argparse.ArgumentParser, word: str) -> str:
    """A suggestion for an unknown option; empty if nothing is similar."""
    near = did_you_mean(word.partition("=")[0], chosen._option_string_actions)  # noqa: SLF001 - as above
    return of_option(word) or near
