"""The service models are read once for all sessions of a process."""

from pathlib import Path
from typing import Any

import botocore.session
import pytest

from controller.aws import connect
from controller.aws.models import share_models
from controller.core.cloud import Call
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
    """Models that AWS_DATA_PATH adds are found by sessions that are made with it, and by no other."""
    plain = _loader()
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert str(tmp_path) in _loader().search_paths
    monkeypatch.delenv("AWS_DATA_PATH")
    assert _loader() is plain
    assert str(tmp_path) not in plain.search_paths
