"""Documents become a bundle, or a refusal that tells every finding."""

from controller.core.finding import Finding, errors, in_order
from controller.desired.bundle import Bundle, bundle
from controller.desired.load import load
from controller.engine.advice import COMMAND, advised_findings
from controller.fronts.cli.options import Options
from controller.fronts.cli.output import Output
from controller.fronts.cli.trouble import Refused


def findings_of(asked: Options) -> tuple[Bundle, tuple[Finding, ...]]:
    """Compile the tree; the bundle may be used only where no finding is an error."""
    import sys

    loaded = load(asked.paths, variables=asked.variables, stdin=sys.stdin.buffer)
    built = bundle(loaded.documents)
    return built, advised_findings(in_order((*loaded.findings, *built.findings)), COMMAND)


def compiled(asked: Options, out: Output) -> Bundle:
    """Compile the tree, and show warnings to people.

    Raises:
        Refused: some finding is an error.

    """
    built, found = findings_of(asked)
    if errors(found):
        raise Refused(findings=found)
    if not out.json:
        out.findings(found)
    return built
