"""Class names are unique: a name in a traceback, a log or a search leads to one definition."""

import ast
from collections import defaultdict
from collections.abc import Iterable

from tests.repo.files import python_files, relative_path, tree


def repeated_names(modules: Iterable[tuple[str, ast.Module]]) -> dict[str, list[str]]:
    """Public classes of more than one module, by name, with the places where they are defined."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, module in modules:
        for node in module.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(f"{path}:{node.lineno}")
    return {name: places for name, places in sorted(found.items()) if len(places) > 1}


def test_no_public_class_name_stands_twice() -> None:
    """Each public class of the product has a name of its own, the sandbox's classes included."""
    found = repeated_names((relative_path(path), tree(path)) for path in python_files("controller"))
    assert not found, "\n".join(f"{name}: {', '.join(places)}" for name, places in found.items())


def test_two_classes_of_one_name_are_found() -> None:
    """A second public class of a name is reported with both places; private and inner classes are not."""
    modules = {
        "a.py": "class Lease: pass\nclass _Entry: pass\nclass Outer:\n    class Inner: pass\n",
        "b.py": "import os\nclass Lease: pass\nclass _Entry: pass\nclass Inner: pass\n",
    }
    parsed = [(path, ast.parse(text)) for path, text in modules.items()]
    assert repeated_names(parsed) == {"Lease": ["a.py:1", "b.py:2"]}
