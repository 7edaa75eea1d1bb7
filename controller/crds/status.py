"""The schema of ``status``: what the operator reports, for ``kubectl wait``, people and other tools."""

from controller.crds.scalar import Schema


def status_schema() -> Schema:
    """The schema of a status. Every field is named here, because the API server drops those it doesn't know."""
    return {
        "description": "How things stand. Written by the operator.",
        "type": "object",
        "properties": {
            "conditions": _conditions(),
            "observedGeneration": _number("The generation of the spec that this status is about."),
            "awsName": _text(
                "The name in AWS; it changes with each new generation of a kind that is succeeded."
            ),
            "arn": _text("The ARN in AWS."),
            "awsStatus": _text("The state in AWS's own word."),
            "outputs": _open(
                "What AWS says of the resource, in lowerCamelCase, for references and for people."
            ),
            "plan": _plan(),
            "fingerprint": _text("Of the plan; an approval names it and is void when anything has moved."),
            "lastHandledReconcileAt": _text("The last reconcile-now token that was acted on."),
            "memory": _open("What the operator remembers between its turns; not for people."),
        },
    }


def _conditions() -> Schema:
    """As ``metav1.Condition`` has them, so that kstatus and ``kubectl wait`` understand."""
    fields = {
        "type": {"type": "string", "maxLength": 316, "description": "Ready, Reconciling, Stalled or Synced."},
        "status": {
            "type": "string",
            "enum": ["True", "False", "Unknown"],
            "description": "Whether it holds.",
        },
        "reason": {"type": "string", "maxLength": 1024, "description": "Why, in one word for programs."},
        "message": {"type": "string", "maxLength": 32768, "description": "Why, for people."},
        "observedGeneration": _number("The generation of the spec that it is about."),
        "lastTransitionTime": {
            "type": "string",
            "format": "date-time",
            "description": "When status last changed.",
        },
    }
    return {
        "description": "Ready: the resource in AWS is ready and equal to the spec. Synced: AWS has the spec.",
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
        **_open("What would be done, where policy.mode is Plan or an approval is waited for."),
        "properties": {
            "action": _text("create, update, replace, succeed, delete, adopt, or no-op."),
            "summary": _text("The plan in a line."),
            "text": _text("The plan as sagectl prints it."),
        },
    }


def _text(about: str) -> Schema:
    return {"description": about, "type": "string"}


def _number(about: str) -> Schema:
    return {"description": about, "type": "integer", "format": "int64"}


def _open(about: str) -> Schema:
    """Atomic, so that server-side apply keeps one owner of the whole and not one of each leaf."""
    return {
        "description": about,
        "type": "object",
        "x-kubernetes-map-type": "atomic",
        "x-kubernetes-preserve-unknown-fields": True,
    }
