"""``policy`` of a document explained: how to go about it, the same for every kind."""

from typing import Any

from controller.output.table import table
from controller.output.terminal import Style

# field: values, default, meaning
POLICY = {
    "deletion": (
        "Delete, Retain, Confirm",
        "Delete; of runs Retain",
        "Retain leaves it in AWS when its document goes; Confirm asks for a word first",
    ),
    "adopt": ("Never, IfUnowned, Always", "Never", "whether a resource that is there already is taken over"),
    "replace": (
        "Forbid, Allow",
        "Forbid",
        "Allow deletes it, with all it holds, and creates it anew for a field that can't change; refused while used",
    ),
    "protect": ("true, false", "false", "true keeps it from being deleted, by a tag that outlives the file"),
    "mode": ("Apply, Plan, Off", "Apply", "Plan reports only, Off leaves the document alone"),
    "ignore": ("paths into spec", "[]", "fields that others change, such as /desiredInstanceCount"),
    "sensitive": ("paths into spec", "[]", "fields whose values are not shown, such as /environment/TOKEN"),
    "generations": ("whole number", "0", "how many old generations stay, for a quick way back"),
    "retry": ("any text", "", "a new text tries a creation or an update that failed once more"),
    "arn": ("ARN", "", "the resource to take over, where the name of the document does not lead to it"),
}


def policy_text(style: Style) -> str:
    """Every field of ``policy``, one a line."""
    rows = [(name, *lines) for name, lines in POLICY.items()]
    return table(("POLICY", "VALUES", "DEFAULT", "WHAT IT DOES"), rows, style, kept=4)


def policy_json() -> list[dict[str, Any]]:
    """Every field of ``policy``, for programs."""
    return [
        dict(zip(("field", "values", "default", "meaning"), (name, *lines), strict=True))
        for name, lines in POLICY.items()
    ]
