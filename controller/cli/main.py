"""``sagectl``: parses the command line, imports the chosen command, and returns an exit code."""

import os
import sys
from collections.abc import Callable, Sequence

from controller.cli.exit_codes import FAILED, INTERRUPTED, OK

_LASTING = ("operator", "sync", "sandbox")
_BETWEEN_COLLECTIONS = 50_000  # allocations between garbage collections; Python's default is 700

TYPE_CHECKING = False  # typing's name for it, without typing's import: `sagectl --help` must be quick
if TYPE_CHECKING:
    from argparse import Namespace

    from controller.cli.output import Output


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``sagectl`` and return its exit code."""
    from controller.cli.parser import build, parse
    from controller.cli.usage_errors import UsageError

    try:
        args = parse(sys.argv[1:] if argv is None else argv)
    except UsageError as error:
        hints = "".join(f"  hint: {hint}\n" for hint in error.hints)
        sys.stderr.write(f"error: {error}\n{hints}`{error.program} --help` lists the options.\n")
        return FAILED
    except SystemExit as ended:
        return int(ended.code or OK)
    if args.command is None and not args.version:
        sys.stdout.write(build().format_help())
        return FAILED
    return _run_guarded(args)


def _run_guarded(args: "Namespace") -> int:
    """Run the command; a traceback is shown on request only."""
    # pydantic would search all installed packages for plugins; none are used
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from controller.cli.errors import Refused, error_text
    from controller.cli.output import Output

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # an encoding such as ASCII has no sign for each that we print
            stream.reconfigure(errors="replace")
    out = Output(
        form=getattr(args, "format", "text"),
        colour=not getattr(args, "no_color", False),
        debug=args.debug,
        full=getattr(args, "full", False),
    )
    try:
        return _run(args, out)
    except Refused as refused:
        out.refusal(refused)
    except KeyboardInterrupt:
        out.error("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the pipe is closed: exit quietly
    except Exception as error:  # noqa: BLE001 - the last net: a person gets one line, not a traceback
        from controller.core.cloud import CloudError
        from controller.schema.record import RecordError

        if isinstance(error, CloudError):
            out.error(*error_text(error))
        elif isinstance(error, RecordError):
            out.error(str(error))
        else:
            _bug(error, out)
    return FAILED


def _run(args: "Namespace", out: "Output") -> int:
    """Run the chosen command, traced if the environment requests it (docs/tracing.md)."""
    name = "version" if args.version else args.command
    if name not in _LASTING:  # short commands create little cyclic garbage
        import gc

        gc.set_threshold(_BETWEEN_COLLECTIONS)
    command = _command(name)
    if not any(variable.endswith("_ENDPOINT") for variable in os.environ if variable.startswith("OTEL_")):
        return command(args, out)
    from contextlib import nullcontext

    from controller.cli.output import version
    from controller.runtime.tracing import Span, is_requested, span, tracing

    if not is_requested():
        return command(args, out)
    passes = name in ("operator", "sync")  # each pass is a trace of its own
    with tracing(version(), out.warn), nullcontext(Span()) if passes else span(f"sagectl {name}") as current:
        code = command(args, out)
        current.set("sagectl.exit_code", code)
        return code


def _bug(error: Exception, out: "Output") -> None:
    message = f"{type(error).__name__}: {error}"
    out.error(f"this is a bug in sagectl: {message}", "" if out.debug else "--debug shows the traceback")
    if out.debug:
        import traceback

        out.write("".join(traceback.format_exception(error)))


# Command: module and function. Only the chosen one is imported, which is what keeps the start quick.
_COMMANDS = {
    "init": ("init", "init"),
    "validate": ("validate", "validate"),
    "plan": ("plan", "plan"),
    "apply": ("apply", "apply"),
    "destroy": ("apply", "destroy"),
    "graph": ("graph", "graph"),
    "status": ("status", "status"),
    "get": ("get", "get"),
    "search": ("search", "search"),
    "drift": ("drift", "drift"),
    "inventory": ("inventory", "inventory"),
    "export": ("export", "run_export"),
    "convert": ("convert", "convert"),
    "iam": ("iam", "iam"),
    "schema": ("schema", "schema_command"),
    "doctor": ("doctor", "doctor"),
    "explain": ("explain", "run_explain"),
    "sync": ("sync", "sync"),
    "sandbox": ("sandbox", "sandbox"),
    "crds": ("crds", "crds"),
    "operator": ("operator", "operator"),
    "reconcile": ("reconcile", "reconcile"),
    "rbac": ("rbac", "rbac"),
    "completion": ("completion", "completion"),
    "version": ("about", "version"),
}


def _command(name: str) -> "Callable[[Namespace, Output], int]":
    """The chosen command's function."""
    from importlib import import_module

    module, function = _COMMANDS[name]
    chosen: Callable[[Namespace, Output], int] = getattr(import_module(f"controller.cli.{module}"), function)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
