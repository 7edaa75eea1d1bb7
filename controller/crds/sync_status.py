"""The schema of a GitSync's status: bounded, whatever the repository holds."""

from controller.core.digest import SHORT
from controller.core.ref import LONGEST
from controller.crds.scalar import Schema
from controller.crds.status import CONTENT, UNOBSERVED, conditions, number, observed, opened, text

_MOST_PARTS = 5000  # some 300,000 resources
_MOST_PRUNED = 10_000


def status_schema() -> Schema:
    """The schema of the status."""
    return {
        "description": "How things stand. Written by the operator.",
        "type": "object",
        "default": {"observedGeneration": UNOBSERVED},
        "properties": {
            "conditions": conditions(
                "Ready: the newest revision is applied. Synced: the revision that was applied last is the newest. "
                "Drifted: AWS was changed outside and is not brought back; absent where it never was."
            ),
            "observedGeneration": observed(),
            "state": text("How it stands, in a few words."),
            "message": text("What a person should know."),
            "refused": text("Why the newest revision can't be taken; what was applied stays."),
            "run": text("The id of the last run, in the operator's log."),
            "head": text("The newest revision that was seen."),
            "lastAttempted": _mark("The revision that was last worked on; set before work."),
            "lastApplied": _mark("The revision that was last applied in full."),
            "history": _list("The last ends, newest first; the same end again only counts.", 10),
            "problems": _list("Resources that are not as they should be; the worst first, 50 at most.", 50),
            "drifted": {
                "description": "What was changed outside and is not brought back, field by field; 50 at most.",
                "type": "array",
                "maxItems": 50,
                "x-kubernetes-list-type": "atomic",
                "items": {"type": "string"},
            },
            "resources": number("How many resources are remembered."),
            "plan": _plan(),
            "fingerprint": text(
                "Of the plan that waits; an approval names it, and is void if anything moved."
            ),
            "rollback": opened(
                "The revision that was rolled back to, and the one that it was rolled back from."
            ),
            "releasedRollback": text("The rollback that a newer commit ended."),
            "lastHandledReconcileAt": text("The last reconcile-now token that was acted on."),
        },
    }


def memory_schema() -> Schema:
    """The schema of what is remembered: a head with a list of parts, or a part."""
    return {
        "description": "What the operator remembers of a GitSync; not for people.",
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "format": number("How it is written."),
            "set": text("Whose resources these are."),
            "account": text("The account."),
            "region": text("The region."),
            "resources": number("How many resources are remembered."),
            "fresh": {
                "description": "Whether resources may carry its set's tag that it does not hold.",
                "type": "boolean",
            },
            "parts": {
                "description": "The parts, in order.",
                "type": "array",
                "maxItems": _MOST_PARTS,
                "items": {
                    "type": "string",
                    "maxLength": LONGEST,
                    "pattern": f"^[a-z0-9-]+-[0-9a-f]{{{SHORT}}}$",
                },
            },
            "pruned": _pruned(),
            "data": text("Entries: JSON, compressed, in base64."),
        },
    }


def _pruned() -> Schema:
    return {
        "description": "Deletions of the last day that nobody confirmed.",
        "type": "array",
        "maxItems": _MOST_PRUNED,
        "items": {
            "type": "object",
            "properties": {
                "at": number("When, in seconds since 1970."),
                "size": number("How many resources were remembered before."),
                "step": text("The deletion, until it is proved."),
            },
        },
    }


def _mark(about: str) -> Schema:
    return {
        **opened(about),
        "properties": {
            "revision": text("The commit."),
            "fingerprint": text("Of the plan."),
            "at": text("When."),
        },
    }


def _plan() -> Schema:
    return {
        **opened("What would be done, where an approval is waited for."),
        "properties": {
            "summary": text("In a line."),
            "text": text("As sagectl prints it, cut if it is long."),
            "content": text(CONTENT),
        },
    }


def _list(about: str, most: int) -> Schema:
    return {
        "description": about,
        "type": "array",
        "maxItems": most,
        "x-kubernetes-list-type": "atomic",
        "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    }
