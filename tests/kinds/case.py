"""The test data of one kind: its minimal spec, and changes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.journeys.stage import document_text


@dataclass(frozen=True)
class Case:
    """A kind's case.

    ``changes`` map an updatable member to its text before and after, ``frozen`` is such a pair that no update
    can bring. ``during`` says how many seconds after its start a run takes the change of a member; other
    members are changed once all is settled.
    """

    name: str
    spec: str
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    frozen: tuple[str, str] = ("", "")
    needs: tuple[str, ...] = ()
    during: Mapping[str, float] = field(default_factory=dict)

    def document(self, kind: str, extra: str = "", policy: str = "") -> str:
        """The document with an additional member."""
        return document_text(kind, self.name, f"{self.spec}\n{extra}".strip() or "{}", policy)


def change_text(member: str, before: str, after: str) -> dict[str, tuple[str, str]]:
    """The texts of one member's change; ``{}`` in them is the member's name in documents."""
    written = member[0].lower() + member[1:]
    return {member: (f"{written}: {before}", f"{written}: {after}")}
