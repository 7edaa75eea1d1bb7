"""An object of the cluster as the operator caches it: its spec as a document, and its last status."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from controller.core.finding import Code, Finding, Origin, errors
from controller.core.path import expand
from controller.core.ref import Ref, is_subdomain
from controller.crds.prune import mismatches, prune_mistyped
from controller.crds.scalar import Schema
from controller.crds.status import UNOBSERVED, status_schema
from controller.crds.sync_spec import spec_schema as sync_spec
from controller.crds.sync_status import status_schema as sync_status
from controller.engine.advice import OBJECT, findings_with_advice
from controller.kinds import KINDS
from controller.manifests.claims import fixed_name, shared_value, written_spec
from controller.manifests.document import Document
from controller.manifests.load import read_object
from controller.manifests.mentioned_names import MentionedName, answers, mentions
from controller.operator.constants import FINALIZER, REQUEST_ANNOTATIONS
from controller.operator.managed_fields import NO_OTHERS, StatusOwners, status_owners
from controller.runtime.bounded_text import DEEPEST, is_deep
from controller.runtime.log import object_fields
from controller.schema.contract import contract
from controller.schema.secret_references import references

_log = logging.getLogger("sagectl.cached_object")


@dataclass(frozen=True)
class ParsedObject:
    """The parsed parts of an object, which are kept while its generation is unchanged."""

    document: Document | None
    findings: tuple[Finding, ...]
    mentions: frozenset[MentionedName]
    answers: frozenset[MentionedName]
    fixed: str  # its name in AWS, if its spec determines it
    shared: str = ""  # the values that are unique in an account (column ``unique``); empty if none
    secrets: frozenset[str] = frozenset()  # the names of the Secrets that it names

    @property
    def is_valid(self) -> bool:
        """Whether it is valid."""
        return self.document is not None and not errors(self.findings)


@dataclass(frozen=True)
class Item:
    """One object.

    ``value`` is the API server's object without ``managedFields`` and without members of wrong types in metadata and
    status; only ``status.memory``, which must not be lost, is kept unchanged. The spec of a GitSync is filtered
    likewise. ``owners`` are the field owners of the status, if others own parts of it.
    """

    ref: Ref
    value: Mapping[str, Any]
    parsed: ParsedObject
    owners: StatusOwners = NO_OTHERS

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Its metadata."""
        metadata: Mapping[str, Any] = self.value["metadata"]
        return metadata

    @property
    def uid(self) -> str:
        """Its UID, which distinguishes it from another object that has, or had, its name."""
        return str(self.metadata.get("uid", ""))

    @property
    def version(self) -> str:
        """Its resource version, which changes with every write."""
        return str(self.metadata.get("resourceVersion", ""))

    @property
    def age(self) -> tuple[str, str]:
        """The sort key by age, the oldest first: RFC 3339 in UTC, which sorts as text, then the UID."""
        return str(self.metadata.get("creationTimestamp", "")), self.uid

    @property
    def generation(self) -> int:
        """Its generation, which changes with its spec and policy."""
        return int(self.metadata.get("generation", 0))

    @property
    def is_deleting(self) -> bool:
        """Whether its deletion was requested."""
        return "deletionTimestamp" in self.metadata

    @property
    def is_gone(self) -> bool:
        """Whether the API server deletes it with this version: it is being deleted, and has no finalizer."""
        return self.is_deleting and not self.metadata.get("finalizers")

    @property
    def has_finalizer(self) -> bool:
        """Whether it has our finalizer."""
        return FINALIZER in self.metadata.get("finalizers", ())

    @property
    def annotations(self) -> Mapping[str, str]:
        """Its annotations."""
        return self.metadata.get("annotations") or {}

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return self.metadata.get("labels") or {}

    @property
    def status(self) -> Mapping[str, Any]:
        """Its status."""
        status: Mapping[str, Any] = self.value["status"]
        return status

    @property
    def spec(self) -> Mapping[str, Any]:
        """Its spec as written; empty if it is not an object."""
        spec = self.value.get("spec")
        return spec if isinstance(spec, Mapping) else {}

    @property
    def policy(self) -> Mapping[str, Any]:
        """Its policy, as written."""
        policy = self.value.get("policy")
        return policy if isinstance(policy, Mapping) else {}

    def condition(self, name: str) -> Mapping[str, Any]:
        """One of its conditions; empty where there is none."""
        return next((each for each in self.status.get("conditions", ()) if each.get("type") == name), {})

    @property
    def reason(self) -> str:
        """The reason of its last status, from the condition Synced, which is always present."""
        return str(self.condition("Synced").get("reason", ""))

    @property
    def ready(self) -> bool:
        """Whether its resource is ready and equal to its current spec."""
        condition = self.condition("Ready")
        return condition.get("status") == "True" and self.status.get("observedGeneration") == self.generation

    @property
    def is_settled(self) -> bool:
        """Whether dependents may rely on it."""
        return self.ready and not self.is_deleting

    @property
    def annotation_requests(self) -> tuple[str, ...]:
        """The requests in its annotations."""
        return tuple(self.annotations.get(name, "") for name in REQUEST_ANNOTATIONS)

    @property
    def dependable_state(self) -> tuple[Any, ...]:
        """The state that dependents use: when it changes they are reconciled."""
        status = self.status
        return (
            self.is_settled,
            status.get("awsName"),
            status.get("arn"),
            status.get("outputs"),
            bool(self.old_generations),
        )

    @property
    def old_generations(self) -> tuple[Mapping[str, Any], ...]:
        """The recorded old generations; none if the memory can't be read, which its own pass reports."""
        memory = self.status.get("memory")
        entry = memory.get("entry") if isinstance(memory, Mapping) else None
        held = entry.get("old") if isinstance(entry, Mapping) else None
        return tuple(held) if isinstance(held, list) else ()


def item(ref: Ref, value: Mapping[str, Any], before: Item | None) -> Item:
    """The item of an object; parsed parts are taken from the previous item if they can't have changed."""
    reduced, owners = _without_mistyped(ref, value), status_owners(value["metadata"])
    fresh = Item(ref, reduced, before.parsed if before else _NOTHING, owners)
    if before is not None and (before.uid, before.generation) == (fresh.uid, fresh.generation):
        return fresh
    document = {**reduced, "spec": value["spec"]} if "spec" in value else reduced
    try:
        return replace(fresh, parsed=_parse_object(ref, document, before))
    except Exception as error:  # noqa: BLE001 - an object that is not taken in would hold up all passes (roll.py)
        _log.exception("the object can't be read", extra={"fields": {**object_fields(ref)}})
        message = f"the operator can't read it ({type(error).__name__}); the rest is in its log"
        found = (Finding(Code.NOT_A_DOCUMENT, message, Origin(str(ref))),)
        return replace(fresh, parsed=_unparsed(ref, None, found, before))


_TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_METADATA: Schema = {
    "type": "object",
    "properties": {
        **{
            name: {"type": "string"}
            for name in ("uid", "resourceVersion", "creationTimestamp", "deletionTimestamp")
        },
        "generation": {"type": "integer"},
        "annotations": _TEXTS,
        "labels": _TEXTS,
        "finalizers": {"type": "array", "items": {}},
    },
}
_NOTHING = ParsedObject(None, (), frozenset(), frozenset(), "")


def _without_mistyped(ref: Ref, value: Mapping[str, Any]) -> dict[str, Any]:
    """The object without members of wrong types."""
    metadata = {name: each for name, each in value["metadata"].items() if name != "managedFields"}
    status, spec = value.get("status"), value.get("spec")
    memory = {"memory": status["memory"]} if isinstance(status, Mapping) and "memory" in status else {}
    reduced = {
        **value,
        "metadata": prune_mistyped(metadata, _METADATA),
        "status": {
            **_reconciled_status(_serializable(prune_mistyped(status, _schema(ref.kind, "status")))),
            **memory,
        },
    }
    if ref.kind not in KINDS:
        reduced["spec"] = {} if is_deep(spec) else prune_mistyped(spec, _schema(ref.kind, "spec"))
    return reduced


def _reconciled_status(status: dict[str, Any]) -> dict[str, Any]:
    """A status without the API server's default of an object that no operator has reconciled."""
    if status.get("observedGeneration") != UNOBSERVED:
        return status
    return {name: value for name, value in status.items() if name != "observedGeneration"}


@cache
def _schema(kind: str, part: str) -> Schema:
    """The definition's schema of a part of the object."""
    if kind not in KINDS:
        return sync_spec() if part == "spec" else sync_status()
    return status_schema()


def _parse_object(ref: Ref, value: Mapping[str, Any], before: Item | None) -> ParsedObject:
    if ref.kind not in KINDS:  # it declares no resource
        return replace(_NOTHING, findings=_wrong_types(ref, value["spec"]))
    document, found = read_object(value, str(ref))
    findings = findings_with_advice(found, OBJECT)
    if document is None or errors(findings):
        return _unparsed(ref, document, findings, before)
    written = written_spec(document)
    return ParsedObject(
        document,
        findings,
        mentions(document),
        answers(document),
        fixed_name(document, written),
        shared_value(document, written),
        _secrets(ref.kind, written),
    )


def _secrets(kind: str, written: Mapping[str, Any]) -> frozenset[str]:
    """The names of the Secrets to which a spec with AWS member names refers."""
    kind_contract = contract(kind)
    given = [value for pattern in kind_contract.secrets for _, value in expand(dict(written), pattern)]
    found = set()
    for value in (*given, *(each for _, each in references(written, kind_contract.referable))):
        inner = value.get("valueFrom", value) if isinstance(value, Mapping) else {}
        key = inner.get("secretKeyRef") if isinstance(inner, Mapping) else None
        if isinstance(key, Mapping) and is_subdomain(key.get("name")):
            found.add(str(key["name"]))
    return frozenset(found)


def _unparsed(
    ref: Ref, document: Document | None, findings: tuple[Finding, ...], before: Item | None
) -> ParsedObject:
    """The parsed parts of an invalid object: the names of its earlier version may still be in use in AWS."""
    named = before.parsed.mentions if before else frozenset()
    shared = before.parsed.shared if before else ""
    return ParsedObject(document, findings, named, frozenset({_name(ref)}), "", shared)


def _wrong_types(ref: Ref, spec: Any) -> tuple[Finding, ...]:
    """The members of a spec that have another type than in its definition."""
    schema = _schema(ref.kind, "spec")
    lines = [f"spec is nested deeper than {DEEPEST}"] if is_deep(spec) else mismatches(spec, schema, "spec")
    return tuple(Finding(Code.TYPE, each, Origin(str(ref))) for each in lines)


def _name(ref: Ref) -> MentionedName:
    return MentionedName(ref.kind, ref.namespace, ref.name.casefold())


def _serializable(status: Mapping[str, Any]) -> dict[str, Any]:
    """A status without members that are nested too deeply to be serialized."""
    return {name: value for name, value in status.items() if not is_deep(value)}
