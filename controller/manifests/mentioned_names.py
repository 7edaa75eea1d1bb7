"""Names that a document may refer to, for an index that finds possible dependencies among many documents.

A mention is a superset of the links: it is found without the other documents. ``bundle`` finds the actual links.
"""

from typing import NamedTuple

from controller.core.ref import Ref
from controller.manifests.bundle import link_texts
from controller.manifests.claims import fixed_name, written_spec
from controller.manifests.document import Document
from controller.manifests.interpolation import outputs_in
from controller.schema.contract import contract
from controller.schema.names import to_aws

ANY = "*"


class MentionedName(NamedTuple):
    """A name of a kind in a namespace, case-folded; ``ANY`` for all of the kind."""

    kind: str
    namespace: str
    name: str


def mentions(document: Document) -> frozenset[MentionedName]:
    """The possible dependencies of a document."""
    kind_contract, here = contract(document.ref.kind), document.ref.namespace
    spec = to_aws(document.spec, kind_contract.spec)
    found = {MentionedName(kind, here, ANY) for kind in kind_contract.kind.identity.after}
    for text, links in link_texts(spec, kind_contract.kind.identity.links).values():
        for link in links:
            found |= _possible_names(link.to, here, text)
    found |= {_name_of(use.ref) for use in outputs_in(spec, here)}
    return frozenset(found)


def _possible_names(kind: str, here: str, text: str) -> set[MentionedName]:
    """The names that a text may stand for: a name, an AWS name, an ARN, ``Kind/name`` or ``namespace/name``."""
    last = text.rsplit("/", 1)[-1].casefold()
    found = {MentionedName(kind, here, last)}
    if text.count("/") == 1 and not text.startswith("arn:"):
        found.add(MentionedName(kind, text.split("/", maxsplit=1)[0], last))
    return found


def answers(document: Document) -> frozenset[MentionedName]:
    """The mentions that mean a document: its name, and its fixed name in AWS."""
    fixed = fixed_name(document, written_spec(document))
    named = MentionedName(document.ref.kind, document.ref.namespace, fixed.casefold())
    return frozenset({_name_of(document.ref), *([named] if fixed else [])})


def _name_of(ref: Ref) -> MentionedName:
    return MentionedName(ref.kind, ref.namespace, ref.name.casefold())
