"""kubectl, as people run it, and plain requests for what needs no kubectl.

One costs 0.1 s of CPU time, and much more where it reads the OpenAPI document: ``kubectl apply`` of nine objects 2.6 s
by server-side apply and 5.5 s without.
"""

import json
import subprocess
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from controller.crds.catalog import MEMORY, SYNC, VERSION
from controller.crds.definition import plural
from controller.kinds import KINDS
from tests.kubernetes.rig.server import ADMIN, Access
from tests.programs.requests import Answer, Requests
from tests.programs.running import GO

VERSIONED = f"{SYNC.group}/{VERSION}"
_PLURALS = {each.kind.lower(): each.plural for each in (SYNC, MEMORY)} | {
    kind.lower(): plural(kind) for kind in KINDS
}
_TIMEOUT = 120.0


@cache
def admin_requests(access: Access) -> Requests:
    """The administrator's connection of this process."""
    return Requests(access.host, access.port, access.authority, f"Bearer {ADMIN}")


@dataclass(frozen=True)
class Kubectl:
    """kubectl with the administrator's kubeconfig, in a namespace if one is given."""

    access: Access
    namespace: str = ""

    def within(self, namespace: str) -> "Kubectl":
        """The same for another namespace."""
        return replace(self, namespace=namespace)

    def fresh(self) -> "Kubectl":
        """The same in a new namespace, which is not deleted, because no namespace controller runs."""
        namespace = f"test-{uuid.uuid4().hex[:10]}"
        self.send("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
        return self.within(namespace)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None, form: str = "json") -> None:
        """Send a request in place of kubectl.

        Raises:
            AssertionError: the server refused.

        """
        answer = admin_requests(self.access).send(method, path, body, form)
        assert answer.accepted, f"{method} {path}: {answer.message}"

    def path(self, kind: str, name: str = "", api_version: str = VERSIONED) -> str:
        """The path of an object, or of the list of a kind."""
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        names = _PLURALS.get(kind.lower()) or f"{kind.lower()}s"
        return f"{root}/namespaces/{self.namespace}/{names}/{name}".rstrip("/")

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """Do what ``kubectl apply --server-side`` does: kubectl takes 0.3 to 1.3 s of CPU time for it.

        Raises:
            AssertionError: the server refused.

        """
        for each in objects:
            query = "fieldManager=kubectl&fieldValidation=Strict&force=true"
            within = self.within(each["metadata"].get("namespace", self.namespace))
            path = within.path(each["kind"], each["metadata"]["name"], each["apiVersion"])
            self.send("PATCH", f"{path}?{query}", each, "apply-patch+yaml")

    def dry_run(self, value: Mapping[str, Any]) -> Answer:
        """Do what ``kubectl create --dry-run=server`` does; returns the server's response."""
        path = self.path(value["kind"], api_version=value["apiVersion"])
        return admin_requests(self.access).send("POST", f"{path}?fieldValidation=Strict&dryRun=All", value)

    def found(self, kind: str, api_version: str = VERSIONED) -> list[dict[str, Any]]:
        """The objects of a kind; none if the server has no definition of it.

        Raises:
            AssertionError: the server refused.

        """
        path = self.path(kind, api_version=api_version)
        while (
            answer := admin_requests(self.access).send("GET", path)
        ).status == HTTPStatus.TOO_MANY_REQUESTS:
            time.sleep(0.1)  # its definition is new: "storage is (re)initializing"
        if answer.status == HTTPStatus.NOT_FOUND:
            return []
        assert answer.accepted, answer.message
        return [{"apiVersion": api_version, "kind": kind, **each} for each in answer.body["items"]]

    def run(self, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Run it, with text on its standard input; the caller checks the result."""
        where = ["--namespace", self.namespace] if self.namespace else []
        return subprocess.run(
            [self.access.kubectl, *where, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT,
            # Its discovery cache must not outlive the server, whose port another server may get.
            env={
                **GO,
                "KUBECONFIG": self.access.kubeconfig,
                "HOME": str(Path(self.access.kubeconfig).parent),
            },
        )

    def must(self, *arguments: str, given: str = "") -> str:
        """Run it and return its output.

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
    """Objects as one document for kubectl."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
