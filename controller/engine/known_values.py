"""What is known of documents that others refer to: all that ``resolve`` may ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.core.cloud import CloudError, Identity
from controller.core.phase import Action, Phase
from controller.core.ref import Ref
from controller.engine.last_applied import kept_generation
from controller.engine.observed import Live, Vanished
from controller.engine.plan import Step
from controller.inventory.model import Inventory
from controller.manifests.resolve import Resolved

_TAGGING = frozenset({"AddTags", "DeleteTags"})
_REMAKES = frozenset({Action.REPLACE, Action.SUCCEED})


@dataclass
class KnownValues:
    """What a turn has seen so far, and what it is about to change; lives and dies with the turn.

    Attributes:
        live: what was found, by document.
        resolved: the wanted resources, as far as their references are known.
        errors: what could not be read.
        vanished: what the inventory holds and was not found, by document.
        others: what links name besides documents, by kind and text.
        home: the account and region that we work in.
        held: what we remember to own.
        changing: documents whose resource this turn updates: what they put out is known after.
        remade: documents whose resource this turn makes anew: nothing of it is known before.

    """

    live: dict[Ref, Live] = field(default_factory=dict)
    resolved: dict[Ref, Resolved] = field(default_factory=dict)
    errors: dict[Ref, CloudError] = field(default_factory=dict)
    others: Mapping[tuple[str, str], Live | CloudError | None] = field(default_factory=dict)
    vanished: dict[Ref, tuple[Vanished, ...]] = field(default_factory=dict)
    home: Identity | None = None
    held: Inventory | None = None
    changing: set[Ref] = field(default_factory=set)
    remade: set[Ref] = field(default_factory=set)

    def generation(self, resolved: Resolved) -> str | None:
        """The name of the generation that the inventory holds and that was made of this spec."""
        return kept_generation(resolved, self.held) if self.held else None

    def identifier(self, ref: Ref) -> str | None:
        """The AWS name, known before the resource is there; the ARN of a numbered one only after."""
        resolved, live = self.resolved.get(ref), self.live.get(ref)
        if resolved is not None and resolved.numbered:
            there = live is not None and live.phase is not Phase.DELETING and ref not in self.remade
            return live.name if live and there else None
        return resolved.name if resolved is not None and isinstance(resolved.name, str) else None

    def body(self, ref: Ref) -> Mapping[str, Any] | None:
        """The live body once it is ready."""
        live = self.live.get(ref)
        if live is None or live.phase is not Phase.READY or ref in self.remade:
            return None
        return {**live.body, f"{ref.kind}Arn": live.arn}

    def outputs(self, ref: Ref) -> Mapping[str, Any] | None:
        """The live body once it is ready and stays as it is."""
        return None if ref in self.changing else self.body(ref)

    def outside(self, kind: str, text: str) -> Mapping[str, Any] | None:
        """The live body of a linked resource that no document stands for."""
        live = self.others.get((kind, text))
        return {**live.body, f"{kind}Arn": live.arn} if isinstance(live, Live) else None

    def foresee(self, step: Step) -> None:
        """Note what a step will change, for those who read from it."""
        calls = {call.operation for call in step.calls} - _TAGGING
        if step.acts and (calls or not step.calls):
            self.changing.add(step.ref)
            self.remade |= {step.ref} if step.action in _REMAKES else set()
