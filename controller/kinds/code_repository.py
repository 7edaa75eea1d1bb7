"""CodeRepository: a git repository for notebooks; only its secret can be changed."""

from controller.kinds.display import Show
from controller.kinds.kind import Body, Kind


def _where(config: Body) -> str:
    return f"{config.get('RepositoryUrl', '?')} {config.get('Branch', '')}".rstrip()


CODE_REPOSITORY = Kind(
    name="CodeRepository",
    plural="CodeRepositories",
    # GitConfigForUpdate has no form that takes the secret away (the Terraform provider replaces the repository).
    kept=("GitConfig.SecretArn",),
    columns=(Show("GitConfig", _where),),
)
