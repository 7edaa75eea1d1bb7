"""The model of SageMaker that our clients load, against botocore's own."""

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import Loader

from controller.aws.client import share_models
from controller.schema.record import RECORD
from controller.schema.record_update import CLIENT_MODEL, client_model, without_prose

OURS = json.loads(CLIENT_MODEL.read_text(encoding="utf-8"))
WHOLE = Loader().load_service_model("sagemaker", "service-2")


def _shapes_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        here = {value["shape"]} if isinstance(value.get("shape"), str) else set()
        return here.union(*map(_shapes_in, value.values()))
    return set().union(*map(_shapes_in, value)) if isinstance(value, list) else set()


def test_the_model_is_in_step_with_botocore() -> None:
    """The file is what ``make record`` writes, of the API version that botocore has."""
    assert CLIENT_MODEL.read_text(encoding="utf-8") == client_model(), "run `make record` and commit"
    assert [CLIENT_MODEL.parent.name] == Loader().list_api_versions("sagemaker", "service-2")


def test_operations_and_shapes_are_botocores_without_prose() -> None:
    """Each recorded operation is in the file with all shapes that it reaches; only documentation is left out."""
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))["operations"]
    assert OURS["operations"].keys() == {name for name, of in recorded.items() if "service" not in of}
    assert OURS["metadata"] == WHOLE["metadata"]
    for table in ("operations", "shapes"):
        assert {name: without_prose(WHOLE[table][name]) for name in OURS[table]} == OURS[table]
    assert _shapes_in(OURS) == OURS["shapes"].keys()


def test_a_member_called_documentation_is_no_prose() -> None:
    """A string under the key ``documentation`` is left out; a member of that name is a shape, and stays."""
    part = {"documentation": "x", "members": {"documentation": {"shape": "Text", "documentationUrl": "y"}}}
    assert without_prose(part) == {"members": {"documentation": {"shape": "Text"}}}


def _operations(session: botocore.session.Session) -> list[str]:
    names: list[str] = session.get_service_model("sagemaker").operation_names
    return names


@pytest.mark.parametrize("whole", [True, False])
def test_a_folder_of_the_user_goes_first(tmp_path: Path, *, whole: bool) -> None:
    """A model in AWS_DATA_PATH is loaded instead of the recorded one and of botocore's."""
    file = tmp_path / "sagemaker" / CLIENT_MODEL.parent.name / "service-2.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({**OURS, "operations": {"ListModels": OURS["operations"]["ListModels"]}}))
    session, usual = botocore.session.Session(), botocore.session.Session()
    session.set_config_variable("data_path", str(tmp_path))
    share_models(session, whole=whole)
    share_models(usual, whole=whole)
    assert _operations(session) == ["ListModels"]
    assert _operations(usual) == list((WHOLE if whole else OURS)["operations"])
