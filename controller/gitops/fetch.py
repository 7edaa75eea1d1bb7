"""A look of a sync at its repository: the newest revision, or the one that it was rolled back to."""

from dataclasses import dataclass, replace

from controller.core.finding import Finding
from controller.gitops.artifact import Tree, Unfit, compiled, key_of
from controller.gitops.context import SyncContext
from controller.gitops.requests import Word
from controller.gitops.status import Record
from controller.gitops.sync_spec import Sync
from controller.runtime.atomic_file import StateError
from controller.source.git.errors import Again, Refused
from controller.source.git.snapshot import Snapshot
from controller.source.git.wanted_revision import By, Wanted

_MOST_SHOWN, _LONGEST = 3, 1000  # a document may hold a word of a megabyte


@dataclass(frozen=True)
class Poll:
    """What a look gave: a tree or why there is none; ``again`` says when the next makes sense, if not as usual.

    ``head`` is the newest revision, ``released`` the token of a rollback that ended with it; ``findings`` are
    all that is wrong, of which ``refused`` tells the first few.
    """

    tree: Tree | Unfit | None
    refused: str = ""
    again: Again = Again.COMMIT
    head: str = ""
    released: str = ""
    findings: tuple[str, ...] = ()


def poll_source(
    sync: Sync, context: SyncContext, record: Record, word: Word, known: Tree | Unfit | None, *, since: float
) -> Poll:
    """Look once; never raises for what the repository holds.

    Args:
        sync: whose repository.
        context: the way there.
        record: how the sync stands.
        word: what people said.
        known: the outcome of the look before, taken again where nothing changed.
        since: when the look became due.

    """
    head = context.mirrors.fetch_snapshot(sync.source, since=since, stop=context.stop)
    released = record.released
    outcome, newest = head, head.revision or record.head
    if word.pin and word.pin.token != released:
        if isinstance(head, Snapshot) and head.revision != word.pin.head:
            released = word.pin.token
        else:
            pinned = replace(sync.source, wanted=Wanted(By.COMMIT, word.pin.revision))
            outcome = context.mirrors.fetch_snapshot(pinned, since=since, stop=context.stop)
    if isinstance(outcome, Refused):
        lines = _summaries(outcome.findings)
        return Poll(None, _summary_text(lines), outcome.again, newest, released, lines)
    tree = _tree(outcome, sync, known)
    lines = _summaries(tree.findings) if isinstance(tree, Unfit) else ()
    return Poll(tree, _summary_text(lines), Again.COMMIT, newest, released, lines)


def renewed(sync: Sync, context: SyncContext, record: Record) -> Sync | Poll:
    """A sync's settings as they are now; where they can't be read, a look that says why."""
    if context.fresh is None:
        return sync
    try:
        return context.fresh(sync)
    except StateError as error:
        return Poll(None, str(error), Again.SETTINGS, record.head, record.released)


def _tree(snapshot: Snapshot, sync: Sync, known: Tree | Unfit | None) -> Tree | Unfit:
    """The tree; compiled only where documents or variables changed."""
    if isinstance(known, Tree) and known.key == key_of(snapshot, sync.variables, sync.default_tags):
        return replace(known, revision=snapshot.revision)
    if isinstance(known, Unfit) and known.revision == snapshot.revision:
        return known
    return compiled(snapshot, sync.source, sync.variables, sync.advice, sync.default_tags)


def _summaries(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    return tuple(str(finding)[:_LONGEST] for finding in findings)


def _summary_text(lines: tuple[str, ...]) -> str:
    more = [f"and {len(lines) - _MOST_SHOWN} more"] if len(lines) > _MOST_SHOWN else []
    return "; ".join([*lines[:_MOST_SHOWN], *more])
