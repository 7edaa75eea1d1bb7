"""Compiles documents into a bundle, or refuses them with all findings."""

from dataclasses import replace

from controller.cli.errors import Refused
from controller.cli.options import Options
from controller.cli.output import Output
from controller.core.finding import Code, Finding, Severity, errors, in_order
from controller.engine.advice import COMMAND, findings_with_advice
from controller.engine.restrictions import Restrictions
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.interpolation import sensitive_texts
from controller.manifests.load import load
from controller.runtime.tracing import COMPILE, stage


def findings_of(options: Options, out: Output) -> tuple[Bundle, tuple[Finding, ...]]:
    """Compile the tree; the bundle may be used only if no finding is an error."""
    import sys

    out.secrets.add_secrets(sensitive_texts(options.variables))
    loaded = load(options.paths, variables=options.variables, stdin=sys.stdin.buffer)
    built = bundle(loaded.documents)
    over_limit = Restrictions(default_tags=options.default_tags).findings(built)
    found = findings_with_advice(in_order((*loaded.findings, *built.findings, *over_limit)), COMMAND)
    return built, tuple(map(_strict_finding, found)) if options.strict else found


def _strict_finding(finding: Finding) -> Finding:
    """A finding with --strict: no documents, or one of our kinds in another API group, is an error."""
    ours = finding.code is Code.FOREIGN_DOCUMENT and finding.hint
    return replace(finding, severity=Severity.ERROR) if ours or finding.code is Code.EMPTY else finding


@stage(COMPILE)
def compile_tree(options: Options, out: Output) -> Bundle:
    """Compile the tree, and show warnings to people.

    Raises:
        Refused: some finding is an error.

    """
    built, found = findings_of(options, out)
    if errors(found):
        raise Refused(findings=found)
    if not out.json:
        out.findings(found)
    return built
