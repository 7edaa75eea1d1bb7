"""The schema of a GitSync's status, with limits that hold for a repository of any size."""

from controller.core.digest import SHORT
from controller.core.ref import LONGEST
from controller.crds.scalar import Schema
from controller.crds.status import (
    CONTENT,
    UNOBSERVED,
    conditions,
    number,
    observed_generation,
    open_object,
    text,
)

_MOST_PARTS = 5000  # some 300,000 resources
_MOST_PRUNED = 10_000


def status_schema() -> Schema:
    """The schema of the status."""
    return {
        "description": "Observed state, written by the operator.",
        "type": "object",
        "default": {"observedGeneration": UNOBSERVED},
        "properties": {
            "conditions": conditions(
                "Ready: the newest revision is applied. Synced: the last applied revision is the newest. "
                "Drifted: AWS was changed outside and drift is not corrected; absent until there was drift."
            ),
            "observedGeneration": observed_generation(),
            "state": text("State of the sync in a few words."),
            "message": text("Details of the state."),
            "refused": text(
                "Why the newest revision can't be applied; the last applied one stays in effect."
            ),
            "run": text("The id of the last run, in the operator's log."),
            "head": text("The newest revision of the source."),
            "lastAttempted": _mark("The revision of the last run, set before its first change."),
            "lastApplied": _mark("The last revision that was applied completely."),
            "history": _list("Results of the last runs, newest first; a repeated result is counted.", 10),
            "problems": _list("Resources that are not Ready, the most severe first; 50 at most.", 50),
            "drifted": {
                "description": "Fields that were changed outside and are not corrected; 50 at most.",
                "type": "array",
                "maxItems": 50,
                "x-kubernetes-list-type": "atomic",
                "items": {"type": "string"},
            },
            "resources": number("Number of resources in the inventory."),
            "plan": _plan(),
            "fingerprint": text(
                "The fingerprint of the pending plan. An approval names it, and is void once the plan changes."
            ),
            "rollback": open_object("The revision of a rollback, and the one that was rolled back."),
            "releasedRollback": text("The rollback that a newer commit ended."),
            "lastHandledReconcileAt": text("The last value of the reconcile annotation that was handled."),
        },
    }


def memory_schema() -> Schema:
    """The schema of SyncMemory: a head with a list of parts, or a part."""
    return {
        "description": "Inventory of a GitSync; internal.",
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "format": number("Version of the format."),
            "set": text("The set that owns the resources."),
            "account": text("The account."),
            "region": text("The region."),
            "resources": number("Number of resources in the inventory."),
            "fresh": {
                "description": "Whether AWS may have resources of the set that the inventory lacks.",
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
            "pruned": _pruned_schema(),
            "data": text("Entries: JSON, compressed, in base64."),
        },
    }


def _pruned_schema() -> Schema:
    return {
        "description": "Unconfirmed deletions of the last day.",
        "type": "array",
        "maxItems": _MOST_PRUNED,
        "items": {
            "type": "object",
            "properties": {
                "at": number("Time, in seconds since 1970."),
                "size": number("Number of resources in the inventory before."),
                "step": text("The deletion, until AWS confirms it."),
            },
        },
    }


def _mark(about: str) -> Schema:
    return {
        **open_object(about),
        "properties": {
            "revision": text("The commit."),
            "fingerprint": text("Of the plan."),
            "at": text("When."),
        },
    }


def _plan() -> Schema:
    return {
        **open_object("What would be done, where an approval is waited for."),
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
