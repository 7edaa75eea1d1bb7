"""How a document is named."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Ref:
    """The identity of a document: its kind, its ``metadata.name`` and, where given, its namespace."""

    kind: str
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        """``Kind/name``, or ``Kind/namespace/name``."""
        location = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind}/{location}{self.name}"

    @classmethod
    def parse(cls, text: str) -> "Ref":
        """Read what ``str`` writes.

        Raises:
            ValueError: the text is neither ``Kind/name`` nor ``Kind/namespace/name``.

        """
        parts = text.split("/")
        if len(parts) == 2 and all(parts):  # noqa: PLR2004 - kind and name
            return cls(parts[0], parts[1])
        if len(parts) == 3 and all(parts):  # noqa: PLR2004 - kind, namespace and name
            return cls(parts[0], parts[2], parts[1])
        raise ValueError(f"'{text}' is not KIND/NAME or KIND/NAMESPACE/NAME")
