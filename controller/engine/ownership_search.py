"""The inventory entries that follow from resources of the account, with the proofs that these belong to the set."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from controller.core.digest import canonical
from controller.core.path import expand
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.diff import diff
from controller.engine.discovery import DiscoveredResource, Name
from controller.engine.lookup import CREATED, carries_tags
from controller.engine.observed import (
    DIGEST,
    Live,
    ObservedAccount,
    Owner,
    digest_tag,
    document_of,
    is_truncated,
)
from controller.engine.provenance import instance_of, owner_shown
from controller.engine.sensitive import recorded_spec
from controller.inventory.model import UNPROVED, Entry, Generation, Inventory
from controller.kinds import KINDS
from controller.manifests.bundle import Bundle
from controller.manifests.document import Deletion
from controller.manifests.resolve import HASH_DIGITS, Resolved
from controller.schema.contract import contract
from controller.schema.identifiers import applicable_links, named_within

_COPIED = (
    "it carries the ownership tag, but not a name that this document gives; the tag may have been copied"
)
_CUT = (
    "its ownership tag is truncated, because its document's name is long, and matches no document of this run; "
    "it is not changed: include that document"
)
_UNTAGGED = (
    "its kind shows no tags, and it differs from its document or is linked to nothing of this set, so it "
    "stays as it is; if it is yours, policy.adopt: IfUnowned takes it over: it is then changed to what the "
    "document says, and deleted with it"
)


class OwnershipProof(Enum):
    """The proof that a resource belongs to this set; the value is that of the JSON output."""

    TAG = "owner_tag"
    MARKER = "owner_marker"
    LINK = "linked_and_equal"


@dataclass(frozen=True)
class UnprovenResource:
    """A resource that may be this set's and is left out, with the reason."""

    ref: Ref
    name: str
    why: str


def own_document(owner: str, of: str) -> Ref | None:
    """The document of the set ``of`` that an owner names; None if it names none, or one of an unknown kind."""
    ref = document_of(owner, of)
    return ref if ref is not None and ref.kind in KINDS else None


@dataclass(frozen=True)
class RecoveredEntry:
    """The entry of one document, its proof, and the resources that were left out."""

    entry: Entry
    proof: OwnershipProof
    unproved: tuple[UnprovenResource, ...] = ()


@dataclass(frozen=True)
class OwnershipSearch:
    """The observed resources, and the entries that follow from them."""

    bundle: Bundle
    inventory: Inventory
    observed: ObservedAccount
    found: tuple[DiscoveredResource, ...]

    def find_marked(self) -> dict[Ref, RecoveredEntry]:
        """The resources with the ownership tag or the marker, by document."""
        by_document: dict[Ref, list[tuple[Live, OwnershipProof]]] = {}
        known = {
            str(Owner(self.inventory.set, ref)): ref
            for ref in {*self.bundle.resources, *self.inventory.entries}
        }
        for each in self.found:
            kind_contract = contract(each.name.kind)
            owner = owner_shown(kind_contract, each.live) or ""
            ref = known.get(owner) or own_document(owner, self.inventory.set)
            tagged = carries_tags(kind_contract, each.live.body)
            proof = OwnershipProof.TAG if tagged else OwnershipProof.MARKER
            if ref is not None and ref.kind == each.name.kind and each.live.phase is not Phase.DELETING:
                by_document.setdefault(ref, []).append((each.live, proof))
        return {ref: self._entry_for(ref, live_resources) for ref, live_resources in by_document.items()}

    def _entry_for(self, ref: Ref, found: list[tuple[Live, OwnershipProof]]) -> RecoveredEntry:
        live_resources = sorted((live for live, _ in found), key=_age)
        if is_truncated(ref):
            cut = tuple(UnprovenResource(ref, live.name, _CUT) for live in live_resources)
            return RecoveredEntry(self.inventory.of(ref), found[0][1], cut)
        now = self._current(ref, live_resources)
        others = [live for live in live_resources if live is not now]
        kept = [live for live in others if now is not None and _is_generation_of(ref, live)]
        left = tuple(UnprovenResource(ref, live.name, _COPIED) for live in others if live not in kept)
        entry = self._entry(ref, now, kept) if now is not None else self.inventory.of(ref)
        return RecoveredEntry(entry, found[0][1], left)

    def _current(self, ref: Ref, live_resources: list[Live]) -> Live | None:
        """The document's current resource; else the newest of its name or generations; else the only one.

        Copies of a resource carry its tags, so none of several resources with other names is taken.
        """
        desired = self.observed.live.get(ref)
        named = [live for live in live_resources if desired is not None and live.name == desired.name]
        likely = [live for live in live_resources if live.name == ref.name or _is_generation_of(ref, live)]
        known = [live for live in live_resources if self.inventory.of(ref).holds(live.name)]
        return next(
            (each[-1] for each in (named, known, likely) if each),
            live_resources[0] if len(live_resources) == 1 else None,
        )

    def _entry(self, ref: Ref, now: Live, old: Iterable[Live]) -> Entry:
        before = self.inventory.of(ref)
        known = [*before.old]
        if before.holds(before.name):
            known.append(Generation(before.name, before.arn, before.instance))
        olds = [*known, *(Generation(live.name, live.arn, _instance(ref, live)) for live in old)]
        others = {each.name: each for each in olds if each.name not in ("", now.name)}
        kept = before if before.name == now.name and before.holds(now.name) else Entry(ref)
        made = kept.made or 1 + len(others)  # each generation was created at least once
        kept = replace(kept, name=now.name, arn=now.arn, made=made, old=tuple(others.values()))
        kept = replace(
            kept, instance=_instance(ref, now), applied=kept.applied or self._proved_spec(ref, now)
        )
        return replace(kept, deletion=kept.deletion or self._deletion(ref))

    def _proved_spec(self, ref: Ref, now: Live) -> Mapping[str, Any] | None:
        """The spec, if the digest tag proves that a resource without the generation's name has it."""
        desired, tag = self.observed.resolved.get(ref), (now.tags or {}).get(DIGEST)
        if not (desired and desired.has_hashed_name and desired.digest and tag == digest_tag(desired.digest)):
            return None
        contract = desired.resource.contract
        return recorded_spec(
            {**desired.spec, contract.name_member: now.name}, desired.resource, self.inventory.key
        )

    def _deletion(self, ref: Ref) -> Deletion | None:
        """The document's deletion policy. Without a document it is unknown: each deletion needs a confirmation."""
        if ref in self.bundle.resources:
            return self.bundle.resources[ref].policy.deletion
        return None if KINDS[ref.kind].lifecycle.runs else Deletion.CONFIRM

    def find_linked(
        self, proved: Mapping[Ref, RecoveredEntry], refs: Iterable[Ref]
    ) -> dict[Ref, RecoveredEntry]:
        """The resources without tags that equal their document and link to proved ones."""
        owned = self._proved_names(proved)
        found: dict[Ref, RecoveredEntry] = {}
        for ref in refs:
            row, kind_contract = KINDS[ref.kind], contract(ref.kind)
            if kind_contract.taggable or row.lifecycle.shared or self.inventory.of(ref).name:
                continue
            candidates = self._candidates_for(ref)
            equal = [
                each
                for each in candidates
                if _links_to_owned(each, owned) and _equal(self.observed.resolved[ref], each)
            ]
            if not equal and candidates and row.identity.key is not None:
                left = UnprovenResource(ref, candidates[0].live.name, _UNTAGGED)
                found[ref] = RecoveredEntry(self.inventory.of(ref), OwnershipProof.LINK, (left,))
            if equal:
                entry = self._entry(ref, max(equal, key=lambda each: _age(each.live)).live, ())
                desired = self.observed.resolved[ref]
                applied = recorded_spec(desired.spec, desired.resource, self.inventory.key)
                found[ref] = RecoveredEntry(replace(entry, applied=applied), OwnershipProof.LINK)
        return found

    def _candidates_for(self, ref: Ref) -> list[DiscoveredResource]:
        """The candidates for a document's resource: the one of its key, or all of a numbered kind."""
        if self.observed.resolved[ref].has_assigned_identity:
            return [each for each in self.found if each.name.kind == ref.kind]
        live, spec = self.observed.live.get(ref), self.observed.resolved[ref].spec
        given = {member: spec[member] for member in KINDS[ref.kind].identity.key or () if member in spec}
        return [DiscoveredResource(Name(ref.kind, live.name, given), live)] if live else []

    def _proved_names(self, proved: Mapping[Ref, RecoveredEntry]) -> frozenset[tuple[str, str]]:
        """The names and ARNs of all proved or earlier recorded resources, by kind."""
        entries = {**self.inventory.entries, **{ref: each.entry for ref, each in proved.items()}}
        return frozenset(
            (ref.kind, text.casefold())
            for ref, entry in entries.items()
            for each in (Generation(entry.name, entry.arn, entry.instance), *entry.old)
            for text in (each.name, each.arn)
            if text and entry.holds(each.name) and each.instance != UNPROVED
        )


def is_generation_name(name: str, of: str) -> bool:
    """Whether a name is that of a generation of the document called ``of``."""
    return re.fullmatch(rf"{re.escape(of)}-[0-9a-f]{{{HASH_DIGITS}}}", name) is not None


def _instance(ref: Ref, live: Live) -> str:
    """The instance of a recovered resource that carries no owner."""
    kind_contract = contract(ref.kind)
    return (
        ""
        if owner_shown(kind_contract, live) or carries_tags(kind_contract, live.body)
        else instance_of(kind_contract, live)
    )


def _age(live: Live) -> str:
    return str(next((live.body[name] for name in CREATED if live.body.get(name)), live.modified))


def _is_generation_of(ref: Ref, live: Live) -> bool:
    """Whether its name is one of this document's generations: by the hash, or by the service's number."""
    row = KINDS[ref.kind]
    if (
        row.identity.found_by is not None
        and row.identity.found_by.marker
        and row.identity.found_by.when in live.body
    ):
        return True
    return row.lifecycle.has_hashed_names and is_generation_name(live.name, ref.name)


def _links_to_owned(each: DiscoveredResource, owned: frozenset[tuple[str, str]]) -> bool:
    """Whether one of its links names a resource that this set provably owns."""
    return any(
        (link.to, (named_within(link, str(text)) or "").casefold()) in owned
        for link in applicable_links(KINDS[each.name.kind].identity.links, each.live.body)
        for _, text in expand({**each.live.body, **each.name.given}, link.field)
    )


def _equal(resolved: Resolved, each: DiscoveredResource) -> bool:
    """Whether it equals its document, as far as the service shows it."""
    if resolved.unknown or diff(resolved, each.live.body, ()):
        return False
    given: Mapping[str, Any] = each.name.given
    return all(
        _contains(value, resolved.spec[name]) for name, value in given.items() if name in resolved.spec
    )


def _contains(shown: Any, desired: Any) -> bool:
    """Whether a further read contains the desired value; it may show more, such as parameters at their defaults."""
    if isinstance(shown, list) and isinstance(desired, list):
        return all(any(canonical(each) == canonical(item) for each in shown) for item in desired)
    return canonical(shown) == canonical(desired)
