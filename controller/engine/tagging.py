"""The tags of what was seen: from the bulk index where it has them, one by one where it has not."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from controller.core.cloud import Cloud, CloudError
from controller.core.ref import Ref
from controller.engine.lookup import carries_tags, owned_tags, tags_of
from controller.engine.observed import Live
from controller.engine.parallel_map import parallel_map
from controller.schema.contract import contract

Lives = Mapping[Ref, tuple[Live, ...]]


def tagged(
    cloud: Cloud, pool: ThreadPoolExecutor, errors: dict[Ref, CloudError], *groups: Lives
) -> tuple[dict[Ref, tuple[Live, ...]], ...]:
    """The same resources with their tags; what can't be read is told in ``errors``."""
    unread = {
        each.arn: ref for lives in groups for ref, many in lives.items() for each in many if _asks(ref, each)
    }
    if not unread:
        return tuple(dict(lives) for lives in groups)
    index = owned_tags(cloud) if len(unread) > 1 else None  # one resource costs one call either way
    alone = [arn for arn in unread if index is None or arn.lower() not in index]
    request = parallel_map(pool, alone, lambda arn: tags_of(cloud, arn))
    errors |= {
        unread[arn]: answer
        for arn, answer in request.items()
        if isinstance(answer, CloudError) and unread[arn] not in errors
    }

    def with_tags(ref: Ref, each: Live) -> Live:
        if not _asks(ref, each):
            return each
        answer = request[each.arn] if each.arn in request else (index or {}).get(each.arn.lower())
        return replace(each, tags=None if isinstance(answer, CloudError) else answer)

    return tuple(
        {ref: tuple(with_tags(ref, each) for each in many) for ref, many in lives.items()} for lives in groups
    )


def _asks(ref: Ref, live: Live) -> bool:
    """Whether tags are still to be read."""
    return live.tags is None and carries_tags(contract(ref.kind), live.body)
