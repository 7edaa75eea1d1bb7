"""The schema of ``policy``: how to go about a resource. Its words are those of the documents."""

from enum import Enum

from controller.crds.scalar import Schema
from controller.manifests.document import Adopt, Deletion, Mode, Replace
from controller.manifests.envelope import LONGEST_RETRY

_POINTER = 1024
_MOST_IGNORED = 100
_ARN = 2048
_RETRY: Schema = {
    "description": "Any text; a new one tries a creation or an update that failed once more.",
    "type": "string",
    "maxLength": LONGEST_RETRY,
}
_SENSITIVE: Schema = {
    "description": "JSON pointers into spec whose values are not shown.",
    "type": "array",
    "maxItems": _MOST_IGNORED,
    "items": {"type": "string", "pattern": "^/", "maxLength": _POINTER},
}


def policy_schema(*, taggable: bool) -> Schema:
    """The schema of a policy. Nothing is defaulted: what a document leaves out stays left out.

    ``taggable`` says whether the kind carries tags: protection is one.
    """
    return {
        "description": "How to go about it.",
        "type": "object",
        "properties": {
            "deletion": _one_of(Deletion, "What becomes of the resource in AWS when this object is deleted."),
            "adopt": _one_of(Adopt, "Whether a resource that exists already is taken over."),
            "replace": _one_of(
                Replace,
                "Whether a change that no update can make may delete the resource, with all it holds, and then"
                " create it again; it is refused while anything uses it.",
            ),
            "protect": {
                "description": "true writes a tag that refuses deletion even without this object.",
                "type": "boolean",
                **({} if taggable else {"enum": [False]}),
            },
            "mode": _one_of(Mode, "How far to go: apply, only report what would be done, or nothing."),
            "ignore": {
                "description": "JSON pointers into spec that are neither compared nor written.",
                "type": "array",
                "maxItems": _MOST_IGNORED,
                "items": {"type": "string", "pattern": "^/", "maxLength": _POINTER},
            },
            "sensitive": _SENSITIVE,
            "generations": {
                "description": "How many old generations are kept of a kind that is succeeded; default 0.",
                "type": "integer",
                "format": "int32",
                "minimum": 0,
            },
            "arn": {
                "description": "The resource to take over, where the name of the document does not lead to it.",
                "type": "string",
                "pattern": "^arn:",
                "maxLength": _ARN,
            },
            "retry": _RETRY,
        },
    }


def _one_of(choices: type[Enum], about: str) -> Schema:
    parts = [choice.value for choice in choices]
    return {"description": f"{about} Default {parts[0]}.", "type": "string", "enum": parts}
