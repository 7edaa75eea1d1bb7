"""The options of the commands that work with a Kubernetes cluster. Only argparse is imported here."""

import argparse

from controller.cli.shared_options import count, time, where, whole

OPERATOR_EXAMPLES = """\
sagectl operator --sandbox                    # with KUBECONFIG set: play with a local SageMaker
  sagectl operator --region eu-west-1 --tenants tenants.yaml --host 0.0.0.0"""
RECONCILE_EXAMPLES = """\
sagectl reconcile ModelPackage/fraud-challenger -n ml
  sagectl reconcile Endpoint/fraud -n ml --wait"""
_HOME = "sagemaker-gitops"


def server(sub: argparse.ArgumentParser) -> None:
    """Which API server."""
    group = sub.add_argument_group("which cluster")
    group.add_argument("--kubeconfig", metavar="FILE", help="default: KUBECONFIG, the pod's, ~/.kube/config")
    group.add_argument("--context", metavar="NAME", help="a context of the kubeconfig")


def operator(sub: argparse.ArgumentParser) -> None:
    """The options of ``sagectl operator``."""
    server(sub)
    sub.add_argument(
        "--set", metavar="NAME", help="which set owns the resources (default: the cluster's own)"
    )
    group = sub.add_argument_group("what is its own")
    group.add_argument(
        "--namespace", action="append", default=[], metavar="NAME", help="watch this one; repeat"
    )
    group.add_argument("--selector", default="", metavar="LABELS", help="work on these only; others are read")
    group.add_argument(
        "--tenants", metavar="FILE", help="each namespace's role and limits; others are refused"
    )
    _allowed(group)
    _deletion(sub)
    where(sub)
    _pace(sub)
    sub.add_argument(
        "--drain", action="store_true", help="let all objects go, for an uninstall; AWS is not touched"
    )
    group = sub.add_argument_group("the process")
    group.add_argument("--home", default=_HOME, metavar="NAMESPACE", help="where its Lease and its key are")
    group.add_argument("--name", default=_HOME, metavar="NAME", help="of its Lease; one for each shard")
    group.add_argument("--lease", type=time, default=15.0, metavar="TIME", help="default 15s")
    group.add_argument("--grace", type=time, default=25.0, metavar="TIME", help="for turns at the end (25s)")
    group.add_argument("--host", default="127.0.0.1", help="address of probes and metrics (127.0.0.1)")
    group.add_argument("--port", type=int, default=8080, help="their port; 0 takes a free one (8080)")
    group.add_argument(
        "--cache", metavar="DIR", help="where repositories are kept (default: a folder of this run)"
    )
    group.add_argument("--verbose", action="store_true", help="log every event")


def _allowed(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--message-host",
        action="append",
        default=[],
        metavar="HOST",
        help="messages of GitSyncs may go there; repeat",
    )
    group.add_argument(
        "--report-host",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="GitSyncs may report to a forge there; repeat (always: the public host of the forge)",
    )


def _deletion(sub: argparse.ArgumentParser) -> None:
    from controller.manifests.document import Deletion

    group = sub.add_argument_group("deletion")
    group.add_argument(
        "--deletion-policy",
        choices=tuple(each.value for each in Deletion),
        help="for objects that have no policy.deletion, where --tenants gives no default",
    )
    group.add_argument(
        "--deletion-limit",
        type=whole,
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
    group.add_argument("--poll", type=time, default=15.0, metavar="TIME", help="while AWS is at work (15s)")
    group.add_argument("--resync", type=time, default=3600.0, metavar="TIME", help="to look for drift (1h)")
    group.add_argument(
        "--longest-pause", type=time, default=300.0, metavar="TIME", help="between tries of what fails (5m)"
    )
    group.add_argument(
        "--release-after",
        type=time,
        metavar="TIME",
        help="let a deleted object go, not its resource, if its account refuses us for so long (default: never)",
    )


def rbac(sub: argparse.ArgumentParser) -> None:
    """The options of ``sagectl rbac``."""
    sub.add_argument("--write", metavar="FILE", help="write them into this file")


def reconcile(sub: argparse.ArgumentParser) -> None:
    """The options of ``sagectl reconcile``."""
    sub.add_argument("object", metavar="KIND/NAME", help="the object to look at now")
    server(sub)
    sub.add_argument("--namespace", "-n", metavar="NAME", help="default: the context's")
    sub.add_argument("--wait", action="store_true", help="until it is settled")
    sub.add_argument("--timeout", type=time, default=600.0, metavar="TIME", help="how long (default 10m)")


def crds(sub: argparse.ArgumentParser) -> None:
    """The options of ``sagectl crds``."""
    sub.add_argument("--write", metavar="DIR", help="write one file for each kind into this folder")
    sub.add_argument(
        "--argocd",
        metavar="FILE",
        help="write health checks for Argo CD into this file, a patch of argocd-cm",
    )
