"""How text looks: its width, its colours, and nothing in it that could fool a terminal."""

from dataclasses import dataclass

from controller.core.phase import Action

_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2"}
_SIGN_COLOURS = {
    "+": "green", "~": "yellow", "-": "red", "-/+": "red", "+/-": "green", "=": "cyan", "!": "red",
    "…": "cyan", "#": "cyan", "?": "cyan", "»": "yellow", "x": "red",
}  # fmt: skip
_LEAST = 16


@dataclass(frozen=True)
class Style:
    """The width in characters, and whether colours may be used."""

    width: int = 100
    colour: bool = False

    def paint(self, text: str, style: str) -> str:
        """The text in a style, where colours may be used."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour and style else text

    def sign(self, sign: str) -> str:
        """A sign in its colour."""
        return self.paint(sign, _SIGN_COLOURS.get(sign.strip(), ""))

    def fit(self, text: str, taken: int) -> str:
        """The text cut to what is left of a line; a cut says how long the text is, and spares room or is not made."""
        room = max(self.width - taken, _LEAST)
        if len(text) <= room:
            return text
        tail = f"… ({len(text)} characters)"
        cut = text[: max(room - len(tail), _LEAST)] + tail
        return cut if len(cut) < len(text) else text

    def wrap(self, text: str, indent: str, first: str) -> list[str]:
        """The text in lines: the first behind ``first``, the others behind ``indent``."""
        from textwrap import wrap

        lines = wrap(clean(text), max(self.width - len(indent), _LEAST * 2), break_long_words=False)
        return [(first if number == 0 else indent) + line for number, line in enumerate(lines)]


def clean(text: str) -> str:
    """The text with everything unprintable written as its escape: no value may move the cursor."""
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char, f"\\u{ord(char):04x}")


def sign_of(action: Action) -> str:
    """The sign of an action."""
    return action.value.strip()
