"""What an approval is bound to: a mark of each step, the content of all steps, and its fingerprint.

A mark covers the inputs of the step's decision: the desired spec, tags and policy, the live resource with its tags and
change stamp, and the digests of secrets. Once the set has an inventory, marks are keyed with its key, so that they
cover sensitive values too and nobody can guess those from a plan file; before, they leave them out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from controller.core.digest import canonical, digest, keyed_digest
from controller.core.path import without_value
from controller.core.ref import Ref
from controller.engine.compare import is_empty, live_member
from controller.engine.ignored_members import ignored_paths, ignores_tag
from controller.engine.observed import Live, ObservedAccount
from controller.engine.plan import ConfirmationRequired, LiveDetails, Step
from controller.inventory.model import Inventory
from controller.manifests.bundle import Bundle, Resource
from controller.schema.contract import Contract, contract
from controller.schema.sensitive import mask_sensitive

Secrets = Mapping[Ref, Mapping[str, str]]


def with_marks(
    steps: Iterable[Step], bundle: Bundle, inventory: Inventory, observed: ObservedAccount, secrets: Secrets
) -> list[Step]:
    """The steps, each with the observed details of its resource and its mark."""
    live_resources = _live_resources(observed)
    marked = []
    for step in steps:
        live, kind_contract = live_resources.get((step.ref, str(step.name))), contract(step.ref.kind)
        resource = bundle.resources.get(step.ref)
        patterns = resource.sensitive if resource else frozenset(inventory.of(step.ref).sensitive)
        record = [
            repr(resource.policy) if resource else "",
            _facts(live, kind_contract, inventory, resource, patterns),
            _desired_value(step, kind_contract, inventory, patterns),
            _tags(resource),
            dict(secrets.get(step.ref, {})),
        ]
        mark = keyed_digest(inventory.key, canonical(record)) if inventory.entries else digest(record[:-1])
        marked.append(
            replace(step, seen=_live_details(live, step, kind_contract) if live else None, mark=mark)
        )
    return marked


def content(
    steps: Iterable[Step], confirmations: Iterable[ConfirmationRequired], observed: ObservedAccount
) -> str:
    """The changes and their inputs, independent of the command and of the documents' source."""
    lines = [
        [step.id, step.action.name, step.why.value, step.withheld, step.mark, _operations(step)]
        for step in steps
    ]
    stops = [[required.message, sorted(required.deletions)] for required in confirmations]
    return digest([observed.identity.account, observed.identity.region, lines, stops])


def fingerprint(of: str, inventory: Inventory, bound: Mapping[str, Any]) -> str:
    """The fingerprint of a plan with this content: the identity, and what else is bound, is part of it."""
    return digest([inventory.set, dict(bound), of])


def _operations(step: Step) -> list[str]:
    return [call.operation for call in step.calls]


def _live_resources(observed: ObservedAccount) -> dict[tuple[Ref, str], Live]:
    """The observed resources, by document and AWS name."""
    several = (*observed.old.items(), *observed.orphans.items())
    live_resources = {(ref, live.name): live for ref, each in several for live in each}
    return live_resources | {(ref, live.name): live for ref, live in observed.live.items()}


def _facts(
    live: Live | None,
    contract: Contract,
    inventory: Inventory,
    resource: Resource | None,
    patterns: frozenset[str],
) -> Any:
    """The facts of a live resource without ignored members, which may change while a plan waits for approval."""
    if live is None:
        return None
    body: Any = {name: live.body[name] for name in sorted(contract.settable) if name in live.body}
    for path in ignored_paths(resource) if resource else ():
        body = without_value(body, path)
    tags = live.tags
    if resource and tags is not None:
        tags = {key: value for key, value in tags.items() if not ignores_tag(resource, key)}
    shown = body if inventory.entries else mask_sensitive(body, contract.body, patterns=patterns)
    return [
        live.arn,
        live.phase.value,
        live.status,
        live.modified,
        tags,
        shown,
        sorted(_read(live, contract, frozenset() if inventory.entries else patterns)),
    ]


def _read(live: Live, contract: Contract, patterns: frozenset[str]) -> list[str]:
    """The members that the row reads under another name; sensitive only if the document marks them."""
    found = {name: read(live.body) for name, read in contract.kind.compare.reads.items()}
    return [canonical(list(each)) for each in mask_sensitive(found, None, patterns=patterns).items()]


def _desired_value(step: Step, contract: Contract, inventory: Inventory, patterns: frozenset[str]) -> Any:
    return step.after if inventory.entries else mask_sensitive(step.after, contract.spec, patterns=patterns)


def _tags(resource: Resource | None) -> Any:
    """The desired tags, including those of the whole set, and the ignored tags: calls lack their values."""
    if resource is None:
        return None
    ignored = resource.ignored_tags
    return [dict(resource.tags), sorted(ignored.keys), sorted(ignored.prefixes)]


def _live_details(live: Live, step: Step, contract: Contract) -> LiveDetails:
    named = set(step.before or {})
    shown = {
        name: value
        for name in sorted(contract.settable - named - contract.identity)
        if not is_empty(value := live_member(name, live.body, contract.kind))
    }
    return LiveDetails(live.tags, shown, live.status, live.modified)
