"""Identifiers have terms of the field: none of the banned metaphors."""

import ast
import re
from collections.abc import Iterator

from tests.repo.files import python_files, relative_path, tree

_BANNED = frozenset(
    {
        *("told", "asked", "said", "telling", "words", "together", "mind", "desk", "farewell"),
        *("roll", "census", "sights", "papers", "roster", "place", "rhythm", "means", "haunt"),
        *("ripe", "grown", "undying", "dying", "dead", "turn", "look", "footing", "sight"),
        *(
            "ask",
            "asks",
            "asking",
            "unasked",
            "wanted",
            "wants",
            "tell",
            "tells",
            "teller",
            "untold",
            "unsaid",
        ),
        *(
            "desks",
            "door",
            "birth",
            "born",
            "stillborn",
            "fate",
            "ghost",
            "ghosts",
            "stranger",
            "strangers",
            "shelf",
        ),
        *("patience", "hush", "heed", "sieve", "sieved"),
        *("succession", "successions"),
        *("draft", "stirs", "carried", "asides", "gates", "ties", "shows", "timely", "apart"),
        *(
            "unheld",
            "foreknown",
            "standings",
            "stance",
            "steer",
            "steering",
            "lent",
            "vacate",
            "gift",
            "stands",
        ),
        *("rivals", "twin", "twins", "skyline", "knot", "ripen", "misfit", "misfits", "misshapen", "lively"),
        *(
            "spelt",
            "speller",
            "spoke",
            "needy",
            "unlucky",
            "outlasting",
            "badness",
            "peace",
            "fought",
            "fights",
        ),
        *(
            "wiped",
            "barred",
            "sought",
            "unended",
            "awake",
            "foresee",
            "remade",
            "brake",
            "brakes",
            "surroundings",
        ),
        *("neighbour", "neighbours", "companions", "kin", "heir", "unremembered", "advised", "remarkable"),
        *("trouble", "troubles", "troubled", "heard", "stirred", "spoken", "stopper", "stoppers", "armour"),
        *("likeness", "hole", "holes", "strange", "disposition", "dispositions", "seal", "seals", "unsound"),
        *("spotless", "astray", "doom", "goer", "hushed", "deadly", "bystander", "unbar", "nameless", "loud"),
        *("news", "surely", "mending", "wishes", "modern"),
    }
)
# Names in interfaces and stored files: they change only with a new version of the format.
_PUBLIC = frozenset({"updating_shows_new_config", "look"})
# Names of other people's packages, which a keyword of a call or an overridden method must spell as they do.
_FOREIGN = frozenset({"break_long_words"})
_FOLDERS = ("controller", "tests")


# Where a node of the syntax tree holds the name that it defines.
_HOLDS = {
    ast.Name: "id",
    ast.arg: "arg",
    ast.Attribute: "attr",
    ast.alias: "asname",
    ast.MatchMapping: "rest",
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef), "name"),
    **dict.fromkeys((ast.ExceptHandler, ast.MatchAs, ast.MatchStar), "name"),
}


def identifiers(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name that a module defines, with its line: what is only used is defined elsewhere."""
    for node in ast.walk(module):
        name = getattr(node, _HOLDS.get(type(node), ""), None)
        if name and not isinstance(getattr(node, "ctx", None), ast.Load):
            yield getattr(node, "lineno", 0), name


def banned(name: str) -> str:
    """The first banned part of an identifier; empty if there is none."""
    parts = re.split(r"_+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    return next((each for each in parts if each in _BANNED), "")


def test_identifiers_are_words_of_the_field() -> None:
    """No variable, argument, field, function or class has a banned word in its name; names of tests are exempt."""
    found = [
        f"{relative_path(path)}:{line}: {name}"
        for folder in _FOLDERS
        for path in python_files(folder)
        for line, name in identifiers(tree(path))
        if banned(name) and name not in _PUBLIC | _FOREIGN and not name.startswith("test_")
    ]
    assert not found, "\n".join(found)


def test_every_way_to_define_a_name_is_seen() -> None:
    """A banned word is found in a variable, argument, field, function, class, alias, capture and caught error."""
    module = ast.parse(
        "import os as told\n"
        "class Desk:\n"
        "    told: int = 0\n"
        "    def look_up(self, said, *words, means=0, **ties):\n"
        "        self.place = [dead for dead in words]\n"
        "        with self as turn: pass\n"
        "        try: pass\n"
        "        except OSError as dying: pass\n"
        "        match said:\n"
        "            case {'a': grown, **papers}: pass\n"
        "            case [*sights]: pass\n"
        "            case int() as roll: pass\n"
        "        return (asked := 1)\n"
        "def foresee(neighbours, *, stance=''):\n"
        "    brakes: list[str] = []\n"
        "    knot = _skyline = [misfit for misfit in neighbours]\n"
    )
    names = {name for _, name in identifiers(module) if banned(name)}
    assert names == {
        *("told", "Desk", "look_up", "said", "words", "means", "ties", "place", "dead", "turn", "dying"),
        *("grown", "papers", "sights", "roll", "asked"),
        *("foresee", "neighbours", "stance", "brakes", "knot", "_skyline", "misfit"),
    }
