"""Words that people bring from Terraform, kubectl and other tools, each with our way. Data; nothing is imported."""

_KIND_HELP = "`sagectl explain KIND` lists the fields of a kind"
_ANEW = "a job runs again with another `trigger` in its spec; other kinds by `destroy --target` and apply"
_NO_STATE = "there is no state file: tags in AWS and the inventory record which resources are managed"

COMMANDS = {
    "init": f"there is nothing to initialize: write documents into a folder ({_KIND_HELP}), "
    "then `sagectl plan FOLDER`",
    "fmt": "files are left as they are written: `sagectl validate PATH` reports errors",
    "lint": "`sagectl validate PATH` reports errors in documents, without AWS",
    "import": "`sagectl export --kind KIND --name NAME --adopt -o FOLDER` writes a document, "
    "and apply takes the resource over",
    "state": f"{_NO_STATE}; `sagectl status PATH` shows them, `sagectl inventory list PATH` its content, "
    "`sagectl inventory rebuild PATH` reads it back from AWS after it was lost",
    "show": "`sagectl plan PATH` shows what would be done, "
    "`sagectl status PATH` what there is, `sagectl get KIND NAME` one resource",
    "output": "`sagectl get KIND NAME` shows its live state; a document reads it by ${KIND/NAME.path}",
    "refresh": "every plan reads the live state; "
    "`sagectl drift PATH` shows what differs, and its --accept writes it into the files",
    "taint": "there is no taint: a job runs again with another `trigger` in its spec, "
    "and the rest by `sagectl destroy PATH --target KIND/NAME` and apply",
    "untaint": "there is no taint to remove: `sagectl plan PATH` shows what would be done",
    "workspace": "use --set NAME for another set of the same documents, "
    "and --var or --values for what differs",
    "providers": "only SageMaker is supported: `sagectl explain` lists the kinds",
    "console": "`sagectl plan PATH` shows values as they resolve, "
    "`sagectl explain KIND.field` what a field takes",
    "force-unlock": "a lock ends with the process that holds it, so none is ever left over",
    "login": "credentials are those of the AWS CLI: `aws configure` or `aws sso login`, then --profile NAME",
    "test": "`sagectl validate PATH` checks without AWS, "
    "`sagectl apply PATH --sandbox` does it all in a local SageMaker",
    "delete": "`sagectl destroy PATH` deletes all declared resources, `--target KIND/NAME` one of them; "
    "a document taken out of a folder goes with `sagectl apply FOLDER --prune`",
    "describe": "`sagectl get KIND NAME` shows all of one resource",
    "list": "`sagectl get KIND` lists the account, `sagectl status PATH` the declared resources",
    "diff": "`sagectl plan PATH` shows what would be done, `sagectl drift PATH` how AWS differs",
    "create": "write a document and `sagectl apply PATH`",
    "edit": "edit the document and `sagectl apply PATH`",
    "deploy": "`sagectl apply PATH` applies it, after showing the plan",
    "up": "`sagectl apply PATH` applies it, after showing the plan",
    "preview": "`sagectl plan PATH` shows what would be done",
    "rollback": "apply the documents as they were, for instance after `git revert`; "
    "`sagectl sync --rollback NAME` for a sync",
    "wait": "`sagectl apply PATH` waits until AWS reports completion; `--timeout 30m` limits the wait",
    "logs": "training and endpoints log to CloudWatch: `aws logs tail /aws/sagemaker/TrainingJobs`",
}

OPTIONS = {
    "-out": "write --out FILE",
    "-target": "write --target KIND/NAME",
    "-auto-approve": "write --yes",
    "--auto-approve": "write --yes",
    "-y": "write --yes",
    "-var": "write --var NAME=VALUE",
    "-var-file": "write --values FILE, a YAML file",
    "--var-file": "write --values FILE, a YAML file",
    "-json": "write --format json",
    "--json": "write --format json",
    "-o": "write --format json, or `> FILE`",
    "--output": "write --format json, or `> FILE`",
    "-destroy": "`sagectl destroy PATH` shows what will be deleted and asks for confirmation",
    "--destroy": "`sagectl destroy PATH` shows what will be deleted and asks for confirmation",
    "--dry-run": "`sagectl plan PATH` is the dry run",
    "-replace": _ANEW,
    "--replace": _ANEW,
    "-refresh": "every plan reads the live state: this cannot be disabled",
    "-refresh-only": "`sagectl drift PATH` shows what differs, and its --accept writes it into the files",
    "-detailed-exitcode": "plan always exits with 0 for no changes, 2 for changes, 1 for an error",
    "-lock": "the inventory is always locked, and the lock ends with the process",
    "-lock-timeout": "the inventory is always locked, and the lock ends with the process",
    "-input": "only apply and destroy ask for a confirmation: write --yes",
    "-parallelism": "calls run in parallel within the service's limits; there is nothing to configure",
    "-chdir": "give the folder as PATH",
    "-no-color": "write --no-color",
    "-f": "give files and folders as PATHs, without an option",
    "--filename": "give files and folders as PATHs, without an option",
    "-R": "folders are read recursively",
    "-n": "write --set NAME to keep two copies separate; set `metadata.namespace` in the document",
    "--namespace": "write --set NAME to keep two copies separate; set `metadata.namespace` in the document",
    "--force": "the plan shows how to confirm what exceeds a limit",
    "-v": "`sagectl --version` or `sagectl version`",
}


def of_command(word: str) -> str:
    """Our way of doing what another tool's command does; empty where we know of none."""
    return COMMANDS.get(word, "")


def of_option(word: str) -> str:
    """Our way of doing what another tool's option does; empty where we know of none."""
    return OPTIONS.get(word.partition("=")[0], "")
