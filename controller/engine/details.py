"""More about one resource: its details, by the further reads that its row names."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from controller.core.cloud import Call, Cloud, CloudError
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.lookup import carries_tags, describe, tags_of
from controller.engine.observed import Live, World
from controller.engine.paging import elements
from controller.engine.parallel_map import parallel_map
from controller.kinds.display import Detail, OtherList, When
from controller.schema.contract import Contract, answer_member, contract, must
from controller.schema.identifiers import is_arn, taken
from controller.schema.listing import listing_of
from controller.schema.shape import shape

_THREADS = 8

Reading = Mapping[str, Any | CloudError]


def one(cloud: Cloud, contract: Contract, text: str) -> Live | None:
    """One resource with its tags, by name or ARN; None when there is none.

    Raises:
        CloudError: AWS refused for another reason than absence.

    """
    live = describe(cloud, contract, taken(contract, text, cloud.identity))
    if live is None or not carries_tags(contract, live.body):
        return live
    return replace(live, tags=tags_of(cloud, live.arn))


def pointed(cloud: Cloud, other: OtherList, text: str) -> str | None:
    """A name or an ARN in the form that another List takes; None when the name leads nowhere.

    An ARN is taken as it is: it may be of another account, which Describe would refuse.
    """
    if is_arn(text) or not other.member.endswith("Arn"):
        return text
    found = describe(cloud, contract(other.to), taken(contract(other.to), text, cloud.identity))
    return found.arn if found else None


def read_detail(cloud: Cloud, contract: Contract, name: str, detail: Detail) -> Any:
    """One detail of a resource.

    Raises:
        CloudError: AWS refused.

    """
    read = must(detail.operation)
    key = {**contract.address(read, name), **detail.given}
    if shape(answer_member(read, detail.member)).type == "list":
        return elements(cloud, listing_of(read, detail.member), key)
    return cloud.call(Call(read.name, key)).get(detail.member)


def details_of_all(world: World, cloud: Cloud, *, steps: bool, everything: bool) -> Mapping[Ref, Reading]:
    """The details of all that was seen; by default only of what is at work or failed.

    A refusal stands for its detail, so that one does not hide the others.
    """
    wanted = {
        (ref, detail.name): (live.name, detail)
        for ref, live in world.live.items()
        for detail in contract(ref.kind).kind.display.details
        if detail.when in _levels(live.phase, steps=steps, everything=everything)
    }
    found: dict[Ref, dict[str, Any]] = {}
    if wanted:
        with ThreadPoolExecutor(max_workers=_THREADS) as pool:
            read = parallel_map(
                pool, wanted, lambda key: read_detail(cloud, contract(key[0].kind), *wanted[key])
            )
        for (ref, name), value in read.items():
            found.setdefault(ref, {})[name] = value
    return found


def _levels(phase: Phase, *, steps: bool, everything: bool) -> Collection[When]:
    if everything:
        return (When.AT_WORK, When.VERBOSE)
    return (When.AT_WORK,) if steps or phase in (Phase.CHANGING, Phase.FAILED) else ()
