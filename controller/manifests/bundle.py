"""Compiles documents into a bundle: specs with AWS member names, links, output references, and a topological order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from controller.core.cloud import Json
from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code, Finding, Severity
from controller.core.path import Path, expand
from controller.core.ref import Ref
from controller.kinds import Link
from controller.manifests.claims import fixed_name, shared_message, shared_value, written_spec
from controller.manifests.document import NO_TAGS, Document, IgnoredTags, Policy
from controller.manifests.interpolation import OutputRef, OutputUse, outputs_in, pieces
from controller.manifests.presets import with_preset
from controller.schema.contract import KEY_GAP, Contract, contract
from controller.schema.identifiers import applicable_links, may_name, named_within
from controller.schema.names import aws_path, camel_path, lower_camel
from controller.schema.sensitive import pattern

_NEAR = 0.8  # similarity of two names; less similar ones mostly differ on purpose
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class LinkedField:
    """A linked field as written: where, by which link, the text, and the document that it names, if any."""

    path: Path
    link: Link
    text: str
    target: Ref | None


@dataclass(frozen=True)
class Resource:
    """One desired resource. ``spec`` has AWS member names and no tags; links and outputs are as written.

    ``ignored_tags`` are those that the whole set leaves alone. ``remembered`` are the values with which ignored members
    were last applied, None for absent, where a change would make another resource. ``sensitive_digests`` are the keyed
    digests of what is sensitive, by pattern, and ``marks`` stand for those values in digests that are not keyed.
    """

    ref: Ref
    spec: Json
    tags: Mapping[str, str]
    policy: Policy
    document: Document
    links: tuple[LinkedField, ...]
    outputs: tuple[OutputUse, ...]
    needs: frozenset[Ref]
    ignored_tags: IgnoredTags = NO_TAGS
    remembered: Mapping[Path, Any] = field(default_factory=dict)
    sensitive_digests: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The patterns (``service.sensitive``) whose values are not shown: those of the policy, now and earlier."""
        contract = self.contract
        marked = (pattern(aws_path(path, contract.spec), contract) for path in self.policy.sensitive)
        return frozenset(self.sensitive_digests).union(marked)

    @cached_property
    def contract(self) -> Contract:
        """The contract of its kind."""
        return contract(self.ref.kind)


@dataclass(frozen=True)
class Bundle:
    """The desired state. ``order`` is topological, and independent of the documents' order."""

    resources: Mapping[Ref, Resource]
    order: tuple[Ref, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def invalid_documents(self) -> tuple[Ref, ...]:
        """The documents whose check failed: their desired state is unknown."""
        return tuple(ref for ref in self.order if self.resources[ref].document.faults)

    def users_of(self, ref: Ref) -> tuple[Ref, ...]:
        """The documents that depend on this one."""
        return self._users.get(ref, ())

    @cached_property
    def _users(self) -> Mapping[Ref, tuple[Ref, ...]]:
        users: dict[Ref, list[Ref]] = {}
        for other in self.order:
            for need in self.resources[other].needs:
                users.setdefault(need, []).append(other)
        return {need: tuple(others) for need, others in users.items()}


def bundle(documents: Iterable[Document], *, across_namespaces: bool = False) -> Bundle:
    """Compile documents.

    Args:
        documents: in any order. Invalid ones may be among them, to find further errors and so that they do not seem to
            be missing; such a bundle is never applied (``Bundle.faulty``).
        across_namespaces: whether a link may name a document of another namespace.

    """
    known = {document.ref: document for document in sorted(documents, key=lambda d: d.ref)}
    compilation = _Compilation(known, across_namespaces)
    compilation.claim_names()
    resources = {ref: compilation.resource(document) for ref, document in known.items()}
    order = _order(resources, compilation.findings)
    return Bundle(resources, order, tuple(compilation.findings))


@dataclass
class _Compilation:
    """The state of a compilation.

    ``names`` has the document that claims an AWS name, by kind and case-folded name; ``by_kind`` has the names of the
    documents by kind and namespace, and ``written`` the specs with AWS member names until their resources are built.
    """

    known: Mapping[Ref, Document]
    across: bool
    names: dict[tuple[str, str], Ref] = field(default_factory=dict)
    values: dict[tuple[str, str], Ref] = field(default_factory=dict)
    by_kind: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    written: dict[Ref, dict[str, Any]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def claim_names(self) -> None:
        """Record the AWS names that documents fix; two claims of one name are a finding on both."""
        for ref, document in self.known.items():
            written = self.written[ref] = written_spec(document)
            name = fixed_name(document, written)
            other = self.names.setdefault((ref.kind, name.casefold()), ref) if name else ref
            if other != ref:
                self._report_same_name(ref, other, name)
                self._report_same_name(other, ref, name)
            if KEY_GAP in name:
                within = contract(ref.kind).link_name(name).casefold()
                self.names.setdefault((ref.kind, within), ref)
            value = shared_value(document, written)
            first = self.values.setdefault((ref.kind, value), ref) if value else ref
            if first != ref:
                self._check_exclusive(ref, first)
                self._check_exclusive(first, ref)

    def _check_exclusive(self, ref: Ref, other: Ref) -> None:
        """Add a finding for two documents whose resources can't exist in one account."""
        members = contract(ref.kind).kind.identity.unique or ()
        message = shared_message(ref, f"{other} ({self.known[other].origin})")
        hint = "keep one of the two documents, and name it wherever the other one is named"
        document = self.known[ref]
        path = ("spec", lower_camel(members[0])) if members else ()
        self.findings.append(Finding(Code.SAME_AWS_NAME, message, document.origin_of(path), path, hint))

    def _report_same_name(self, ref: Ref, other: Ref, name: str) -> None:
        message = f"{ref} and {other} ({self.known[other].origin}) have the same AWS name '{name}'"
        hint = "rename one of them"
        self.findings.append(Finding(Code.SAME_AWS_NAME, message, self.known[ref].origin, hint=hint))

    def _tags(self, document: Document, fields: Mapping[str, str]) -> dict[str, str]:
        """The tags as they are sent; they can't contain output references."""
        out = {}
        for key, text in fields.items():
            parts = pieces(text)
            if any(isinstance(part, OutputRef) for part in parts):
                message = f"the tag '{key}' holds an output reference, which is known only later"
                self.findings.append(
                    Finding(
                        Code.BAD_REFERENCE,
                        message,
                        document.origin_of(("tags", key)),
                        hint="write $${ for ${",
                    )
                )
            out[key] = "".join(map(str, parts))
        return out

    def resource(self, document: Document) -> Resource:
        """Compile one document."""
        kind_contract = contract(document.ref.kind)
        spec, findings = with_preset(document, self.written.pop(document.ref), kind_contract.kind)
        self.findings += findings
        tags = self._tags(document, spec.pop("Tags", None) or {})
        links = tuple(
            linked
            for path, (text, fitting) in link_texts(spec, kind_contract.kind.identity.links).items()
            if (linked := self._link_target(document, path, text, fitting))
        )
        outputs = outputs_in(spec, document.ref.namespace)
        for use in outputs:
            self._check_output(document, use)
        namespace = document.ref.namespace
        needs = {
            Ref(kind, name, namespace)
            for kind in kind_contract.kind.identity.after
            for name in self._names_of(kind, namespace)
        }
        needs |= {linked.target for linked in links if linked.target}
        needs |= {use.ref for use in outputs if use.ref in self.known}
        return Resource(document.ref, spec, tags, document.policy, document, links, outputs, frozenset(needs))

    def _names_of(self, kind: str, namespace: str) -> list[str]:
        """The documents of a kind in a namespace, in order."""
        if not self.by_kind:
            for ref in self.known:
                self.by_kind.setdefault((ref.kind, ref.namespace), []).append(ref.name)
        return self.by_kind.get((kind, namespace), [])

    def _link_target(
        self, document: Document, path: Path, text: str, links: tuple[Link, ...]
    ) -> LinkedField | None:
        """The target of a field; one that may name several kinds is written ``Kind/name`` if that is ambiguous.

        An ARN without a document in such a field gives None.
        """
        if len(links) == 1:
            target = self._target(document, path, links[0], text)
            if target is None and (text.startswith("arn:") or text.count("/") != 1):
                self._check_undeclared(document, path, links[0], text)
            return LinkedField(path, links[0], text, target)
        kind, _, name = text.partition("/")
        spec_links = [link for link in links if link.to == kind and not text.startswith("arn:")]
        if spec_links:
            target = self._document_of(document, path, Ref(kind, name, document.ref.namespace))
            return LinkedField(path, spec_links[0], name, target)
        found = [(link, target) for link in links if (target := self._target(document, path, link, text))]
        if len(found) > 1:
            choice = " or ".join(f"{link.to}/{text}" for link, _ in found)
            message = f"'{text}' may be any of {len(found)} documents"
            self.findings.append(_finding_at(document, path, Code.BAD_REFERENCE, message, f"write {choice}"))
        elif not found and not text.startswith("arn:"):
            message = f"'{text}' is neither an ARN nor a document of {', '.join(link.to for link in links)}"
            self.findings.append(_finding_at(document, path, Code.BAD_REFERENCE, message))
        return LinkedField(path, found[0][0], text, found[0][1]) if found else None

    def _check_undeclared(self, document: Document, path: Path, link: Link, text: str) -> None:
        """Check a text that names no document: it may name a resource of another owner, or be mistyped."""
        here = document.ref.namespace
        names = () if text.startswith("arn:") else self._names_of(link.to, here)
        near = did_you_mean(text, names, cutoff=_NEAR)
        if not may_name(text, link, contract(document.ref.kind), path):
            message = f"'{text[:_SHOWN]}' is neither a document nor a possible name or ARN of a {link.to}"
            self.findings.append(_finding_at(document, path, Code.BAD_REFERENCE, message, near))
        elif near:
            message = f"there is no document {link.to}/{text}, so it is treated as a name in AWS"
            finding = _finding_at(document, path, Code.BAD_REFERENCE, message, near)
            self.findings.append(replace(finding, severity=Severity.WARNING))

    def _target(self, document: Document, path: Path, link: Link, text: str) -> Ref | None:
        """The first that applies wins: a document's name, the AWS name of a document, an ARN of one."""
        here = document.ref.namespace
        if not text.startswith("arn:") and text.count("/") == 1:
            namespace, name = text.split("/")
            if namespace == here or self.across:
                return self._document_of(document, path, Ref(link.to, name, namespace))
            message = f"'{text}' is in another namespace than this document ({here or 'none'}), which is not allowed"
            self.findings.append(_finding_at(document, path, Code.CROSS_NAMESPACE, message))
            return None
        if Ref(link.to, text, here) in self.known:
            return Ref(link.to, text, here)
        by_name = self.names.get((link.to, text.rsplit("/", 1)[-1].casefold()))
        return by_name if by_name and (self.across or by_name.namespace == here) else None

    def _document_of(self, document: Document, path: Path, ref: Ref) -> Ref | None:
        if ref in self.known:
            return ref
        hint = did_you_mean(str(ref), map(str, self.known))
        self.findings.append(
            _finding_at(document, path, Code.BAD_REFERENCE, f"there is no document {ref}", hint)
        )
        return None

    def _check_output(self, document: Document, use: OutputUse) -> None:
        here = document.ref.namespace
        if use.ref.namespace != here and not self.across:
            message = f"{use.ref} is in another namespace than this document ({here or 'none'}), which is not allowed"
            self.findings.append(_finding_at(document, use.path, Code.CROSS_NAMESPACE, message))
            return
        if self._document_of(document, use.path, use.ref) is None:
            return
        problem, hint = use.problem()
        if problem:
            self.findings.append(_finding_at(document, use.path, Code.BAD_REFERENCE, problem, hint))


def link_texts(spec: Json, links: tuple[Link, ...]) -> dict[Path, tuple[str, tuple[Link, ...]]]:
    """The texts in the linked fields of a spec, with their possible links; a URL names no resource."""
    found: dict[Path, tuple[str, tuple[Link, ...]]] = {}
    for link in applicable_links(links, spec):
        for path, text in expand(spec, link.field):
            if not isinstance(text, str) or "${" in text or "://" in text or text in ("", link.none):
                continue
            name = named_within(link, text)
            if name is not None:
                found[path] = (name, (*found.get(path, ("", ()))[1], link))
    return found


def _finding_at(document: Document, path: Path, code: Code, message: str, hint: str = "") -> Finding:
    pointer = ("spec", *camel_path(path, contract(document.ref.kind).spec))
    return Finding(code, message, document.origin_of(pointer), pointer, hint)


def _order(resources: Mapping[Ref, Resource], findings: list[Finding]) -> tuple[Ref, ...]:
    sorter: TopologicalSorter[Ref] = TopologicalSorter({ref: r.needs for ref, r in resources.items()})
    try:
        sorter.prepare()
    except CycleError:
        findings.extend(_cycles(resources))
        return tuple(sorted(resources))
    order: list[Ref] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return tuple(order)


def _cycles(resources: Mapping[Ref, Resource]) -> list[Finding]:
    """One diagnostic for each dependency cycle, printed as ``a -> b -> a``."""
    import networkx as nx

    graph: nx.DiGraph[Ref] = nx.DiGraph()
    for ref, resource in sorted(resources.items()):
        graph.add_edges_from((ref, need) for need in sorted(resource.needs))
    findings = []
    for cycle in sorted(nx.strongly_connected_components(graph), key=min):
        start = min(cycle)
        if len(cycle) == 1 and not graph.has_edge(start, start):
            continue
        walk = [edge[0] for edge in nx.find_cycle(graph.subgraph(cycle), start)]
        shown = " -> ".join(str(ref) for ref in [*walk, walk[0]])
        findings.append(Finding(Code.CYCLE, f"dependency cycle: {shown}", resources[walk[0]].document.origin))
    return findings
