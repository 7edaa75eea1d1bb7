"""The error of a secret reference that can't be resolved."""


class SecretError(Exception):
    """A secret can't be read; the message names the reference, never a value."""
