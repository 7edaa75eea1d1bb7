"""What the inventory remembers of a spec, read by its normal form: other spellings and older digests are no change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from controller.engine.sensitive import kept_spec
from controller.inventory.model import Attempt, Entry, Inventory
from controller.manifests.resolve import Resolved, hashed_name, normal_content


def kept_generation(resolved: Resolved, held: Inventory) -> str | None:
    """The name of the remembered resource that was made of this spec; None where none was.

    What was applied is compared, not the hash in the name: a name may carry the digest of another spelling, or of an
    earlier release, or be one that the document gave once or took over (``policy.arn``). Of a creation that was begun
    and not finished only the name is known.
    """
    entry, contract = held.of(resolved.resource.ref), resolved.resource.contract
    if entry.attempt is not None and entry.name == hashed_name(resolved, resolved.spec):
        return entry.name
    name = str((entry.applied or {}).get(contract.name_member, ""))
    same = same_lasting(resolved, entry.applied, kept_spec(resolved.spec, resolved.resource, held.key))
    return name if same and entry.holds(name) else None


def same_lasting(resolved: Resolved, applied: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> bool:
    """Whether two remembered specs are equal in all that no Update can change."""
    if applied is None:
        return False
    contract = resolved.resource.contract
    before, now = (normal_content(dict(each), resolved.resource, resolved.home) for each in (applied, wanted))
    return contract.lasting(before) == contract.lasting(now)


def with_present_digests(entry: Entry, resolved: Resolved) -> Entry:
    """The entry with attempts of this spec under its present digest, where an earlier release noted them."""
    return replace(entry, attempt=_renewed(entry.attempt, resolved), failed=_renewed(entry.failed, resolved))


def _renewed(attempt: Attempt | None, resolved: Resolved) -> Attempt | None:
    if attempt is None or not resolved.written or not attempt.digest.startswith(resolved.written):
        return attempt
    retry = attempt.digest.removeprefix(resolved.written)
    return replace(attempt, digest=f"{resolved.digest}{retry}")
