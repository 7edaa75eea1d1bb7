"""Words that people bring from Terraform, kubectl and other tools, each with our way. Data; nothing is imported."""

_KIND_HELP = "`sagectl explain KIND` tells what a kind takes"
_ANEW = "a job runs anew by another `trigger` in its spec; other kinds by `destroy --target` and apply"
_NO_STATE = "there is no state file: tags in AWS and the inventory say what is ours"

COMMANDS = {
    "init": f"there is nothing to set up: write documents into a folder ({_KIND_HELP}), "
    "then `sagectl plan FOLDER`",
    "fmt": "files are left as they are written: `sagectl validate PATH` tells what is wrong with them",
    "lint": "`sagectl validate PATH` tells what is wrong with documents, without AWS",
    "import": "`sagectl export --kind KIND --name NAME --adopt -o FOLDER` writes a document, "
    "and apply takes the resource over",
    "state": f"{_NO_STATE}; `sagectl status PATH` shows them, `sagectl inventory list PATH` what is remembered, "
    "`sagectl inventory rebuild PATH` reads it back from AWS after it was lost",
    "show": "`sagectl plan PATH` shows what would be done, "
    "`sagectl status PATH` what there is, `sagectl get KIND NAME` one resource",
    "output": "`sagectl get KIND NAME` shows what AWS says of it; a document reads it by ${KIND/NAME.path}",
    "refresh": "every plan looks at AWS anew; "
    "`sagectl drift PATH` shows what differs, and its --accept writes it into the files",
    "taint": "nothing is marked: a job runs anew by another `trigger` in its spec, "
    "and the rest by `sagectl destroy PATH --target KIND/NAME` and apply",
    "untaint": "nothing is marked, so no mark is to be taken off: `sagectl plan PATH` "
    "shows what would be done",
    "workspace": "use --set NAME for another set of the same documents, "
    "and --var or --values for what differs",
    "providers": "SageMaker is all there is: `sagectl explain` lists the kinds",
    "console": "`sagectl plan PATH` shows values as they resolve, "
    "`sagectl explain KIND.field` what a field takes",
    "force-unlock": "a lock goes with the process that holds it, so none is ever left behind",
    "login": "credentials are those of the AWS CLI: `aws configure` or `aws sso login`, then --profile NAME",
    "test": "`sagectl validate PATH` checks without AWS, "
    "`sagectl apply PATH --sandbox` does it all in a local SageMaker",
    "delete": "`sagectl destroy PATH` deletes all that the documents stand for, `--target KIND/NAME` one of them; "
    "a document taken out of a folder goes with `sagectl apply FOLDER --prune`",
    "describe": "`sagectl get KIND NAME` shows all of one resource",
    "list": "`sagectl get KIND` lists the account, `sagectl status PATH` what the documents stand for",
    "diff": "`sagectl plan PATH` shows what would be done, `sagectl drift PATH` how AWS differs",
    "create": "write a document and `sagectl apply PATH`",
    "edit": "edit the document and `sagectl apply PATH`",
    "deploy": "`sagectl apply PATH` does it, after showing the plan",
    "up": "`sagectl apply PATH` does it, after showing the plan",
    "preview": "`sagectl plan PATH` shows what would be done",
    "rollback": "apply the documents as they were, for instance after `git revert`; "
    "`sagectl sync --rollback NAME` for a sync",
    "wait": "`sagectl apply PATH` waits until AWS is done; `--timeout 30m` says how long",
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
    "-destroy": "`sagectl destroy PATH` shows what goes and asks before it does it",
    "--destroy": "`sagectl destroy PATH` shows what goes and asks before it does it",
    "--dry-run": "`sagectl plan PATH` is the dry run",
    "-replace": _ANEW,
    "--replace": _ANEW,
    "-refresh": "every plan looks at AWS anew: this can't be switched off",
    "-refresh-only": "`sagectl drift PATH` shows what differs, and its --accept writes it into the files",
    "-detailed-exitcode": "plan always ends so: 0 nothing to do, 2 changes, 1 error",
    "-lock": "the inventory is locked always, and the lock goes with the process",
    "-lock-timeout": "the inventory is locked always, and the lock goes with the process",
    "-input": "nothing is asked for but the yes of apply and destroy: write --yes",
    "-parallelism": "calls run at once as far as the service's limits allow; there is nothing to set",
    "-chdir": "give the folder as PATH",
    "-no-color": "write --no-color",
    "-f": "give files and folders as PATHs, without an option",
    "--filename": "give files and folders as PATHs, without an option",
    "-R": "folders are read with all that is in them",
    "-n": "write --set NAME to keep two of the same apart; `metadata.namespace` stands in the document",
    "--namespace": "write --set NAME to keep two of the same apart; "
    "`metadata.namespace` stands in the document",
    "--force": "what is held back says in the plan how to agree to it",
    "-v": "`sagectl --version` or `sagectl version`",
}


def of_command(word: str) -> str:
    """Our way of doing what another tool's command does; empty where we know of none."""
    return COMMANDS.get(word, "")


def of_option(word: str) -> str:
    """Our way of doing what another tool's option does; empty where we know of none."""
    return OPTIONS.get(word.partition("=")[0], "")
