"""The table of reasons in docs/reasons.md: where each is shown, what it means, and what to do."""

from dataclasses import dataclass
from pathlib import Path

from controller.core.reason import RECONCILE_STATES, Reason, ReconcileState

PAGE = Path(__file__).parents[1] / "reasons.md"
_BEGIN, _END = "<!-- table of reasons: generated -->\n", "<!-- end of the table -->\n"
PLAN, OBJECT, SYNC, DRIFTED, EVENT, METRIC = "POSDEM"
_SHOWN = {
    PLAN: "plan",
    OBJECT: "object",
    SYNC: "GitSync",
    DRIFTED: "condition `Drifted`",
    EVENT: "Event",
    METRIC: "metric",
}
_COURSES = {
    ReconcileState.SETTLED: "nothing is needed",
    ReconcileState.MOVING: "reconciliation continues",
    ReconcileState.RETRIED: "retried with backoff",
    ReconcileState.HELD: "waits for a confirmation",
    ReconcileState.WAITING: "waits for an approval",
    ReconcileState.PAUSED: "nothing, until the setting is changed",
    ReconcileState.STUCK: "nothing until the object, or the commit, changes",
}


@dataclass(frozen=True)
class Row:
    """A line of the table; ``shown`` has a letter for each place where the reason is shown."""

    reason: Reason
    shown: str
    meaning: str
    advice: str


ROWS = (
    Row(Reason.ABSENT, "P", "the resource does not exist", "nothing"),
    Row(
        Reason.ADOPTION_ALLOWED,
        "P",
        "the resource exists, and `policy.adopt` allows adopting it",
        "nothing",
    ),
    Row(
        Reason.ALREADY_RAN,
        "P",
        "a run of this spec has ended; it is not run again",
        "another `trigger` runs it again",
    ),
    Row(
        Reason.CANNOT_UPDATE,
        "P",
        "the spec changed in a member that no update can change",
        "read what the replacement does, then apply",
    ),
    Row(
        Reason.CLAIMED_BY_OTHER_DOCUMENT,
        "P",
        "another document has or declares the resource, so it is not deleted",
        "nothing",
    ),
    Row(
        Reason.CREATION_FAILED,
        "P",
        "the resource failed before it was ready, and its spec has changed since",
        "read what the replacement does, then apply",
    ),
    Row(
        Reason.CREATION_UNFINISHED,
        "P",
        "a creation was started whose result is unknown",
        "plan again later; `sagectl inventory list` shows the entry",
    ),
    Row(
        Reason.DELETED_OUTSIDE,
        "P",
        "the resource existed and was deleted outside of sagectl",
        "nothing, or remove its document",
    ),
    Row(
        Reason.DEPENDENCY_BLOCKED,
        "P",
        "a resource that it needs is blocked; a condition shows `Retrying`",
        "read the reason of that resource",
    ),
    Row(
        Reason.DESTROYED,
        "P",
        "`sagectl destroy`, or the deletion of an object, deletes it",
        "confirm, or do not apply",
    ),
    Row(
        Reason.LIVE_DIFFERS,
        "P",
        "the live resource was changed by somebody else (drift)",
        "nothing, or list the member in `policy.ignore`",
    ),
    Row(
        Reason.NO_DOCUMENT,
        "P",
        "the inventory lists the resource, no document declares it, and `--prune` is set",
        "confirm, or restore the document",
    ),
    Row(
        Reason.NOT_FOUND_ONCE,
        "P",
        "the resource was not found for the first time",
        "nothing: the next read decides",
    ),
    Row(
        Reason.NOT_IN_INVENTORY,
        "P",
        "the resource has the ownership tag, but no entry in the inventory; a condition shows `ForeignOwner`",
        "`sagectl inventory rebuild`, or `policy.adopt`",
    ),
    Row(
        Reason.NOT_OWNED,
        "P",
        "the resource has no ownership tag; a condition shows `ForeignOwner`",
        "remove or rename the document, or set `policy.adopt` to take the resource over",
    ),
    Row(
        Reason.NOT_STARTED,
        "P",
        "`desiredState` is stopped, so no run was started",
        "remove `desiredState` to start it",
    ),
    Row(Reason.OUT_OF_SCOPE, "P", "`--target`, `--exclude` or `--kind` excludes it", "nothing"),
    Row(
        Reason.PREVIOUS_NAME,
        "P",
        "the resource with the document's previous name still exists",
        "`--prune` deletes it",
    ),
    Row(
        Reason.PRUNE_OFF,
        "P",
        "no document declares the resource; it stays, because pruning is off",
        "`--prune` deletes it",
    ),
    Row(Reason.RECORD_STAYS, "P", "a run has ended; its record stays in the account", "nothing"),
    Row(
        Reason.RENAMED,
        "P",
        "its document has another AWS name now, and `--prune` is set",
        "confirm, or restore the name",
    ),
    Row(Reason.RETAINED, "P", "`policy.deletion` is Retain: the resource stays in the account", "nothing"),
    Row(Reason.SPEC_CHANGED, "P", "the document changed", "nothing"),
    Row(Reason.SUPERSEDED, "P", "an old generation, or an earlier run, that nothing uses", "nothing"),
    Row(
        Reason.CONTENDED,
        "PO",
        "somebody else set a field again each time it was corrected; this field is no longer corrected, others are",
        "stop the other writer, or list the field in `policy.ignore`; it is corrected again after an hour"
        " without conflicting writes, or when the spec changes",
    ),
    Row(
        Reason.DEPENDENCY_MISSING,
        "PO",
        "a resource to which it refers is neither in a document nor in the account",
        "create it, or correct the name; retried at intervals",
    ),
    Row(
        Reason.DEPENDENCY_NOT_READY,
        "POS",
        "what it needs is not Ready (of a GitSync: a sync of `dependsOn`), so its inputs are not known",
        "nothing: it continues when that is Ready",
    ),
    Row(
        Reason.FAILED,
        "POS",
        "AWS failed; the same spec is not retried. Of a GitSync: a resource needs a person, "
        "`status.problems` names 50 at most",
        "change the spec or `policy.retry`; of a GitSync, push, or wait for the drift interval",
    ),
    Row(
        Reason.FOREIGN_OWNER,
        "PO",
        "the resource belongs to another owner",
        "remove or rename the document, or set `policy.adopt` to take the resource over",
    ),
    Row(
        Reason.IMMUTABLE,
        "PO",
        "the change needs a replacement that `policy.replace` forbids, or that a user of the resource blocks",
        "undo the change, choose another name, or set `policy.replace: Allow`, which deletes the resource"
        " first",
    ),
    Row(
        Reason.IN_TRANSITION,
        "POS",
        "AWS is changing it",
        "polled [soon, then less often](performance.md#waiting), or every `--poll`",
    ),
    Row(
        Reason.NOT_ALLOWED,
        "POS",
        "the tenants file does not allow it; the message names the rule and its position",
        "change the document, or the rule",
    ),
    Row(
        Reason.NOT_REMOVABLE,
        "PO",
        "the document dropped a member that SageMaker can't remove; the message names it",
        "write a value, list it in `policy.ignore`, or replace the resource",
    ),
    Row(Reason.OFF, "PO", "`policy.mode: Off`", "nothing"),
    Row(
        Reason.PREFLIGHT_FAILED,
        "PO",
        "`--preflight` found that an alarm, role, image or object that the call names is missing or unfit",
        "correct what the message names; [preflight](preflight.md)",
    ),
    Row(
        Reason.PROTECTED,
        "PO",
        "the resource carries the protection tag",
        "set `policy.protect: false` and apply, then delete",
    ),
    Row(
        Reason.READY,
        "POS",
        "AWS is ready and equal to the spec; of a GitSync: the newest revision is applied",
        "nothing: drift is looked for at each `--resync` or `driftInterval`",
    ),
    Row(
        Reason.ROLLED_BACK,
        "PO",
        "AWS rolled the update back; the same spec is not retried",
        "read the message and the logs; change the spec, or `policy.retry`",
    ),
    Row(
        Reason.SECRET_MISSING,
        "PO",
        "a Secret, variable or file that `valueFrom` names is missing or may not be read",
        "create it, or correct the reference",
    ),
    Row(
        Reason.STILL_USED,
        "PO",
        "another resource uses it, so it is not deleted",
        "remove the user first; retried with backoff. In a condition, a replacement that is "
        "blocked by a user is `Immutable`",
    ),
    Row(
        Reason.UNREADABLE,
        "PO",
        "the resource, its tags or its inventory can't be read",
        "read the message; retried with backoff",
    ),
    Row(
        Reason.BUSY,
        "O",
        "AWS refused for now: something else is changing the resource",
        "retried with backoff",
    ),
    Row(Reason.CHANGED, "O", "a change was made, and another may follow", "reconciled again immediately"),
    Row(
        Reason.DELETION_HELD,
        "OS",
        "its namespace or its definition is being deleted, or very many objects are; nothing is changed in AWS",
        "[confirm](operator.md#bulk-deletions), or create it again",
    ),
    Row(
        Reason.DENIED,
        "O",
        "AWS denied the call",
        "grant the right (`sagectl iam`); retried with backoff, at most `--longest-pause`",
    ),
    Row(
        Reason.INVALID_SPEC,
        "OS",
        "the spec is not valid. Of a GitSync also: two own one set, or syncs depend on each other in a cycle",
        "correct the object; the message names the member",
    ),
    Row(
        Reason.LIMIT_EXCEEDED,
        "O",
        "a quota of the account is used up",
        "raise the quota, or delete something; retried with backoff",
    ),
    Row(
        Reason.NAMESPACE_NOT_ALLOWED,
        "OS",
        "no role is configured for the namespace, or its account is not the expected one",
        "configure the role",
    ),
    Row(
        Reason.PLANNED,
        "OS",
        "a plan waits for an approval",
        "approve `status.fingerprint`, or change the spec",
    ),
    Row(Reason.PROGRESSING, "OS", "its first reconciliation is not complete", "nothing"),
    Row(
        Reason.REJECTED,
        "O",
        "AWS rejected the request",
        "correct the spec, or what it names; retried with backoff",
    ),
    Row(
        Reason.RETRYING,
        "OS",
        "AWS refused or did not answer, or something that it needs is blocked",
        "retried with backoff",
    ),
    Row(
        Reason.SOURCE_REFUSED,
        "S",
        "the content of the repository can't be used: findings with file and line; what was applied stays",
        "push a correction",
    ),
    Row(
        Reason.SOURCE_SETTINGS,
        "S",
        "address, login, host key, certificate or a Secret is wrong",
        "change the spec or the Secret: nothing is connected before",
    ),
    Row(
        Reason.SOURCE_UNREACHABLE,
        "S",
        "the repository can't be read for now; drift from the applied revision is still corrected",
        "retried with backoff",
    ),
    Row(Reason.SUSPENDED, "S", "`spec.suspend`: nothing is changed", "set `spec.suspend: false`"),
    Row(Reason.THROTTLED, "O", "AWS throttles the operation", "retried with backoff"),
    Row(Reason.AS_APPLIED, "D", "AWS matches the applied revision again", "nothing"),
    Row(
        Reason.CHANGED_OUTSIDE,
        "D",
        "resources differ from the applied revision",
        "approve the plan, or accept the drift in the documents",
    ),
    Row(
        Reason.GONE,
        "M",
        "the object was deleted or is no longer served, or its pass ended with an error",
        "nothing",
    ),
    Row(
        Reason.OTHER_OPERATOR,
        "E",
        "the object's status was signed with another operator's key",
        "see [replicas and shards](operator.md#replicas-and-shards)",
    ),
    Row(
        Reason.RELEASED,
        "E",
        "the finalizer of the object was removed, and its resource stays in AWS; the message names the ARN",
        "delete the resource in AWS if it is not needed",
    ),
    Row(
        Reason.SPEC_WARNING,
        "E",
        "a warning about the spec, with its code",
        "see [findings.md](findings.md)",
    ),
)


def table() -> str:
    """The table, as Markdown."""
    head = "| reason | shown in | meaning | what happens next | what to do |\n|---|---|---|---|---|\n"
    return head + "".join(_line(row) for row in sorted(ROWS, key=lambda row: row.reason.value))


def _line(row: Row) -> str:
    reconcile_state = RECONCILE_STATES.get(row.reason)
    shown = ", ".join(_SHOWN[letter] for letter in row.shown)
    cells = (
        f"`{row.reason.value}`",
        shown,
        row.meaning,
        _COURSES[reconcile_state] if reconcile_state else "",
        row.advice,
    )
    return f"| {' | '.join(cells)} |\n"


def page() -> str:
    """The page with its table as it should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    return before + _BEGIN + table() + _END + rest.partition(_END)[2]
