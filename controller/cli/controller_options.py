"""The options of the long-running commands and of those for a cluster. Only argparse is imported here."""

import argparse

from controller.cli.shared_options import (
    connection_options,
    count,
    events,
    form,
    non_negative_integer,
    positive_number,
    preflight,
    time,
)

OPERATOR_EXAMPLES = """\
sagectl operator --sandbox                    # with KUBECONFIG set: play with a local SageMaker
  sagectl operator --region eu-west-1 --tenants tenants.yaml --host 0.0.0.0"""
RECONCILE_EXAMPLES = """\
sagectl reconcile ModelPackage/fraud-challenger -n ml
  sagectl reconcile Endpoint/fraud -n ml --wait"""
_HOME = "sagemaker-gitops"


def server(sub: argparse.ArgumentParser) -> None:
    """Options for the API server."""
    group = sub.add_argument_group("Kubernetes connection")
    group.add_argument("--kubeconfig", metavar="FILE", help="default: KUBECONFIG, the pod's, ~/.kube/config")
    group.add_argument("--context", metavar="NAME", help="a context of the kubeconfig")


def operator(sub: argparse.ArgumentParser) -> None:
    """The options of ``sagectl operator``."""
    server(sub)
    sub.add_argument("--set", metavar="NAME", help="set that owns the resources (default: the cluster's own)")
    _scope(sub)
    _deletion_options(sub)
    connection_options(sub)
    _pace(sub)
    preflight(sub)
    events(sub)
    sub.add_argument(
        "--drain", action="store_true", help="remove all finalizers, for an uninstall; AWS is not changed"
    )
    _process(sub)


def _scope(sub: argparse.ArgumentParser) -> None:
    group = sub.add_argument_group("scope")
    group.add_argument(
        "--namespace", action="append", default=[], metavar="NAME", help="watch this namespace (repeatable)"
    )
    group.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="KIND",
        help="watch this kind (repeatable; all by default)",
    )
    group.add_argument("--selector", default="", metavar="LABELS", help="manage only these; others are read")
    group.add_argument(
        "--tenants", metavar="FILE", help="role and limits of each namespace; other namespaces are refused"
    )
    _host_options(group)


def _process(sub: argparse.ArgumentParser) -> None:
    group = sub.add_argument_group("the process")
    group.add_argument("--home", default=_HOME, metavar="NAMESPACE", help="namespace of its Lease and key")
    group.add_argument("--name", default=_HOME, metavar="NAME", help="of its Lease; one for each shard")
    group.add_argument("--lease", type=time, default=15.0, metavar="TIME", help="default 15s")
    group.add_argument(
        "--grace",
        type=time,
        default=25.0,
        metavar="TIME",
        help="grace period for running reconciliations at shutdown (25s)",
    )
    group.add_argument("--host", default="127.0.0.1", help="address of probes and metrics (127.0.0.1)")
    group.add_argument(
        "--port", type=int, default=8080, help="port of the probes; 0 selects a free port (8080)"
    )
    group.add_argument("--cache", metavar="DIR", help="cache of repositories (default: a temporary folder)")
    group.add_argument("--verbose", action="store_true", help="log every event")


def _host_options(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--message-host",
        action="append",
        default=[],
        metavar="HOST",
        help="allowed host for messages of GitSyncs (repeatable)",
    )
    group.add_argument(
        "--report-host",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="allowed host of a Git provider's API (repeatable; its public host is always allowed)",
    )


def _deletion_options(sub: argparse.ArgumentParser) -> None:
    from controller.manifests.document import Deletion

    group = sub.add_argument_group("deletion")
    group.add_argument(
        "--deletion-policy",
        choices=tuple(each.value for each in Deletion),
        help="for objects that have no policy.deletion, where --tenants gives no default",
    )
    group.add_argument(
        "--deletion-limit",
        type=non_negative_integer,
        default=20,
        metavar="N",
        help="more objects of a namespace deleted at once, and a fifth of them, wait for a confirmation (default 20, "
        "0 for no limit)",
    )


def _pace(sub: argparse.ArgumentParser) -> None:
    group = sub.add_argument_group("how often")
    group.add_argument(
        "--workers", type=count, default=12, metavar="N", help="calls to an AWS account at once (default 12)"
    )
    group.add_argument("--poll", type=time, metavar="TIME", help="longest interval while AWS is working")
    group.add_argument("--resync", type=time, default=3600.0, metavar="TIME", help="drift detection (1h)")
    group.add_argument(
        "--longest-pause", type=time, default=300.0, metavar="TIME", help="retries after failures (5m)"
    )
    group.add_argument(
        "--release-after",
        type=time,
        metavar="TIME",
        help="release a deleted object whose account denies access after this time; its resource stays "
        "(default: never)",
    )


def rbac(sub: argparse.ArgumentParser) -> None:
    """The options of ``sagectl rbac``."""
    sub.add_argument("--write", metavar="FILE", help="write them into this file")


def reconcile(sub: argparse.ArgumentParser) -> None:
    """The options of ``sagectl reconcile``."""
    sub.add_argument("object", metavar="KIND/NAME", help="the object to reconcile now")
    server(sub)
    sub.add_argument("--namespace", "-n", metavar="NAME", help="default: the context's")
    sub.add_argument("--wait", action="store_true", help="wait until it is reconciled")
    sub.add_argument("--timeout", type=time, default=600.0, metavar="TIME", help="how long (default 10m)")


def crds(sub: argparse.ArgumentParser) -> None:
    """The options of ``sagectl crds``."""
    sub.add_argument("--write", metavar="DIR", help="write one file for each kind into this folder")
    sub.add_argument(
        "--argocd",
        metavar="FILE",
        help="write health checks for Argo CD to this file, a patch of argocd-cm",
    )


EXAMPLES = """\
sagectl sync syncs.yaml                       # reconcile until stopped
  sagectl sync syncs.yaml --once                # for CI: one run of each sync
  sagectl sync --repo https://git.example.com/ml.git --branch main --path prod --sandbox --once
  sagectl sync syncs.yaml --rollback prod       # hold the last good revision until a newer commit"""


def sync(sub: argparse.ArgumentParser) -> None:
    """The options of ``sagectl sync``: the syncs to run, and requests to running syncs."""
    sub.add_argument("file", nargs="?", metavar="FILE", help="a file of syncs")
    _single_sync_options(sub.add_argument_group("one sync, in place of a file"))
    _runtime_options(sub.add_argument_group("how it runs"))
    _add_request_options(sub.add_argument_group("commands for a running sync"))
    form(sub)
    connection_options(sub)


def _single_sync_options(group: argparse._ArgumentGroup) -> None:
    from controller.crds.sync_fields import BY_FLAG

    for flag, each in BY_FLAG.items():
        if each.is_switch:
            group.add_argument(flag, action="store_true", help=each.help)
        else:
            group.add_argument(flag, metavar=each.metavar or None, help=each.help)


def _runtime_options(group: argparse._ArgumentGroup) -> None:
    preflight(group)
    events(group)
    group.add_argument("--once", action="store_true", help="complete each sync once, and exit")
    group.add_argument("--timeout", type=time, metavar="TIME", help="how long --once waits (default 1h)")
    group.add_argument("--poll", type=time, metavar="TIME", help="fixed interval while AWS is working")
    group.add_argument(
        "--state", metavar="DIR", default=".sagectl/sync", help="status files, and the cache of repositories"
    )
    group.add_argument(
        "--inventory",
        metavar="FILE|s3://...",
        help="inventory of a sync (default: a file in .sagectl); a name that ends in / is a folder",
    )
    group.add_argument("--host", help="address of probes and metrics (127.0.0.1)")
    group.add_argument(
        "--port", type=int, help="port of the probes; 0 selects a free port (default: not served)"
    )
    group.add_argument("--threads", type=positive_number, default=8, help=argparse.SUPPRESS)


def _add_request_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--approve", metavar="[SYNC=]FINGERPRINT", help="approve the plan with this fingerprint"
    )
    group.add_argument(
        "--rollback", metavar="SYNC[=COMMIT]", help="roll back (default: the last commit that was applied)"
    )
    group.add_argument("--forward", metavar="SYNC", help="resume after a rollback")
    group.add_argument("--look", metavar="SYNC", help="poll the repository now")


def sandbox(sub: argparse.ArgumentParser) -> None:
    """The options of ``sagectl sandbox``: its address, speed and state."""
    sub.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    sub.add_argument(
        "--port", type=int, default=4570, help="port to listen on; 0 selects a free port (default 4570)"
    )
    sub.add_argument("--state", metavar="FILE", help="keep the state in this file (default: in memory)")
    sub.add_argument(
        "--pace", type=positive_number, default=90.0, help="how much faster than AWS it is (default 90)"
    )
    sub.add_argument("--account", default="123456789012", help="its account (default 123456789012)")
    sub.add_argument("--region", default="us-east-1", help="its region where a client names none")
