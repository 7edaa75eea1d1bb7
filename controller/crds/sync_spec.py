"""The schema of a GitSync's spec, from the rows of its settings."""

from collections.abc import Mapping
from typing import Any

from controller.crds.scalar import Schema
from controller.crds.sync_fields import FIELDS, GROUPS, LONGEST_NAME, NAMED


def spec_schema() -> Schema:
    """The schema of a GitSync's spec, without defaults: an omitted field stays omitted."""
    found = _object("Source, intervals and mode of the sync.")
    for each in FIELDS:
        if each.spec:
            holder, name = _holder(found, each.spec)
            holder["properties"][name] = {"description": each.description_with_default, **each.schema}
            if each.required:
                holder["required"] = sorted((*holder.get("required", ()), name))
    found["required"] = ["source"]
    found["properties"]["source"]["required"].insert(0, "ref")
    return found


def _holder(spec: Schema, path: str) -> tuple[Schema, str]:
    """The schema of the object that contains the last name of a path, created if missing, and that name."""
    *groups, name = path.split(".")
    holder = spec
    for at, each in enumerate(groups):
        group = GROUPS[".".join(groups[: at + 1])]
        holder = holder["properties"].setdefault(each, _object(group.description, group.rules))
    return holder, name


def _object(description: str, rules: tuple[Mapping[str, Any], ...] = ()) -> Schema:
    checked = {"x-kubernetes-validations": [dict(each) for each in rules]} if rules else {}
    return {"description": description, "type": "object", "properties": {}, **checked}


def rules() -> list[Schema]:
    """The CEL rules of a whole GitSync."""
    ref = "self.spec.source.ref"
    return [
        {
            "rule": f"self.metadata.name.matches('{NAMED}')",
            "message": f"metadata.name has at most {LONGEST_NAME} small letters, digits and dashes",
        },
        {
            "rule": "!has(self.spec.dependsOn) || !self.spec.dependsOn.exists(each, each == self.metadata.name)",
            "message": "a sync can't depend on itself",
            "fieldPath": ".spec.dependsOn",
        },
        {
            "rule": "!has(self.spec.report) || !has(self.spec.report.pullRequests) || "
            f"!self.spec.report.pullRequests || has({ref}.branch) || "
            f"(has({ref}.name) && {ref}.name.startsWith('refs/heads/'))",
            "message": "pull requests are planned only for a sync that follows a branch",
            "fieldPath": ".spec.report.pullRequests",
        },
    ]
