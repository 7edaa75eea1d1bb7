"""A software bill of materials of what ``requirements.lock`` installs: CycloneDX 1.6, as JSON.

``python -m docs.dev.sbom`` prints it. The same lock file gives the same bytes. Licences are those that the installed
packages declare (Core metadata specification: License-Expression, License, Classifier).
"""

import json
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGE = re.compile(
    r"^([a-z\d][\w.-]*)(?:\[[\w,.-]+\])?==([^\s\\;]+)([^\n]*(?:\n +--hash=[^\n]+)+)", re.MULTILINE
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_LONGEST = 60  # of a name; longer ones are the text of a licence


def licenses(name: str) -> list[str]:
    """The licences that an installed package declares; empty where it is not installed, or declares none."""
    try:
        declared: Any = metadata(name)
    except PackageNotFoundError:
        return []
    expression = declared.get("License-Expression") or ""
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in declared.get_all("Classifier") or ()
        if each.startswith("License :: ") and each != "License :: OSI Approved"
    ]
    text = declared.get("License") or ""
    if expression:
        return [expression]
    return classifiers or ([text] if 0 < len(text) <= _LONGEST else [])


def _component(name: str, version: str, rest: str) -> dict[str, Any]:
    hashes = [{"alg": "SHA-256", "content": each} for each in _HASH.findall(rest)]
    named = licenses(name)
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        "hashes": hashes,
        **({"licenses": [{"license": {"name": each}} for each in named]} if named else {}),
    }


def bill(lock: Path = _ROOT / "requirements.lock") -> dict[str, Any]:
    """The bill of materials of a lock file."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    components = [
        _component(*found.groups()) for found in _PACKAGE.finditer(lock.read_text(encoding="utf-8"))
    ]
    product = {
        "type": "application",
        "bom-ref": project["name"],
        "name": project["name"],
        "version": project["version"],
        "licenses": [{"license": {"id": project["license"]}}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": product},
        "components": components,
        "dependencies": [{"ref": project["name"], "dependsOn": [each["bom-ref"] for each in components]}],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bill(), indent=2) + "\n")
