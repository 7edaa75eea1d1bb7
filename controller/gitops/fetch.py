"""A look of a sync at its repository: the newest revision, or the one that it was rolled back to."""

from dataclasses import dataclass, replace

from controller.core.finding import Finding
from controller.gitops.artifact import Tree, Unfit, compiled, key_of
from controller.gitops.context import Means
from controller.gitops.requests import Word
from controller.gitops.status import Record
from controller.gitops.sync_spec import Sync
from controller.runtime.atomic_file import StateError
from controller.source.git.errors import Again, Refused
from controller.source.git.snapshot import Snapshot
from controller.source.git.wanted_revision import By, Wanted

_TOLD, _LONGEST = 3, 1000  # a document may hold a word of a megabyte


@dataclass(frozen=True)
class Look:
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


def look(
    sync: Sync, means: Means, record: Record, word: Word, known: Tree | Unfit | None, *, since: float
) -> Look:
    """Look once; never raises for what the repository holds.

    Args:
        sync: whose repository.
        means: the way there.
        record: how the sync stands.
        word: what people said.
        known: the outcome of the look before, taken again where nothing changed.
        since: when the look became due.

    """
    head = means.mirrors.look(sync.source, since=since, stop=means.stop)
    released = record.released
    outcome, newest = head, head.revision or record.head
    if word.pin and word.pin.token != released:
        if isinstance(head, Snapshot) and head.revision != word.pin.head:
            released = word.pin.token
        else:
            pinned = replace(sync.source, wanted=Wanted(By.COMMIT, word.pin.revision))
            outcome = means.mirrors.look(pinned, since=since, stop=means.stop)
    if isinstance(outcome, Refused):
        told = _told(outcome.findings)
        return Look(None, _in_words(told), outcome.again, newest, released, told)
    tree = _tree(outcome, sync, known)
    told = _told(tree.findings) if isinstance(tree, Unfit) else ()
    return Look(tree, _in_words(told), Again.COMMIT, newest, released, told)


def renewed(sync: Sync, means: Means, record: Record) -> Sync | Look:
    """A sync's settings as they are now; where they can't be read, a look that says why."""
    if means.fresh is None:
        return sync
    try:
        return means.fresh(sync)
    except StateError as error:
        return Look(None, str(error), Again.SETTINGS, record.head, record.released)


def _tree(snapshot: Snapshot, sync: Sync, known: Tree | Unfit | None) -> Tree | Unfit:
    """The tree; compiled only where documents or variables changed."""
    if isinstance(known, Tree) and known.key == key_of(snapshot, sync.variables, sync.default_tags):
        return replace(known, revision=snapshot.revision)
    if isinstance(known, Unfit) and known.revision == snapshot.revision:
        return known
    return compiled(snapshot, sync.source, sync.variables, sync.advice, sync.default_tags)


def _told(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    return tuple(str(finding)[:_LONGEST] for finding in findings)


def _in_words(told: tuple[str, ...]) -> str:
    more = [f"and {len(told) - _TOLD} more"] if len(told) > _TOLD else []
    return "; ".join([*told[:_TOLD], *more])
