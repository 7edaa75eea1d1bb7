"""The schema of ``status``: what the operator reports, for ``kubectl wait``, people and other tools."""

from controller.crds.scalar import Schema

# The generation that is observed before an operator looked at an object: kstatus calls it InProgress, as it does Flux's
# (fluxcd.io, API reference: status defaults to {"observedGeneration": -1}).
UNOBSERVED = -1
CONTENT = "Of what would be done, the same for the same documents through kubectl and through git."
_READY = "Ready: the resource in AWS is ready and equal to the spec. Synced: AWS has the spec."


def status_schema() -> Schema:
    """The schema of a status. Every field is named here, because the API server drops others."""
    return {
        "description": "How things stand. Written by the operator.",
        "type": "object",
        "default": {"observedGeneration": UNOBSERVED},
        "properties": {
            "conditions": conditions(),
            "observedGeneration": observed(),
            "awsName": text(
                "The name in AWS; it changes with each new generation of a kind that is succeeded."
            ),
            "arn": text("The ARN in AWS."),
            "awsStatus": text("The state in AWS's own word."),
            "outputs": opened(
                "What AWS says of the resource, in lowerCamelCase, for references and for people."
            ),
            "plan": _plan(),
            "fingerprint": text("Of the plan; an approval names it and is void when anything has moved."),
            "lastHandledReconcileAt": text("The last reconcile-now token that was acted on."),
            "memory": opened("What the operator remembers between its passes; not for people."),
        },
    }


def conditions(about: str = _READY) -> Schema:
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
        "observedGeneration": number("The generation of the spec that it is about."),
        "lastTransitionTime": {
            "type": "string",
            "format": "date-time",
            "description": "When status last changed.",
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
        **opened("What would be done, where policy.mode is Plan or an approval is waited for."),
        "properties": {
            "action": text("create, update, replace, succeed, delete, adopt, or no-op."),
            "summary": text("The plan in a line."),
            "text": text("The plan as sagectl prints it."),
            "content": text(CONTENT),
        },
    }


def observed() -> Schema:
    """The schema of ``observedGeneration``, with the default of an object that was not looked at yet."""
    about = f"The generation of the spec that this status is about; {UNOBSERVED} before the first poll."
    return {**number(about), "default": UNOBSERVED}


def text(about: str) -> Schema:
    """A text."""
    return {"description": about, "type": "string"}


def number(about: str) -> Schema:
    """An integer."""
    return {"description": about, "type": "integer", "format": "int64"}


def opened(about: str) -> Schema:
    """Atomic, so that server-side apply keeps one owner of the whole and not one of each leaf."""
    return {
        "description": about,
        "type": "object",
        "x-kubernetes-map-type": "atomic",
        "x-kubernetes-preserve-unknown-fields": True,
    }
