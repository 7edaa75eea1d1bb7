"""Parts of a kind's page besides its fields: an example, the effects of a deletion, permissions, and states."""

from collections.abc import Iterator

from controller.cli.examples import document_of, files
from controller.core.finding import errors
from controller.core.phase import Action, Phase
from controller.insight.permissions import ArnScope, permissions
from controller.kinds.display import COMMON_STATUS_PHASES
from controller.kinds.effects import Impact
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.load import load_bytes
from controller.schema.contract import Contract
from controller.schema.shape import shape_at

_PHASES = {
    Phase.READY: "Ready",
    Phase.CHANGING: "in progress: dependents wait",
    Phase.FAILED: "failed, with SageMaker's reason",
    Phase.DELETING: "being deleted",
    Phase.ABSENT: "as if it were not there",
}
_LIMITS = "../plan.md#deletions-and-what-holds-them-back"
_CONFIRMED = frozenset({Impact.INTERRUPTS, Impact.LOSES})


def compile_example(documents: str) -> Bundle | None:
    """A text of documents as a bundle; None if it does not validate by itself."""
    loaded = load_bytes([("example.yaml", documents.encode())])
    made = bundle(loaded.documents)
    return None if errors((*loaded.findings, *made.findings)) else made


def example_of(kind: str) -> tuple[str, str]:
    """The shortest text of documents that validates and has one of a kind, and the name of its example.

    That is one document, or where it names what only documents can stand for, those as well.
    """
    document, source = document_of(kind)
    if compile_example(document):
        return document, source
    others = [
        part.strip("\n") + "\n"
        for text in files(source).values()
        for part in text.split("\n---\n")
        if part.strip()
    ]
    chosen = [document]
    while compile_example("---\n".join(chosen)) is None:
        more = min(
            (each for each in others if each not in chosen), key=lambda each: _distance([*chosen, each])
        )
        chosen.append(more)
    return "---\n".join([*chosen[1:], document]), source


def _distance(documents: list[str]) -> tuple[int, int]:
    """The number of errors of documents together, and their length."""
    loaded = load_bytes([("example.yaml", "---\n".join(documents).encode())])
    found = errors((*loaded.findings, *bundle(loaded.documents).findings))
    return len(found), sum(map(len, documents))


def example(of: Contract) -> list[str]:
    """The section with an example."""
    text, source = example_of(of.name)
    folder = f"[`examples/{source}`](../../examples/{source})"
    return [
        f"\n## Example\n\nFrom {folder}, which `sagectl init --from {source}` writes.\n",
        f"```yaml\n{text}```",
    ]


def deletion(of: Contract) -> list[str]:
    """The section on what happens when the document is removed."""
    return ["\n## Deletion\n", *(f"- {line}" for line in _deletion(of))]


def _deletion(of: Contract) -> Iterator[str]:
    lifecycle = of.kind.lifecycle
    if lifecycle.runs:
        yield "By default (`policy.deletion: Retain`) the record of a run stays in AWS when its document is removed."
        yield (
            "A run in progress is stopped first where it is deleted."
            if of.deletes
            else (
                "SageMaker has no operation that deletes it: with `policy.deletion: Delete` a run in progress "
                "is stopped, and its record stays."
            )
        )
    if of.deletes and not lifecycle.runs:
        yield f"`{of.deletes.name}` deletes it, after all documents that refer to it."
    if of.deletes and lifecycle.runs:
        yield f"`policy.deletion: Delete` deletes the record as well, by `{of.deletes.name}`."
    if lifecycle.shared:
        yield "It is a setting of the whole account: only what was switched on here is switched off again."
    lists = list(dict.fromkeys(each.lists for each in lifecycle.delete_blockers))
    if lists:
        yield f"It waits while {', '.join(f'`{each}`' for each in lists)} shows something that belongs to it."
    if lifecycle.unguarded:
        yield "SageMaker would delete it while others use it: it is deleted only once nothing in the account names it."
    consequences = [each for each in lifecycle.consequences if Action.DELETE in each.on]
    for each in consequences:
        sentence = each.text.format(sent="")
        confirmed = f" It has to be [confirmed by name]({_LIMITS})." if each.impact in _CONFIRMED else ""
        yield f"{sentence[0].upper()}{sentence[1:]}.{confirmed}"
    if lifecycle.irreplaceable:
        yield f"`policy.replace: Allow` never deletes it to create it anew: {lifecycle.irreplaceable}."


def rights(of: Contract) -> list[str]:
    """The section on IAM actions: those that the example needs of its own kind."""
    made = compile_example(example_of(of.name)[0])
    granted = permissions(made, ArnScope(), read_only=False) if made else frozenset()
    own = [each for each in granted if each.kind in ("", of.name)]
    rows = {
        "`plan`": {each.action for each in own if not each.writes},
        "`apply`, `destroy`": {each.action for each in own if each.writes},
    }
    lines = [f"| {what} | {', '.join(f'`{each}`' for each in sorted(rows[what]))} |" for what in rows]
    about = "`sagectl iam` prints the policy for your documents, with their ARNs and what they refer to.\n"
    return ["\n## Permissions\n", about, "| for | actions |", "|---|---|", *lines]


def states(of: Contract) -> list[str]:
    """The section on the values of the status, if Describe has one with known values."""
    values = statuses(of)
    if not values:
        return []
    table = of.kind.lifecycle.status_phases
    rows = [
        f"| `{value}` | {_PHASES[table.get(value) or COMMON_STATUS_PHASES.get(value) or Phase.CHANGING]} |"
        for value in values
    ]
    return [
        f"\n## States\n\n`{of.status_member}` of `{of.describes.name}`:\n",
        "| value | is |",
        "|---|---|",
        *rows,
    ]


def statuses(of: Contract) -> tuple[str, ...]:
    """The possible values of the status."""
    found = shape_at(of.body, tuple(of.status_member.split("."))) if of.status_member else None
    return found.enum if found else ()
