"""``sagectl sandbox``: a local SageMaker control plane for other processes and other languages."""

import argparse
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from controller.cli.errors import Refused
from controller.cli.output import Output


def sandbox(args: argparse.Namespace, out: Output) -> int:
    """Serve until interrupted."""
    from controller.sandbox import Knobs, Sandbox, StateFileError, WallClock, serve

    state = Path(args.state) if args.state else None
    clock, knobs = WallClock(), Knobs(pace=args.pace)
    try:
        served = Sandbox(account=args.account, region=args.region, clock=clock, knobs=knobs, state=state)
    except StateFileError as error:
        raise Refused(str(error), "move the file away, or name another with --state") from None
    try:
        server = serve(served, args.host, args.port)
    except (OSError, OverflowError) as error:
        served.close()
        raise Refused(
            f"can't listen on {args.host}:{args.port}: {error}", "--port 0 selects a free port"
        ) from error
    signal.signal(signal.SIGTERM, _stop)
    try:
        out.write(_instructions(server.url, args.region, args.account))
        server.serve_forever()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
    finally:
        server.stop()
        served.close()
    return 0


def _stop(_number: int, _frame: Any) -> NoReturn:
    raise KeyboardInterrupt


def _instructions(url: str, region: str, account: str) -> str:
    return f"""\
The sandbox listens on {url} (account {account}). Ctrl-C stops it.

For sagectl:             sagectl plan PATH --endpoint-url {url}
For boto3, the AWS CLI and Terraform, in another terminal (other services, such as S3, keep their addresses; with
AWS_ENDPOINT_URL_S3={url} as well --preflight reads objects here, and nothing else of S3 works):

export AWS_ENDPOINT_URL_SAGEMAKER={url}
export AWS_ENDPOINT_URL_STS={url}
export AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API={url}
export AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING={url}
export AWS_ENDPOINT_URL_CLOUDWATCH={url}
export AWS_ENDPOINT_URL_IAM={url}
export AWS_ENDPOINT_URL_ECR={url}
export AWS_ENDPOINT_URL_SERVICE_QUOTAS={url}
export AWS_REGION={region}
export AWS_DEFAULT_REGION={region}
export AWS_ACCESS_KEY_ID=sandbox
export AWS_SECRET_ACCESS_KEY=sandbox
"""
