"""``sagectl reconcile KIND/NAME``: request a reconciliation of an object; ``--wait`` waits for it."""

import argparse
import time
import uuid
from typing import Any

from controller.cli.errors import Refused
from controller.cli.exit_codes import FAILED, OK, WAITING
from controller.cli.output import Output
from controller.core.did_you_mean import did_you_mean
from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.kinds import KINDS

_TICK = 0.3


def reconcile(args: argparse.Namespace, out: Output) -> int:
    """Set a new token; with ``--wait`` until the operator has handled it.

    Raises:
        Refused: there is no such object, or no way to it.

    """
    from controller.operator.constants import RECONCILE_AT, path_of
    from controller.operator.kube.access import AccessError, access
    from controller.operator.kube.api import Api, ApiError, Patch

    try:
        reached = access(args.kubeconfig, args.context)
        ref = _ref(args.object, args.namespace or reached.namespace)
        token = f"{int(time.time())}-{uuid.uuid4().hex[:8]}"
        api = Api(reached, connections=1)
        api.patch(path_of(ref), Patch.MERGE, {"metadata": {"annotations": {RECONCILE_AT: token}}})
        if not args.wait:
            out.print_line(f"{ref} reconciliation requested")
            return OK
        return _waited(lambda: api.get(path_of(ref)), ref, token, args.timeout, out)
    except AccessError as error:
        raise Refused(str(error), "name a kubeconfig with --kubeconfig") from error
    except ApiError as error:
        raise Refused(f"the API server refused: {error}") from error


def _ref(text: str, namespace: str) -> Ref:
    kind, slash, name = text.partition("/")
    known = {each.casefold(): each for each in (*KINDS, SYNC.kind)}
    if not slash or not name or kind.casefold() not in known:
        raise Refused(f"'{text}' is not KIND/NAME", did_you_mean(kind, known.values()))
    return Ref(known[kind.casefold()], name, namespace)


def _waited(read: Any, ref: Ref, token: str, timeout: float, out: Output) -> int:
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        status = read().get("status", {})
        ready: dict[str, Any] = next(
            (each for each in status.get("conditions", ()) if each["type"] == "Ready"), {}
        )
        if status.get("lastHandledReconcileAt") == token and not _moves(status):
            out.print_line(f"{ref}: {ready.get('reason')}: {ready.get('message')}")
            return OK if ready.get("status") == "True" else FAILED
        time.sleep(_TICK)
    out.trouble(f"{ref} was not reconciled in time")
    return WAITING


def _moves(status: dict[str, Any]) -> bool:
    return any(each["type"] == "Reconciling" and each["status"] == "True" for each in status["conditions"])
