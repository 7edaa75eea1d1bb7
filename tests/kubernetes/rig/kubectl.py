"""kubectl, as people run it."""

import json
import subprocess
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.kubernetes.rig.server import Access

_PATIENCE = 120.0


@dataclass(frozen=True)
class Kubectl:
    """kubectl with the administrator's kubeconfig, in a namespace where one is given."""

    access: Access
    namespace: str = ""

    def within(self, namespace: str) -> "Kubectl":
        """The same for another namespace."""
        return replace(self, namespace=namespace)

    def fresh(self) -> "Kubectl":
        """The same in a new namespace; nothing deletes it, for no controller runs that could."""
        namespace = f"test-{uuid.uuid4().hex[:10]}"
        self.must("create", "namespace", namespace)
        return self.within(namespace)

    def run(self, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Run it, with text on its standard input; the caller looks at how it ended."""
        where = ["--namespace", self.namespace] if self.namespace else []
        return subprocess.run(
            [self.access.kubectl, *where, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
            # Its cache of what a server knows must not outlive the server, whose port another may get.
            env={"KUBECONFIG": self.access.kubeconfig, "HOME": str(Path(self.access.kubeconfig).parent)},
        )

    def must(self, *arguments: str, given: str = "") -> str:
        """Run it and give what it printed.

        Raises:
            AssertionError: it failed.

        """
        done = self.run(*arguments, given=given)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}{done.stdout}"
        return done.stdout

    def items(self, *arguments: str) -> list[dict[str, Any]]:
        """The objects that ``kubectl get`` finds."""
        found: list[dict[str, Any]] = json.loads(self.must("get", *arguments, "-o", "json"))["items"]
        return found


def as_list(objects: Iterable[Mapping[str, Any]]) -> str:
    """Objects as one text that kubectl reads."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
