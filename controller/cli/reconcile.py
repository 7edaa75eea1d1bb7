"""``sagectl reconcile KIND/NAME``: request a reconciliation of an object; ``--wait`` waits for it."""

import argparse
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from controller.cli.errors import Refused
from controller.cli.exit_codes import FAILED, OK, WAITING
from controller.cli.output import Output
from controller.core.did_you_mean import did_you_mean
from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.kinds import KINDS
from controller.output.terminal import escape_unprintable

_TICK = 0.3
_QUIET_SECONDS = 30.0


def reconcile(args: argparse.Namespace, out: Output) -> int:
    """Set a new token; with ``--wait`` wait until the operator has handled it.

    Raises:
        Refused: there is no such object, or no access to it.

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
        return wait_until_handled(lambda: api.get(path_of(ref)), ref, token, args.timeout, out)
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


def wait_until_handled(
    read: Callable[[], Mapping[str, Any]], ref: Ref, token: str, timeout: float, out: Output
) -> int:
    """Wait until the operator has handled a request; the state of the object is printed when it changes, or every 30 s.

    Args:
        read: reads the object.
        ref: its address.
        token: the token of the request.
        timeout: seconds to wait.
        out: where progress is printed.

    Returns:
        The exit code.

    """
    began = reported_at = time.monotonic()
    shown = ""
    while (now := time.monotonic()) < began + timeout:
        status = read().get("status", {})
        ready: dict[str, Any] = next(
            (each for each in status.get("conditions", ()) if each["type"] == "Ready"), {}
        )
        message = f": {ready['message']}" if ready.get("message") else ""
        text = escape_unprintable(f"{ref}: {ready.get('reason', 'no condition yet')}{message}")
        if status.get("lastHandledReconcileAt") == token and not _is_reconciling(status):
            out.print_line(text)
            return OK if ready.get("status") == "True" else FAILED
        if text != shown or now - reported_at >= _QUIET_SECONDS:
            out.print_line(f"{text} (waiting, {now - began:.0f} s)")
            shown, reported_at = text, now
        time.sleep(_TICK)
    out.error(f"{ref} was not reconciled in time")
    return WAITING


def _is_reconciling(status: Mapping[str, Any]) -> bool:
    return any(each["type"] == "Reconciling" and each["status"] == "True" for each in status["conditions"])
