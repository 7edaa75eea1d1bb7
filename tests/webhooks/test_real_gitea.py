"""A delivery that a real Gitea 1.26.4 sent, recorded on loopback (tests/gitea has a running one)."""

from pathlib import Path

from controller.webhooks.delivery import Delivery, EventKind, Headers, RejectedDelivery
from controller.webhooks.handler import verify
from controller.webhooks.providers import Provider
from tests.webhooks.signed import MAIN, NOW, SECRET, secrets_of

BODY = (Path(__file__).parent / "gitea-push.json").read_bytes()
SIGNATURE = "f999a6b0726e489fd5b12cf2674d231c0db5b1089066c7ddb8360b932f43cff1"
ID = "6a06020d-7864-44ee-bf7d-f08ca73ec0a4"
# Go writes the names of its relatives' headers, too, and X-Hub-Signature is SHA-1.
HEADERS = Headers(
    (
        ("User-Agent", "Go-http-client/1.1"),
        ("Content-Length", "5834"),
        ("Content-Type", "application/json"),
        ("X-GitHub-Delivery", ID),
        ("X-GitHub-Event", "push"),
        ("X-GitHub-Event-Type", "push"),
        ("X-GitHub-Hook-Installation-Target-Type", "repository"),
        ("X-Gitea-Delivery", ID),
        ("X-Gitea-Event", "push"),
        ("X-Gitea-Event-Type", "push"),
        ("X-Gitea-Hook-Installation-Target-Type", "repository"),
        ("X-Gitea-Signature", SIGNATURE),
        ("X-Gogs-Delivery", ID),
        ("X-Gogs-Event", "push"),
        ("X-Gogs-Event-Type", "push"),
        ("X-Gogs-Signature", SIGNATURE),
        ("X-Hub-Signature", "sha1=d528fba64a42c7240ebba1e395ad51c7db0f1b70"),
        ("X-Hub-Signature-256", f"sha256={SIGNATURE}"),
        ("Accept-Encoding", "gzip"),
    )
)


def test_a_real_delivery_is_a_push() -> None:
    """Row 17: its signature holds over the bytes as they came, and it names ref and repository."""
    outcome = verify(Provider.GITEA, secrets_of(SECRET), HEADERS, BODY, NOW)
    assert outcome == Delivery(EventKind.PUSH, ID, (MAIN,), "dev-8e10a9ab/fleet")


def test_a_real_delivery_with_one_bit_changed_is_refused() -> None:
    """Row 17: neither another body nor another secret is accepted."""
    for secret, body in ((SECRET, BODY[:-1] + bytes([BODY[-1] ^ 1])), ("another", BODY)):
        assert isinstance(verify(Provider.GITEA, secrets_of(secret), HEADERS, body, NOW), RejectedDelivery)
