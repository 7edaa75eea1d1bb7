from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from controller.aws.assumed_role import assumed
from controller.core.cloud import Call, Identity, Json


@dataclass
class Sts:
    """Gives credentials that last so long; the sandbox has no roles."""

    lasts: timedelta
    calls: list[Call] = field(default_factory=list)

    @property
    def identity(self) -> Identity:
        """Whose account it is."""
        return Identity("123456789012", "us-east-1")

    def call(self, call: Call) -> Json:
        """Give the next credentials."""
        self.calls.append(call)
        number = len(self.calls)
        given = {"AccessKeyId": f"key-{number}", "SecretAccessKey": "secret", "SessionToken": "token"}
        return {"Credentials": {**given, "Expiration": datetime.now(UTC) + self.lasts}}


def test_credentials_are_fetched_anew_before_they_end() -> None:
    """A session that is used near the end of its credentials gets new ones; until then it keeps them."""
    soon, later = Sts(timedelta(minutes=5)), Sts(timedelta(hours=1))
    for sts, keys in ((soon, ["key-2", "key-3"]), (later, ["key-1", "key-1"])):
        session = assumed(sts, "arn:aws:iam::111111111111:role/x", None, "us-east-1")
        credentials = session.get_credentials()
        assert credentials is not None
        assert [credentials.get_frozen_credentials().access_key for _ in range(2)] == keys


def test_the_external_id_goes_along() -> None:
    """Row 66: A role whose trust asks for an external id is given it."""
    sts = Sts(timedelta(hours=1))
    assumed(sts, "arn:aws:iam::111111111111:role/x", "risk-7f3a", "us-east-1")
    assert sts.calls[0].params["ExternalId"] == "risk-7f3a"
