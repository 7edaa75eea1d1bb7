"""Parsers of untrusted bytes: each accepts any bytes, and raises only its documented errors."""

import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from controller.aws_events.message import resource_event
from controller.cli.saved_plan import NotAPlanError, read_plan
from controller.core.cloud import Identity
from controller.core.finding import errors
from controller.core.path import from_pointer
from controller.core.ref import Ref
from controller.core.times import seconds
from controller.inventory import codec
from controller.inventory.model import InventoryError
from controller.inventory.shards import unpack_shard
from controller.kinds import KINDS
from controller.manifests.bundle import bundle
from controller.manifests.interpolation import escape, malformed_references, pieces
from controller.manifests.load import load_bytes
from controller.runtime.bounded_text import load_json
from controller.sandbox import ManualClock, Sandbox
from controller.schema.contract import contract
from controller.schema.identifiers import arn_of, named_within, part_within, tail
from controller.source.git.errors import RefusedError
from controller.source.git.objects import commit, entries
from controller.webhooks.delivery import Delivery, Headers, RejectedDelivery
from controller.webhooks.handler import verify
from controller.webhooks.providers import Provider
from tests.inventory.stored import FORMATS
from tests.journeys.documents import all_documents
from tests.webhooks.signed import NOW, secret_of, secrets_of, signed_request

Check = Callable[[bytes], None]
_WHO = Identity("123456789012", "us-east-1")
_OID = "a" * 40


@dataclass(frozen=True)
class Target:
    """One reader.

    Fields:
        check: parses bytes; an undocumented exception, or a violated property, is the finding.
        corpus: valid and almost valid inputs to begin with.
    """

    check: Check
    corpus: tuple[bytes, ...]


def _fuzz_text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _fuzz_documents(data: bytes) -> None:
    found = load_bytes([("a.yaml", data)], variables={"x": "y"})
    assert all(str(finding) for finding in found.findings)
    if not errors(found.findings):
        assert all(str(finding) for finding in bundle(found.documents).findings)


def _fuzz_references(data: bytes) -> None:
    text = _fuzz_text(data)
    assert all(part in text for part in malformed_references(text))
    assert pieces(escape(text)) in ((text,), ())
    for read in (Ref.parse, from_pointer, seconds):
        with suppress(ValueError):
            read(text)


def _fuzz_arns(data: bytes) -> None:
    text = _fuzz_text(data)
    assert isinstance(arn_of(text, _WHO), str)
    assert isinstance(tail(text), str)
    for row in KINDS.values():
        for link in row.identity.links:
            name = named_within(link, text)
            assert name is None or name in text
            assert part_within(link, text) in text
    assert resource_event(json.dumps({"resources": [text], "detail": {"eventName": text}})) or True


def _fuzz_webhooks(data: bytes) -> None:
    for provider in Provider:
        request = signed_request(provider, data)
        secrets = secrets_of(secret_of(provider))
        assert isinstance(verify(provider, secrets, request.headers, data, NOW), Delivery | RejectedDelivery)
        unsigned = Headers(tuple((name, _fuzz_text(data)[:200]) for name, _ in request.pairs))
        assert isinstance(verify(provider, secrets, unsigned, data, NOW), RejectedDelivery)


def _fuzz_events(data: bytes) -> None:
    found = resource_event(_fuzz_text(data))
    assert found is None or found.names


def _fuzz_plans(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(prefix="fuzz-", suffix=".json") as file:
        Path(file.name).write_bytes(data)
        with suppress(NotAPlanError):
            assert all(isinstance(path, str) for path in read_plan(file.name).paths)


def _fuzz_inventories(data: bytes) -> None:
    with suppress(InventoryError):
        again = codec.read(data)
        assert codec.read(codec.encode(again).encode()) == again
    with suppress(InventoryError):
        unpack_shard(_fuzz_text(data))


def _fuzz_git(data: bytes) -> None:
    for read in (commit, entries):
        with suppress(RefusedError):
            read(data, _OID)


def _fuzz_cluster(data: bytes) -> None:
    with suppress(ValueError):
        load_json(data)


@cache
def _sandbox() -> Sandbox:
    return Sandbox(clock=ManualClock())


@cache
def _operations() -> tuple[str, ...]:
    found = (contract(kind) for kind in KINDS)
    names = {
        of.name for each in found for of in (each.creates, each.describes, each.updates, each.deletes) if of
    }
    return (*sorted(names), "ListModels", "AddTags", "ListTags", "DeleteTags", "Search", "NoSuchOperation")


def _fuzz_http(data: bytes) -> None:
    """The first byte chooses the operation, the rest is the body; every response is valid, and nothing is raised."""
    operation = _operations()[(data[0] if data else 0) % len(_operations())]
    for headers in ({"X-Amz-Target": f"SageMaker.{operation}"}, {}, {"X-Amz-Target": _fuzz_text(data)[:100]}):
        answer = _sandbox().answer("POST", "/", headers, data[1:])
        assert 200 <= answer.status < 500 or answer.status == 501, answer
    _sandbox().clear_calls()


_FILES = tuple(form.good for form in FORMATS.values())
_PUSH = json.dumps({"ref": "refs/heads/main", "repository": {"full_name": "a/b"}, "commits": []}).encode()
_EVENT = json.dumps(
    {"detail-type": "AWS API Call via CloudTrail", "resources": [], "detail": {"eventName": "CreateModel"}}
).encode()
_COMMIT = b"tree " + b"a" * 40 + b"\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nmessage\n"

TARGETS: Mapping[str, Target] = {
    "documents": Target(_fuzz_documents, tuple(each.encode() for each in all_documents())),
    "references": Target(
        _fuzz_references,
        (b"${var.name}", b"$${literal} ${Model/a.arn}", b"Model/ns/a", b"/spec/a~1b", b"1h30m"),
    ),
    "arns": Target(
        _fuzz_arns, (b"arn:aws:sagemaker:us-east-1:123456789012:model/a", b"endpoint/fraud/variant/main")
    ),
    "webhooks": Target(_fuzz_webhooks, (_PUSH, b"payload=%7B%7D", b"{}")),
    "events": Target(_fuzz_events, (_EVENT, b"{}")),
    "plans": Target(_fuzz_plans, _FILES),
    "inventories": Target(_fuzz_inventories, _FILES),
    "git": Target(_fuzz_git, (_COMMIT, b"100644 a.yaml\0" + b"\1" * 20)),
    "cluster": Target(_fuzz_cluster, _FILES[:1]),
    "sandbox": Target(
        _fuzz_http, (b"\0{}", b'\7{"ModelName": "a", "Tags": [{"Key": "a", "Value": "b"}]}', b"\3[]")
    ),
}
