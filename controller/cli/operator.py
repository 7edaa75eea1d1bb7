"""``sagectl operator``: the long-running part in a cluster."""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from controller.cli.errors import Refused
from controller.cli.exit_codes import OK
from controller.cli.output import Output, version
from controller.core.cloud import Cloud
from controller.runtime.backoff import Backoff
from controller.runtime.tracing import trace_cloud

TYPE_CHECKING = False  # as in main.py
if TYPE_CHECKING:
    from controller.operator.kube.access import Access

_PACE = 90.0  # as sagectl sandbox


def operator(args: argparse.Namespace, out: Output) -> int:
    """Run until a signal.

    Raises:
        Refused: there is no way to the API server, or it refused.

    """
    from controller.operator.kube.access import AccessError, access
    from controller.operator.kube.api import ApiError
    from controller.operator.run import Operator, Setup
    from controller.operator.selector import SelectorError
    from controller.operator.tenants import TenantsError
    from controller.runtime.log import log_to_stderr

    log_to_stderr(verbose=args.verbose)
    try:
        reached = access(args.kubeconfig, args.context)
        if args.drain:
            return _run_drain(args, reached, out)
        with _role_connector(args) as connect, _cache(args.cache) as cache:
            given = {**_settings_given(args), "cache": cache, "tool": version()}
            made = Operator(Setup(access=reached, connect=connect, **given))
            made.run()
        if not made.ended:
            _exit_now()
    except AccessError as error:
        raise Refused(str(error), "name a kubeconfig with --kubeconfig") from error
    except SelectorError as error:
        raise Refused(str(error)) from error
    except TenantsError as error:
        raise Refused(findings=error.findings) from error
    except OSError as error:
        raise Refused(
            f"can't serve on {args.host}:{args.port}: {error}", "--port 0 selects a free port"
        ) from error
    except ApiError as error:
        raise Refused(
            f"the API server refused: {error}", "deploy/ has the permissions that the operator needs"
        ) from error
    return OK


def _exit_now() -> NoReturn:
    """End the process now: threads that wait for an answer would keep it from ending."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(OK)


def _run_drain(args: argparse.Namespace, reached: "Access", out: Output) -> int:
    from controller.operator.drain import OperatorRunningError, drain
    from controller.operator.kube.api import Api
    from controller.operator.leader_election import Lease
    from controller.operator.selector import selected_kinds

    api = Api(reached)
    lease = Lease(api, args.home, args.name, "drain", duration=args.lease, margin=args.lease / 3)
    try:
        count = drain(api, lease, args.namespace, selected_kinds(args.kind), out.print_line)
    except OperatorRunningError as error:
        raise Refused(str(error), "kubectl scale --replicas=0 deployment/sagemaker-gitops") from error
    finally:
        lease.stop()
    out.print_line(
        f"{count} objects released; their resources in AWS stay, and are managed again when the objects return"
    )
    return OK


def _settings_given(args: argparse.Namespace) -> dict[str, Any]:
    from controller.gitops.notifications import AllowedHosts
    from controller.manifests.document import Deletion
    from controller.operator.context import OperatorSettings
    from controller.operator.selector import parse_selector, selected_kinds
    from controller.operator.tenants import tenants

    rules = OperatorSettings(
        set=args.set or "",
        poll=args.poll,
        resync=args.resync,
        retry=Backoff(longest=args.longest_pause),
        release_after=args.release_after,
        deletion_limit=args.deletion_limit,
        preflight=args.preflight,
        events=args.events is not None,
    )
    policy = Deletion(args.deletion_policy) if args.deletion_policy else None
    return {
        "rules": rules,
        "tenants": tenants(args.tenants, policy),
        "namespaces": tuple(args.namespace),
        "kinds": selected_kinds(args.kind),
        "home": args.home,
        "name": args.name,
        "serves": parse_selector(args.selector),
        "workers": args.workers,
        "grace": args.grace,
        "lease": args.lease,
        "host": args.host,
        "port": args.port,
        "events": args.events,
        "hosts": AllowedHosts(frozenset(args.message_host), frozenset(args.report_host)),
    }


@contextmanager
def _cache(named: str | None) -> Iterator[Path]:
    """Where repositories are kept: they are fetched again where nothing is."""
    if named is not None:
        yield Path(named).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="sagectl-git-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def _role_connector(args: argparse.Namespace) -> Iterator[Callable[[Any], Cloud]]:
    """How a role's account is opened: AWS, or the embedded sandbox, which is one account for all roles."""
    from controller.aws import connect, rate_limiters

    if not args.sandbox:
        limiters = rate_limiters(args.endpoint_url, dict(args.rate_limits or ()))
        yield lambda role: trace_cloud(
            connect(
                region=role.region or args.region,
                profile=args.profile,
                role_arn=role.arn or args.role_arn,
                external_id=role.external_id or None,
                endpoint_url=args.endpoint_url,
                at_once=args.workers,
                limiters=limiters,
            )
        )
        return
    from controller.cli.session import local_sandbox

    with local_sandbox(args.region, None, args.sandbox_pace or _PACE) as cloud:
        yield lambda _: trace_cloud(cloud)
