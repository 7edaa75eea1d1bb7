"""CodeRepository: a git repository for notebooks; only its secret can be changed."""

from controller.kinds.kind import Kind

CODE_REPOSITORY = Kind(name="CodeRepository", plural="CodeRepositories")
