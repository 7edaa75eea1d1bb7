"""The plugin for krew: ``python -m docs.dev.krew FOLDER URL`` writes its archive, and the manifest that names it.

URL is where the archive will be published. The archive holds a script for POSIX shells that runs the ``sagectl`` of
the PATH: the program itself has compiled dependencies for each platform and Python. The format of the manifest is
that of krew's documentation ("Writing Krew plugin manifests").
"""

import gzip
import hashlib
import io
import sys
import tarfile
from pathlib import Path
from typing import Any

import yaml

from docs.dev.release import ROOT, version

ARCHIVE, MANIFEST = "kubectl-sagectl.tar.gz", "sagectl.yaml"
_INSTALL = "pipx install sagemaker-gitops"
_SCRIPT = f"""\
#!/bin/sh
if ! command -v sagectl >/dev/null; then
    echo "kubectl sagectl: there is no sagectl on the PATH: {_INSTALL}" >&2
    exit 127
fi
exec sagectl "$@"
"""


def archive(root: Path = ROOT) -> bytes:
    """The archive; the same version gives the same bytes."""
    made = io.BytesIO()
    license_text = (root / "LICENSE").read_text(encoding="utf-8")
    with (
        gzip.GzipFile(fileobj=made, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for name, text, mode in (("kubectl-sagectl", _SCRIPT, 0o755), ("LICENSE", license_text, 0o644)):
            entry = tarfile.TarInfo(name)
            data = text.encode()
            entry.size, entry.mode = len(data), mode
            tar.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def manifest(url: str, root: Path = ROOT) -> dict[str, Any]:
    """The manifest of the plugin whose archive is at the address."""
    systems = {"key": "os", "operator": "In", "values": ["linux", "darwin"]}
    return {
        "apiVersion": "krew.googlecontainertools.github.com/v1alpha2",
        "kind": "Plugin",
        "metadata": {"name": "sagectl"},
        "spec": {
            "version": f"v{version(root)}",
            "shortDescription": "Plan and apply Amazon SageMaker resources",
            "description": "Runs sagectl: plans and applies Amazon SageMaker resources that are described in YAML.\n",
            "caveats": f"It needs sagectl on the PATH: {_INSTALL}\n",
            "platforms": [
                {
                    "selector": {"matchExpressions": [systems]},
                    "uri": url,
                    "sha256": hashlib.sha256(archive(root)).hexdigest(),
                    "bin": "kubectl-sagectl",
                }
            ],
        },
    }


def main(arguments: list[str]) -> int:
    """Write archive and manifest; the exit code."""
    if len(arguments) != len(("folder", "url")):
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARCHIVE).write_bytes(archive())
    (folder / MANIFEST).write_text(yaml.safe_dump(manifest(arguments[1]), sort_keys=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
