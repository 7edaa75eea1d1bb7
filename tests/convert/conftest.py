"""Conversions of texts, as ``sagectl convert`` does them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from controller.convert.ack import read_objects
from controller.convert.cloudformation import TAGS, read_templates
from controller.convert.documents import Converted, convert_resources
from controller.convert.source import read_sources
from controller.convert.terraform import read_terraform
from controller.kinds.other_tools import ACK, CLOUDFORMATION, TERRAFORM
from controller.manifests.yaml_writer import yaml_text
from controller.output.documents import document_of
from tests.cli.conftest import sandbox, server, shell

__all__ = ["sandbox", "server", "shell"]


@dataclass
class Conversion:
    """Converts texts of a tool."""

    folder: Path

    def template(self, text: str, given: Mapping[str, Any] | None = None, **how: bool) -> Converted:
        """A template of CloudFormation."""
        sources = read_sources([self._file("template.yaml", text)], None, TAGS)
        return convert_resources(
            read_templates(sources, given or {}), CLOUDFORMATION, **_conversion_options(how)
        )

    def state(self, text: str, **how: bool) -> Converted:
        """A state or a plan of Terraform."""
        return convert_resources(
            read_terraform(read_sources([self._file("a.json", text)], None)),
            TERRAFORM,
            **_conversion_options(how),
        )

    def objects(self, text: str, **how: bool) -> Converted:
        """Objects of ACK."""
        return convert_resources(
            read_objects(read_sources([self._file("a.yaml", text)], None)), ACK, **_conversion_options(how)
        )

    def _file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


def _conversion_options(given: Mapping[str, bool]) -> Any:
    return {"adopt": False, "changeable_names": False, **given}


@pytest.fixture
def conversion(tmp_path: Path) -> Conversion:
    """Conversions in a folder of the test."""
    return Conversion(tmp_path)


def specs(made: Converted) -> dict[str, Any]:
    """The specs by document, as they are written."""
    return {str(each.ref): document_of(each)["spec"] for each in made.documents}


def codes(made: Converted) -> list[str]:
    """The codes of the findings, in their order."""
    return [each.code.value for each in made.findings]


def text(made: Converted) -> str:
    """All documents and findings, as the command prints them."""
    return "".join(yaml_text(document_of(each)) for each in made.documents) + "".join(map(str, made.findings))
