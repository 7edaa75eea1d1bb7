"""The schema of a GitSync's spec: the settings of one sync, as a file of syncs has them."""

from controller.crds.scalar import Schema, object_name
from controller.crds.status import text
from controller.crds.sync_notifications import described_rules, described_schemas
from controller.crds.sync_source import source_schema
from controller.schema.tags import MOST_TAGS

_LABEL = 63
_NAMED = f"^[a-z0-9]([a-z0-9-]{{0,{_LABEL - 2}}}[a-z0-9])?$"
_SET = 128
_MOST_NEEDS = 100
_MOST_SECRETS = 100
_MOST_VALUES = 500
_SHORTEST = "10s"
_TAG_KEY, _TAG_VALUE = 128, 256  # the shapes TagKey and TagValue
_TIME = "^[0-9]{1,7}(s|m|h)$"


def spec_schema() -> Schema:
    """The schema of the spec. Nothing is defaulted: what is left out stays left out."""
    return {
        "description": "What is followed, how often, and how far to go.",
        "type": "object",
        "required": ["source"],
        "properties": {
            "source": source_schema(),
            **_pace(),
            **_reach(),
            **_combined_schema(),
            **_tags(),
            **described_schemas(),
        },
    }


def rules() -> list[Schema]:
    """What concerns the whole object."""
    return [
        {
            "rule": f"self.metadata.name.matches('{_NAMED}')",
            "message": f"metadata.name has at most {_LABEL} small letters, digits and dashes",
        },
        {
            "rule": "!has(self.spec.dependsOn) || !self.spec.dependsOn.exists(each, each == self.metadata.name)",
            "message": "a sync can't depend on itself",
            "fieldPath": ".spec.dependsOn",
        },
        *described_rules(),
    ]


def _pace() -> Schema:
    return {
        "interval": _time("Between looks at the repository, a tenth more or less; default 60s.", _SHORTEST),
        "driftInterval": _time("Between looks at the account when all is applied; default 10m.", _SHORTEST),
        "timeout": _time("After which a run that still waits for AWS has failed; default 1h.", "1s"),
        "suspend": {
            "description": "true changes nothing any more, deletions included.",
            "type": "boolean",
        },
    }


def _reach() -> Schema:
    return {
        "mode": {
            **text("Apply, or Plan: change nothing but what was approved. Default Apply."),
            "enum": ["Apply", "Plan"],
        },
        "prune": {
            "description": "true deletes what has no document any more; many at once wait for an approval.",
            "type": "boolean",
        },
        "deletion": {
            **text(
                "When this object is deleted: Orphan leaves everything in AWS, Delete deletes what it made. "
                "Default Orphan."
            ),
            "enum": ["Orphan", "Delete"],
        },
        "set": {
            **text(
                "Who owns what is made, in its tags; default namespace.name of this object. It begins with the "
                "namespace and a dot, unless the operator's tenants file allows another."
            ),
            "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$",
            "maxLength": _SET,
        },
    }


def _combined_schema() -> Schema:
    return {
        "dependsOn": {
            "description": "GitSyncs of this namespace that must be Ready before a run starts.",
            "type": "array",
            "maxItems": _MOST_NEEDS,
            "x-kubernetes-list-type": "set",
            "items": {"type": "string", "maxLength": _LABEL, "pattern": _NAMED},
        },
        "values": {
            "description": "Texts, numbers and switches for ${var.NAME} in documents.",
            "type": "object",
            "maxProperties": _MOST_VALUES,
            "additionalProperties": {"x-kubernetes-preserve-unknown-fields": True},
        },
        "secrets": {
            "description": "Secrets of this namespace that documents may read; none by default.",
            "type": "array",
            "maxItems": _MOST_SECRETS,
            "x-kubernetes-list-type": "set",
            "items": object_name(),
        },
    }


def _tags() -> Schema:
    keys = {
        "type": "array",
        "maxItems": MOST_TAGS,
        "x-kubernetes-list-type": "set",
        "items": {"type": "string", "minLength": 1, "maxLength": _TAG_KEY},
    }
    return {
        "defaultTags": {
            "description": "Tags of all that is made, under those of the documents; kinds without tags are left.",
            "type": "object",
            "maxProperties": MOST_TAGS,
            "additionalProperties": {"type": "string", "maxLength": _TAG_VALUE},
        },
        "ignoreTags": {
            "description": "Tags that others manage: they are neither compared nor overwritten.",
            "type": "object",
            "properties": {
                "keys": {**keys, "description": "Whole keys."},
                "keyPrefixes": {**keys, "description": "Beginnings of keys."},
            },
        },
    }


def _time(about: str, least: str) -> Schema:
    return {
        **text(about),
        "pattern": _TIME,
        "x-kubernetes-validations": [
            {"rule": f"duration(self) >= duration('{least}')", "message": f"it is {least} or longer"}
        ],
    }
