"""An inventory in shards, each small enough for an object; a change of one resource changes one shard.

The digest of an entry's ref determines whether a shard ends after it, so that other entries do not move the boundary; a
shard also ends before it becomes too large.
"""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from controller.core.digest import SHORT
from controller.core.ref import Ref
from controller.inventory.codec import entry_json, read_entry
from controller.inventory.model import Entry, InventoryError
from controller.runtime.bounded_text import inflate, parse_bounded

_ENDS = 64  # one of so many refs ends a shard
_TEXT = 512 * 1024  # characters of a shard, before it is compressed
_UNPACKED = 8_388_608  # bytes of a shard, which may be one entry with a long definition
_VALUES = 500_000  # of a part
LARGEST = 1_000_000  # bytes of a shard as sent; etcd takes 1.5 MiB (etcd.io: Request size limit)

Reading = tuple[str, dict[str, Any]]


def pack_shards(entries: Mapping[Ref, Entry]) -> dict[str, str]:
    """The shards of entries as texts, by their digests; equal entries give equal shards.

    Raises:
        InventoryError: an entry is too large for an object.

    """
    texts = [
        _pack_shard(part)
        for part in _parts((str(ref), entry_json(entry)) for ref, entry in sorted(entries.items()))
    ]
    return {hashlib.sha256(text.encode()).hexdigest()[:SHORT]: text for text in texts}


def shard_names(head: Mapping[str, Any], owner: str) -> list[str]:
    """The names of the shards that a head lists, all of that owner.

    Raises:
        InventoryError: it lists another name, which must be neither read nor deleted.

    """
    names = head.get("parts")
    form = re.compile(rf"{re.escape(owner)}-[0-9a-f]{{{SHORT}}}")
    if not isinstance(names, list) or not all(
        isinstance(each, str) and form.fullmatch(each) for each in names
    ):
        raise InventoryError(f"what is remembered lists parts that are not those of {owner}")
    return names


def unpack_shard(text: str) -> dict[Ref, Entry]:
    """Parse a shard.

    Raises:
        InventoryError: it is malformed.

    """
    try:
        document = parse_bounded(inflate(text, _UNPACKED), _VALUES)
        return {
            ref: read_entry(ref, entry) for ref, entry in ((Ref.parse(name), each) for name, each in document)
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise InventoryError(f"what is remembered is damaged: {error}") from None


def _parts(entries: Iterable[Reading]) -> Iterator[list[Reading]]:
    part: list[Reading] = []
    size = 0
    for name, document in entries:
        length = len(json.dumps(document))
        if part and size + length > _TEXT:
            yield part
            part, size = [], 0
        part.append((name, document))
        size += length
        if int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % _ENDS == 0:
            yield part
            part, size = [], 0
    if part:
        yield part


def _pack_shard(part: list[Reading]) -> str:
    data = json.dumps(part, sort_keys=True).encode()
    text = base64.b64encode(zlib.compress(data, 6)).decode()
    if len(text) > LARGEST or len(data) > _UNPACKED:
        raise InventoryError(f"{part[0][0]} is too big to be remembered in the cluster")
    return text
