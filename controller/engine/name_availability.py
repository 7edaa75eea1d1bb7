"""Whether the name of a new resource is free, asked before it can be made."""

from controller.core.cloud import Cloud
from controller.core.ref import Ref
from controller.engine.known_values import KnownValues
from controller.engine.lookup import describe
from controller.manifests.bundle import Bundle
from controller.manifests.resolve import resolve


def vacant_name(bundle: Bundle, ref: Ref, cloud: Cloud) -> str:
    """The AWS name that a document is to have, if that is identified by now and nothing has it; else empty.

    Empty too for kinds with a written key, such as policies: they are put over what is there, and nothing refuses it.

    Raises:
        CloudError: AWS refused to say.

    """
    known = KnownValues()
    for each in bundle.order:
        known.resolved[each] = resolve(bundle.resources[each], known)
    wanted, contract = known.resolved[ref], bundle.resources[ref].contract
    if contract.kind.identity.key is not None or not isinstance(wanted.name, str):
        return ""
    return "" if describe(cloud, contract, wanted.name) else wanted.name
