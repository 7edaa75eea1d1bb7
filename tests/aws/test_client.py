"""The service models are read once for all sessions of a process."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from controller.aws import connect
from controller.aws.client import assume_role, share_models
from controller.core.cloud import Call, Identity, Json
from controller.sandbox import Sandbox


def _loader() -> Any:
    session = botocore.session.Session()
    share_models(session)
    return session.get_component("data_loader")


def test_a_second_connection_reads_no_model_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two connections use one parsed service model, and each its own account."""
    first, second = Sandbox(), Sandbox()
    clouds = [connect(region="us-east-1", attach=each.attach) for each in (first, second)]
    clouds[0].call(Call("ListModels", {}))

    def read(*_: object) -> None:
        raise AssertionError("a model was read from its file")

    monkeypatch.setattr("botocore.loaders.JSONFileLoader.load_file", read)
    clouds[1].call(Call("ListModels", {}))
    assert [len(each.calls) for each in (first, second)] == [1, 1]


def test_a_data_path_has_a_loader_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models that AWS_DATA_PATH adds are found by sessions that are created with it, and by no other."""
    plain = _loader()
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert str(tmp_path) in _loader().search_paths
    monkeypatch.delenv("AWS_DATA_PATH")
    assert _loader() is plain
    assert str(tmp_path) not in plain.search_paths


@dataclass
class AssumeRoleCloud:
    """Answers AssumeRole with credentials of this lifetime; the sandbox has no roles."""

    lasts: timedelta
    calls: list[Call] = field(default_factory=list)

    @property
    def identity(self) -> Identity:
        """The identity of the account."""
        return Identity("123456789012", "us-east-1")

    def call(self, call: Call) -> Json:
        """Give the next credentials."""
        self.calls.append(call)
        number = len(self.calls)
        given = {"AccessKeyId": f"key-{number}", "SecretAccessKey": "secret", "SessionToken": "token"}
        return {"Credentials": {**given, "Expiration": datetime.now(UTC) + self.lasts}}


def test_credentials_are_fetched_anew_before_they_end() -> None:
    """A session that is used near the end of its credentials gets new ones; until then it keeps them."""
    soon, later = AssumeRoleCloud(timedelta(minutes=5)), AssumeRoleCloud(timedelta(hours=1))
    for sts, keys in ((soon, ["key-2", "key-3"]), (later, ["key-1", "key-1"])):
        session = assume_role(sts, "arn:aws:iam::111111111111:role/x", None, "us-east-1")
        credentials = session.get_credentials()
        assert credentials is not None
        assert [credentials.get_frozen_credentials().access_key for _ in range(2)] == keys


def test_the_external_id_goes_along() -> None:
    """Row 66: AssumeRole is called with the external ID that the role's trust policy requires."""
    sts = AssumeRoleCloud(timedelta(hours=1))
    assume_role(sts, "arn:aws:iam::111111111111:role/x", "risk-7f3a", "us-east-1")
    assert sts.calls[0].params["ExternalId"] == "risk-7f3a"
