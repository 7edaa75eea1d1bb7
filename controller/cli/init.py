"""``sagectl init``: a new tree of documents with its settings."""

import argparse
import shlex
from pathlib import Path

from controller.cli.examples import files as example_files
from controller.cli.exit_codes import OK
from controller.cli.folder import create_files
from controller.cli.output import Output
from controller.manifests.files import SETTINGS

_SETTINGS = """\
# Settings of this tree; an option of the command line takes precedence. All settings: docs/settings.md
sandbox: true     # a local SageMaker in place of AWS; for an account, take this line out and fill in the next two
# account: "123456789012"   # credentials of another account are refused
# region: eu-west-1
"""
_IGNORED = "# the inventory of runs on this machine, and the sandbox's state\n.sagectl/\n"
_FIRST = """\
# The input of CreateModelPackageGroup in lowerCamelCase; `sagectl explain model-package-group` describes the fields.
apiVersion: sagemaker.gitops.dev/v1alpha1
kind: ModelPackageGroup
metadata: {name: fraud}
spec:
  modelPackageGroupDescription: versions of the model that scores payments
"""


def init(args: argparse.Namespace, out: Output) -> int:
    """Write the tree; an existing file is never overwritten, and an existing .gitignore is kept.

    Raises:
        Refused: a file exists, the folder can't be written, or there is no such example.

    """
    folder = Path(args.folder)
    files = {SETTINGS: _SETTINGS, **(example_files(args.example) if args.example else {"fraud.yaml": _FIRST})}
    if not (folder / ".gitignore").exists():
        files[".gitignore"] = _IGNORED
    create_files(folder, files, "nothing was written; name another folder")
    if out.json:
        out.result({"folder": str(folder), "files": list(files)})
        return OK
    for name in files:
        out.write(f"wrote {folder / name}\n")
    out.write(f"\nNext: sagectl plan {shlex.quote(str(folder))}\n")
    return OK
