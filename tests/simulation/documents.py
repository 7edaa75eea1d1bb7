"""Small random trees: a few kinds with what they need, each document in the texts that an edit may give it."""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from controller.core.finding import errors
from controller.core.ref import Ref
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.load import load_bytes
from tests.kinds.case import Case
from tests.kinds.cases import CASES

MOST = 8  # documents of a tree
_HEAD = re.compile(r"kind: (\S+)\nmetadata: \{name: ([^}]+)\}\n")
# Possible policies of a document; most have none.
POLICIES = (
    "",
    "",
    "",
    "",
    "",
    "replace: Allow",
    "adopt: IfUnowned",
    "adopt: Always",
    "deletion: Retain",
    "deletion: Delete",
)


@dataclass(frozen=True)
class Slot:
    """A document of a history, in each text that a step may write: those of its case, or the only one."""

    kind: str
    name: str
    texts: tuple[str, ...]

    @property
    def ref(self) -> Ref:
        """The reference of the document."""
        return Ref(self.kind, self.name)


def slot(text: str) -> Slot:
    """The slot of a document with one text."""
    found = _HEAD.search(text)
    assert found, text
    return Slot(found[1], found[2], (text,))


@lru_cache(256)
def variant_texts(kind: str, policy: str) -> tuple[str, ...]:
    """The valid texts of a kind's case, with a policy; the first are those that its updates distinguish."""
    case = CASES[kind]
    pairs = [pair for member, pair in case.changes.items() if member not in case.during]
    pairs += [case.frozen] if case.frozen[1] else []
    texts = [case.document(kind, extra, policy) for pair in pairs for extra in pair]
    return tuple(dict.fromkeys(text for text in texts or [case.document(kind)] if _valid(case, text)))


def _valid(case: Case, text: str) -> bool:
    return not bundle_of((*case.needs, text))[1]


@lru_cache(4096)
def bundle_of(documents: tuple[str, ...]) -> tuple[Bundle, bool]:
    """Documents as a bundle, and whether they have errors, with which no run accepts them."""
    loaded = load_bytes([(f"doc{i}.yaml", text.encode()) for i, text in enumerate(documents)])
    made = bundle(loaded.documents)
    return made, bool(errors((*loaded.findings, *made.findings)))


def draw_slots(chance: random.Random, kinds: Iterable[str]) -> tuple[Slot, ...]:
    """Documents of some kinds with their dependencies, at most ``MOST``.

    A kind is left out where a document that it needs is there already, with other production variants.
    """
    chosen: dict[Ref, Slot] = {}
    for kind in kinds:
        case = CASES[kind]
        texts = variant_texts(kind, chance.choice(POLICIES)) or variant_texts(kind, "")
        own = Slot(kind, case.name, tuple(chance.sample(texts, min(len(texts), 4))))
        needed = [*map(slot, case.needs), own]
        new = [each for each in needed if each.ref not in chosen]
        if chosen and len(chosen) + len(new) > MOST:
            continue
        if any(_variant_names(each) != _variant_names(chosen.get(each.ref, each)) for each in needed):
            continue
        chosen |= {each.ref: each for each in new}
    return tuple(chosen.values())


def _variant_names(slot: Slot) -> set[str]:
    return {name for text in slot.texts for name in re.findall(r"variantName: (\w+)", text)}


def rename_document(slot: Slot, name: str) -> Slot:
    """The document with another name; members of the spec that repeat the name stay."""
    texts = tuple(
        text.replace(f"metadata: {{name: {slot.name}}}", f"metadata: {{name: {name}}}") for text in slot.texts
    )
    return replace(slot, name=name, texts=texts)


def spoil_document(text: str) -> str:
    """The document with a value of the wrong type in place of its spec."""
    return re.sub(r"spec:\n(?:  .*\n)*", "spec: 7\n", text)


@dataclass
class WrittenDocument:
    """A document's present text and set."""

    slot: Slot
    variant: int = 0
    present: bool = True
    spoiled: bool = False
    of: str = "team"

    @property
    def text(self) -> str:
        """The text of the file."""
        text = self.slot.texts[self.variant % len(self.slot.texts)]
        return spoil_document(text) if self.spoiled else text
