"""CodeRepository: a git repository for notebooks; only its secret can be changed."""

from controller.kinds.columns import Body
from controller.kinds.display import DisplayColumn
from controller.kinds.kind import Display, Kind, Write


def _repository_text(config: Body) -> str:
    return f"{config.get('RepositoryUrl', '?')} {config.get('Branch', '')}".rstrip()


CODE_REPOSITORY = Kind(
    name="CodeRepository",
    write=Write(
        # GitConfigForUpdate can't remove the secret (the Terraform provider replaces the repository).
        kept=("GitConfig.SecretArn",),
    ),
    display=Display(
        columns=(DisplayColumn("GitConfig", _repository_text),),
    ),
)
