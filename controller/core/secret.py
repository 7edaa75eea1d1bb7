"""Why a secret that a document or a setting refers to is not known."""


class SecretError(Exception):
    """A secret can't be read; the message names the reference, never a value."""
