"""Who needs whom among the documents, and by which form of link."""

from collections.abc import Iterator

from controller.engine.plan import Bond, Edge
from controller.kinds import By
from controller.manifests.bundle import Bundle, Resource

_FORMS = {By.NAME: Bond.NAME, By.ARN: Bond.ARN, By.ID: Bond.ID}


def edges(bundle: Bundle) -> tuple[Edge, ...]:
    """All edges, sorted; two documents that are bound in two ways have two."""
    return tuple(sorted({edge for each in bundle.resources.values() for edge in _of(each)}, key=_edge_key))


def _of(resource: Resource) -> Iterator[Edge]:
    me = str(resource.ref)
    reported = {linked.target for linked in resource.links} | {use.ref for use in resource.outputs}
    for linked in resource.links:
        if linked.target is not None:
            yield Edge(me, str(linked.target), _FORMS[linked.link.by])
    for use in resource.outputs:
        yield Edge(me, str(use.ref), Bond.OUTPUT)
    for need in resource.needs - reported:
        yield Edge(me, str(need), Bond.IMPLIED)


def _edge_key(edge: Edge) -> tuple[str, str, str]:
    return edge.user, edge.need, edge.by.value
