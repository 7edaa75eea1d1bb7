"""An object of the cluster as the operator holds it: what it says, as a document, and how it stood."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.finding import Finding, errors
from controller.core.ref import Ref
from controller.desired.bundle import fixed_name
from controller.desired.document import Document
from controller.desired.mentions import Mention, answers, mentions
from controller.desired.objects import read_object
from controller.kinds import KINDS
from controller.operator.words import FINALIZER, STEERING


@dataclass(frozen=True)
class Said:
    """What the object's own text comes to; the same as long as its generation is."""

    document: Document | None
    findings: tuple[Finding, ...]
    mentions: frozenset[Mention]
    answers: frozenset[Mention]
    fixed: str  # its name in AWS, as far as the text settles it

    @property
    def good(self) -> bool:
        """Whether it can be worked with."""
        return self.document is not None and not errors(self.findings)


@dataclass(frozen=True)
class Item:
    """One object. ``value`` is as the API server has it, without ``managedFields``."""

    ref: Ref
    value: Mapping[str, Any]
    said: Said

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Kubernetes' own part."""
        told: Mapping[str, Any] = self.value["metadata"]
        return told

    @property
    def uid(self) -> str:
        """Tells it from another object that has, or had, its name."""
        return str(self.metadata["uid"])

    @property
    def version(self) -> str:
        """Changes with every write."""
        return str(self.metadata["resourceVersion"])

    @property
    def generation(self) -> int:
        """Changes with its spec and policy."""
        return int(self.metadata.get("generation", 0))

    @property
    def deleting(self) -> bool:
        """Whether somebody asked for its end."""
        return "deletionTimestamp" in self.metadata

    @property
    def held(self) -> bool:
        """Whether our finalizer keeps it."""
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
        """What was last reported of it."""
        return self.value.get("status") or {}

    @property
    def policy(self) -> Mapping[str, Any]:
        """How to go about it, as written."""
        told = self.value.get("policy")
        return told if isinstance(told, Mapping) else {}

    def condition(self, name: str) -> Mapping[str, Any]:
        """One of its conditions; empty where there is none."""
        return next((each for each in self.status.get("conditions", ()) if each.get("type") == name), {})

    @property
    def ready(self) -> bool:
        """Whether its resource was ready and equal to the spec that it has now."""
        told = self.condition("Ready")
        return told.get("status") == "True" and self.status.get("observedGeneration") == self.generation

    @property
    def settled(self) -> bool:
        """Whether others may build on it."""
        return self.ready and not self.deleting

    @property
    def steered(self) -> tuple[str, ...]:
        """What its annotations ask of us."""
        return tuple(self.annotations.get(name, "") for name in STEERING)

    @property
    def lent(self) -> tuple[Any, ...]:
        """What others may build on: when it changes they are to look again."""
        told = self.status
        return self.settled, told.get("awsName"), told.get("arn"), told.get("outputs"), bool(self.old)

    @property
    def old(self) -> tuple[Mapping[str, Any], ...]:
        """Old generations that are remembered; none where the memory is no memory, which its own turn tells."""
        entry = (self.status.get("memory") or {}).get("entry")
        held = entry.get("old") if isinstance(entry, Mapping) else None
        return tuple(held) if isinstance(held, list) else ()


def item(ref: Ref, value: Mapping[str, Any], before: Item | None) -> Item:
    """The item of an object; what it says is taken from before where it can't have changed."""
    metadata = {name: each for name, each in value["metadata"].items() if name != "managedFields"}
    slim = {**value, "metadata": metadata}
    fresh = Item(ref, slim, before.said if before else _NOTHING)
    if before is not None and (before.uid, before.generation) == (fresh.uid, fresh.generation):
        return fresh
    return Item(ref, slim, _said(ref, slim, before))


_NOTHING = Said(None, (), frozenset(), frozenset(), "")


def _said(ref: Ref, value: Mapping[str, Any], before: Item | None) -> Said:
    if ref.kind not in KINDS:
        return _NOTHING  # it stands for no resource
    document, findings = read_object(value, str(ref))
    if document is None or errors(findings):
        # What it named before it became nonsense it may still be on in AWS.
        named = before.said.mentions if before else frozenset()
        return Said(document, findings, named, frozenset({_name(ref)}), "")
    return Said(document, findings, mentions(document), answers(document), fixed_name(document))


def _name(ref: Ref) -> Mention:
    return Mention(ref.kind, ref.namespace, ref.name.casefold())
