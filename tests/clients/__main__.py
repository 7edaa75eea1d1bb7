"""Run other people's clients of SageMaker against the sandbox: ``python -m tests.clients [NAME...]``.

What is not installed is fetched from the package registries, and kept in the cache. The exit code is 1 if a check
failed, 2 if a client could not be had.
"""

import sys
from collections.abc import Callable, Mapping

from tests.clients import aws_cli, moto_tests, sagemaker_sdk, terraform
from tests.clients.client_result import ClientResult, Report, table
from tests.programs.built import MissingError

CLIENTS: Mapping[str, Callable[[Report], ClientResult]] = {
    "moto": moto_tests.run,
    "aws-cli": aws_cli.run,
    "sagemaker-2": sagemaker_sdk.run_2,
    "sagemaker-3": sagemaker_sdk.run_3,
    "terraform": terraform.run,
}


def main(names: list[str]) -> int:
    """Run the clients of these names, or all; print the table."""
    if unknown := sorted(set(names) - set(CLIENTS)):
        print(f"there is no client {', '.join(unknown)}; there are {', '.join(CLIENTS)}", file=sys.stderr)
        return 2
    runs, missing = [], False
    for name in names or CLIENTS:
        try:
            runs.append(CLIENTS[name](lambda text: print(text, file=sys.stderr)))
        except MissingError as failure:
            missing = True
            print(f"{name}: {failure}", file=sys.stderr)
    print("\n".join(table(runs)))
    return 2 if missing else int(any(run.failed for run in runs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
