"""The schema of ``status``: what the operator reports, for ``kubectl wait``, people and other tools."""

from controller.crds.scalar import Schema

# The value of observedGeneration before an operator reconciled the object: kstatus reports such an object as
# InProgress, as it does for Flux (fluxcd.io, API reference: status defaults to {"observedGeneration": -1}).
UNOBSERVED = -1
CONTENT = "A digest of the planned calls, equal for the same documents through kubectl and through Git."
_READY = "Ready: the resource in AWS is ready and matches the spec. Synced: the spec was sent to AWS."


def status_schema() -> Schema:
    """The schema of a status. All fields are listed, because the API server drops others."""
    return {
        "description": "Observed state, written by the operator.",
        "type": "object",
        "default": {"observedGeneration": UNOBSERVED},
        "properties": {
            "conditions": conditions(),
            "observedGeneration": observed_generation(),
            "awsName": text("The name in AWS; it changes with each new generation of an immutable kind."),
            "arn": text("The ARN in AWS."),
            "awsStatus": text("The status that AWS reports."),
            "outputs": open_object("The Describe response in lowerCamelCase, for output references."),
            "plan": _plan(),
            "fingerprint": text(
                "The fingerprint of the plan. An approval names it, and is void once the plan changes."
            ),
            "lastHandledReconcileAt": text("The last value of the reconcile annotation that was handled."),
            "memory": open_object("Internal state of the operator between passes."),
        },
    }


def conditions(about: str = _READY) -> Schema:
    """The schema of a list of ``metav1.Condition``, which kstatus and ``kubectl wait`` read."""
    fields = {
        "type": {"type": "string", "maxLength": 316, "description": "Ready, Reconciling, Stalled or Synced."},
        "status": {
            "type": "string",
            "enum": ["True", "False", "Unknown"],
            "description": "Status of the condition.",
        },
        "reason": {
            "type": "string",
            "maxLength": 1024,
            "description": "Machine-readable reason of the last transition.",
        },
        "message": {
            "type": "string",
            "maxLength": 32768,
            "description": "Human-readable details of the last transition.",
        },
        "observedGeneration": number("The generation of the spec that the condition is about."),
        "lastTransitionTime": {
            "type": "string",
            "format": "date-time",
            "description": "The time of the last change of status.",
        },
    }
    return {
        "description": about,
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
        "items": {
            "type": "object",
            "required": ["lastTransitionTime", "message", "reason", "status", "type"],
            "properties": fields,
        },
    }


def _plan() -> Schema:
    return {
        **open_object("The planned change, where policy.mode is Plan or an approval is required."),
        "properties": {
            "action": text("create, update, replace, delete, stop, adopt, or no-op."),
            "summary": text("Summary of the plan in one line."),
            "text": text("The plan as sagectl prints it."),
            "content": text(CONTENT),
        },
    }


def observed_generation() -> Schema:
    """The schema of ``observedGeneration``, with the default of an object that was not reconciled yet."""
    about = f"The generation of the spec that this status is about; {UNOBSERVED} before the first pass."
    return {**number(about), "default": UNOBSERVED}


def text(about: str) -> Schema:
    """The schema of a string with a description."""
    return {"description": about, "type": "string"}


def number(about: str) -> Schema:
    """The schema of an integer with a description."""
    return {"description": about, "type": "integer", "format": "int64"}


def open_object(about: str) -> Schema:
    """The schema of an atomic object with any fields: server-side apply keeps one owner for the whole."""
    return {
        "description": about,
        "type": "object",
        "x-kubernetes-map-type": "atomic",
        "x-kubernetes-preserve-unknown-fields": True,
    }
