import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.runtime.hidden_text import SecretText
from controller.webhooks.delivery import (
    MOST_BODY,
    Delivery,
    EventKind,
    Headers,
    RejectedDelivery,
    WebhookResult,
)
from controller.webhooks.handler import verify
from controller.webhooks.providers import DIALECTS, Provider
from tests.webhooks.signed import (
    EVENT,
    ID,
    MAIN,
    NOW,
    PROOF,
    SECRET,
    Request,
    hex_digest,
    push_event,
    push_request,
    secret_of,
    secrets_of,
    signed_request,
)

EACH = pytest.mark.parametrize("provider", Provider, ids=lambda p: p.value)
NO = RejectedDelivery(WebhookResult.UNAUTHENTICATED)


def verify_request(request: Request, *secrets: str, now: float = NOW) -> Delivery | RejectedDelivery:
    known = secrets_of(*(secrets or (secret_of(request.provider),)))
    return verify(request.provider, known, request.headers, request.body, now)


# Published: GitHub, "Validating webhook deliveries"; Atlassian, "Manage webhooks" (the same secret, another text);
# the test of Standard Webhooks' and Svix' libraries.
VECTORS: list[tuple[Provider, str, bytes, dict[str, str], float]] = [
    (
        Provider.GITHUB,
        SECRET,
        b"Hello, World!",
        {
            "X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            "X-GitHub-Event": "ping",
        },
        NOW,
    ),
    (
        Provider.BITBUCKET_CLOUD,
        SECRET,
        b"Hello World!",
        {"X-Hub-Signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"},
        NOW,
    ),
    (
        Provider.GITLAB_SIGNED,
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
        b'{"event_type":"ping","data":{"success":true}}',
        {
            "webhook-id": "msg_loFOjxBNrRLzqYUf",
            "webhook-timestamp": "1731705121",
            "webhook-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        },
        1_731_705_121,
    ),
    (
        Provider.GITLAB_SIGNED,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        b'{"test": 2432232314}',
        {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,other v2,x v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        1_614_265_330,
    ),
]


@pytest.mark.parametrize(("provider", "secret", "body", "headers", "now"), VECTORS)
def test_published_vectors_prove(
    provider: Provider, secret: str, body: bytes, headers: dict[str, str], now: float
) -> None:
    """Row 17: what the providers publish as an example of a signature is accepted."""
    found = verify_request(Request(provider, tuple(headers.items()), body), secret, now=now)
    assert isinstance(found, Delivery)


@EACH
def test_a_push_is_told_by_its_ref_and_repository(provider: Provider) -> None:
    """A signed push gives the full name of its ref, its repository and the id of the delivery."""
    name = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
    assert verify_request(push_request(provider)) == Delivery(EventKind.PUSH, name, (MAIN,), "ml/fleet")


@EACH
def test_one_bit_more_or_less_fails(provider: Provider) -> None:
    """Row 17: a body or a signature with one bit changed is refused; GitLab's older token signs no body."""
    good = push_request(provider)
    assert isinstance(verify_request(good), Delivery)
    if provider is not Provider.GITLAB:
        for position in range(len(good.body)):
            changed = bytearray(good.body)
            changed[position] ^= 1
            assert verify_request(good.carrying(bytes(changed))) == NO
    proof = dict(good.pairs)[PROOF[provider]]
    for position in range(len(proof)):
        changed_proof = f"{proof[:position]}{chr(ord(proof[position]) ^ 1)}{proof[position + 1 :]}"
        assert verify_request(good.having(PROOF[provider], changed_proof)) == NO


@EACH
def test_a_header_that_is_missing_short_doubled_or_oddly_written_is_refused(provider: Provider) -> None:
    """Row 17: missing, short, duplicated or odd-case proof ends in a refusal, and in no exception."""
    good, name = push_request(provider), PROOF[provider]
    proof = dict(good.pairs)[name]
    for odd in (
        "",
        "s",
        "sha256",
        "sha256=",
        "v1",
        "v1,",
        proof[:-1],
        proof + "0",
        proof * 40,
        "é☃",
        "\udcff",
    ):
        assert verify_request(good.having(name, odd)) == NO, odd
    assert verify_request(good.having(name, proof.swapcase())) == NO
    assert verify_request(good.without(name)) == NO
    assert verify_request(Request(provider, (*good.pairs, (name, proof)), good.body)) == NO
    assert verify_request(Request(provider, (*good.pairs, (name.upper(), "x")), good.body)) == NO


@EACH
def test_the_name_of_a_header_has_no_case(provider: Provider) -> None:
    """A proxy that writes header names in small letters changes nothing."""
    good = push_request(provider)
    lower = tuple((name.lower(), value) for name, value in good.pairs)
    assert isinstance(verify_request(Request(provider, lower, good.body)), Delivery)


@EACH
def test_the_provider_is_the_configured_one(provider: Provider) -> None:
    """Row 17: what another provider would have accepted is refused; nothing is guessed from headers."""
    for other in Provider:
        if PROOF[other] != PROOF[provider]:
            both = (secret_of(provider), secret_of(other))
            request = push_request(other, secret=both[other is Provider.GITLAB_SIGNED])
            assert verify_request(Request(provider, request.pairs, request.body), *both) == NO, other


def test_sha1_is_not_accepted() -> None:
    """GitHub's and the generic dialect's older signatures prove nothing."""
    body = push_request(Provider.GITHUB).body
    old = f"sha1={hex_digest(body, SECRET, 'sha1')}"
    assert verify_request(push_request(Provider.GITHUB).having("X-Hub-Signature-256", old)) == NO
    assert verify_request(push_request(Provider.GENERIC).having("X-Signature", old)) == NO
    new = f"sha512={hex_digest(push_request(Provider.GENERIC).body, SECRET, 'sha512')}"
    assert isinstance(verify_request(push_request(Provider.GENERIC).having("X-Signature", new)), Delivery)


def test_forgejo_s_own_header_proves_too_and_must_not_contradict() -> None:
    """Forgejo sends its own signature beside Gitea's: each that came must hold."""
    good = push_request(Provider.GITEA)
    proof = dict(good.pairs)["X-Gitea-Signature"]
    assert isinstance(verify_request(good.having("X-Forgejo-Signature", proof)), Delivery)
    only = good.without("X-Gitea-Signature").having("X-Forgejo-Signature", proof)
    assert isinstance(verify_request(only), Delivery)
    assert verify_request(good.having("X-Forgejo-Signature", "0" * 64)) == NO


@EACH
def test_two_secrets_are_accepted_while_one_replaces_the_other(provider: Provider) -> None:
    """Row 18: during a rotation both the old and the new secret prove; a third does not; no secret never does."""
    old, new, third = secret_of(provider), "whsec_" + "QUJD" * 8, "whsec_" + "REVG" * 8
    for used in (old, new):
        assert isinstance(verify_request(push_request(provider, secret=used), old, new), Delivery)
    assert verify_request(push_request(provider, secret=third), old, new) == NO
    good = push_request(provider)
    assert verify(provider, (), good.headers, good.body, NOW) == NO


@EACH
def test_an_empty_secret_proves_nobody(provider: Provider) -> None:
    """Row 18: even if an empty secret got this far, what is signed with it is refused."""
    forged = signed_request(provider, b"{}", secret="whsec_" if provider is Provider.GITLAB_SIGNED else "")
    bare = forged.having(PROOF[provider], "")
    for request in (forged.having(PROOF[provider], f"sha256={hex_digest(b'{}', '')}"), bare):
        assert verify(provider, (SecretText(""),), request.headers, b"{}", NOW) == NO


def test_a_signed_time_must_be_near_now() -> None:
    """Row 20: GitLab's signed time older than five minutes is refused, one from the future too; the edge passes."""
    request = push_request(Provider.GITLAB_SIGNED)
    for late in (301, -301, 3600):
        assert verify_request(request, now=NOW + late) == RejectedDelivery(WebhookResult.STALE)
    for late in (300, 0, -300):
        assert isinstance(verify_request(request, now=NOW + late), Delivery)
    moved = request.having("webhook-timestamp", str(int(NOW) + 1))
    assert verify_request(moved, now=NOW) == NO, "the time is under the signature"


@pytest.mark.parametrize(
    ("provider", "event"),
    [(Provider.GITHUB, "ping"), (Provider.BITBUCKET_DATACENTER, "diagnostics:ping")],
)
def test_a_ping_counts_only_with_its_proof(provider: Provider, event: str) -> None:
    """Row 21: a ping is recognised only after its signature was checked."""
    ping = signed_request(provider, b'{"zen": "Keep it logically awesome."}', event=event)
    assert verify_request(ping) == Delivery(EventKind.PING, dict(ping.pairs)[ID[provider]])
    assert verify_request(ping.having(PROOF[provider], "sha256=00")) == NO


@pytest.mark.parametrize("provider", EVENT, ids=lambda p: p.value)
def test_an_unknown_event_is_no_error(provider: Provider) -> None:
    """Row 21: an unknown event is neither parsed nor refused."""
    found = verify_request(signed_request(provider, b"not json", event="sponsorship"))
    assert isinstance(found, Delivery)
    assert found.event is EventKind.OTHER


@pytest.mark.parametrize(
    ("event", "refs"),
    [
        ({"push": {"changes": [{"new": None, "old": {"type": "branch", "name": "x"}}]}}, ("refs/heads/x",)),
        ({"push": {"changes": [{"new": None, "old": None}]}}, ()),
        ({"push": {"changes": []}}, ()),
        ({"push": None}, ()),
        ({}, ()),
        ({"push": {"changes": [{"new": {"type": "bookmark", "name": "x"}}, 7]}}, ()),
    ],
)
def test_deleted_refs_and_empty_changes_do_not_break(event: dict[str, Any], refs: tuple[str, ...]) -> None:
    """Row 21: the event of a deleted branch names it; an event without changes names nothing (CVE-2025-59538)."""
    found = verify_request(signed_request(Provider.BITBUCKET_CLOUD, json.dumps(event).encode()))
    assert found == Delivery(EventKind.PUSH, "72d3162e-cc78-11e3-81ab-4c9367dc0958", refs)


def test_a_deleted_branch_and_a_forced_push_are_as_any_other() -> None:
    """Row 21: GitHub's events of a deleted branch and of a forced push name their ref."""
    for more in ({"deleted": True, "after": "0" * 40}, {"forced": True}):
        found = verify_request(
            signed_request(Provider.GITHUB, json.dumps(push_event(Provider.GITHUB) | more).encode())
        )
        assert isinstance(found, Delivery)
        assert found.refs == (MAIN,)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000]
)
def test_a_proved_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    """Whatever is no JSON object, however deep, is malformed, after the proof."""
    for provider in Provider:
        assert verify_request(signed_request(provider, body)) == RejectedDelivery(WebhookResult.MALFORMED)


def test_a_form_is_read_where_the_provider_sends_one() -> None:
    """GitHub's webhooks send a form by default: its body is signed, and its ``payload`` is the event."""
    body = b"payload=%7B%22ref%22%3A%22refs%2Fheads%2Fmain%22%7D"
    form = signed_request(Provider.GITHUB, body).having("Content-Type", "application/x-www-form-urlencoded")
    found = verify_request(form)
    assert isinstance(found, Delivery)
    assert found.refs == (MAIN,)
    empty = signed_request(Provider.GITHUB, b"x=1").having(
        "Content-Type", "application/x-www-form-urlencoded"
    )
    assert verify_request(empty) == RejectedDelivery(WebhookResult.MALFORMED)


def test_the_size_is_looked_at_first() -> None:
    """Row 19: one byte too many is refused for its size, whatever else is wrong; the limit itself passes."""
    for provider in Provider:
        most = signed_request(provider, b'{"x": "' + b"a" * (MOST_BODY - 9) + b'"}')
        assert len(most.body) == MOST_BODY
        assert isinstance(verify_request(most), Delivery)
        assert verify_request(most.carrying(most.body + b" ")) == RejectedDelivery(WebhookResult.TOO_LARGE)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_NAMES = (
    "push",
    "changes",
    "ref",
    "refs",
    "refId",
    "new",
    "old",
    "type",
    "name",
    "repository",
    "project",
    "full_name",
)
_EVENT = st.recursive(
    _JSON,
    lambda inner: st.dictionaries(st.sampled_from(_NAMES), inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=8,
)


@given(event=_EVENT, raw=st.binary(max_size=60), provider=st.sampled_from(Provider))
def test_no_signed_event_breaks_the_judge(event: Any, raw: bytes, provider: Provider) -> None:
    """Each provider's reader accepts any JSON and any bytes with a valid signature (CVE-2025-59531, -59537, -59538)."""
    for body in (json.dumps(event).encode(), raw):
        found = verify_request(signed_request(provider, body))
        assert isinstance(found, Delivery) or found == RejectedDelivery(WebhookResult.MALFORMED)


@given(
    provider=st.sampled_from(Provider),
    pairs=st.lists(
        st.tuples(st.sampled_from([*PROOF.values(), "webhook-id", "webhook-timestamp"]), st.text())
    ),
)
def test_no_header_breaks_the_judge(provider: Provider, pairs: list[tuple[str, str]]) -> None:
    """Any headers without a proof are refused, quietly."""
    assert verify(provider, secrets_of(secret_of(provider)), Headers(tuple(pairs)), b"{}", NOW) == NO


@EACH
@pytest.mark.parametrize("odd", ["x" * 129, "a b", "é", "a\x1b[2J"])
def test_an_odd_id_is_no_id(provider: Provider, odd: str) -> None:
    """The id of a delivery ends in logs: one that is long or not plain is left out, and the push still counts."""
    found = verify_request(push_request(provider, name=odd))
    assert isinstance(found, Delivery)
    assert found.id == ""


def test_every_provider_has_a_row() -> None:
    """Every provider that can be configured has a verification."""
    assert set(DIALECTS) == set(Provider)
