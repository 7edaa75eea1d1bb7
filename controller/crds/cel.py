"""Names and texts as CEL has them (kubernetes.io/docs/reference/using-api/cel)."""

# Words of CEL that can't be members; the API server writes them with underscores.
_RESERVED = frozenset(
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
        "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    }
)  # fmt: skip


def cel(name: str) -> str:
    """A member's name in an expression."""
    return f"__{name}__" if name in _RESERVED else name


def quoted(text: str) -> str:
    """A text as a literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
