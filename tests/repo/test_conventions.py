import ast
import re
from collections.abc import Iterator

from controller.kinds import KINDS
from tests.repo.files import ROOT, files, functions, python_files, relative_path, tree

LINES_OF_A_FUNCTION = 40
LINES_OF_A_FILE = 400
_HOME = re.compile(r"/(?:home|Users|root|work|private/tmp)/[\w.-]+|[A-Z]:\\\\Users")
_IN_IMAGES = "/home/sagemaker-user"  # the home that images of Studio have (API reference, FileSystemConfig)
_JUNK_FOLDERS = {"utils", "helpers", "misc", "common"}


def test_functions_fit_on_a_screen() -> None:
    """No function of the product, nor of its tests, is longer than forty lines, its docstring left out."""
    long = [
        f"{relative_path(path)}:{each.lineno} {each.name}: {_length(each)} lines"
        for folder in ("controller", "tests")
        for path in python_files(folder)
        for each in functions(path)
        if _length(each) > LINES_OF_A_FUNCTION
    ]
    assert not long, "\n".join(long)


def _length(of: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    statement = of.body[0] if ast.get_docstring(of, clean=False) is not None else None
    docstring = (statement.end_lineno or 0) - statement.lineno + 1 if statement else 0
    return (of.end_lineno or of.lineno) - of.lineno + 1 - docstring


def test_files_stay_small_and_are_named_by_what_they_hold() -> None:
    """No Python file is longer than four hundred lines, or has a name that fits any content."""
    for path in python_files("controller") + python_files("tests"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES_OF_A_FILE, relative_path(path)
        assert path.stem not in _JUNK_FOLDERS, relative_path(path)


def test_every_test_says_its_behaviour() -> None:
    """Every test has a docstring."""
    silent = [
        f"{relative_path(path)}:{each.lineno} {each.name}"
        for path in python_files("tests")
        for each in functions(path)
        if each.name.startswith("test_") and not ast.get_docstring(each)
    ]
    assert not silent, "\n".join(silent)


def test_no_kind_is_named_outside_its_rows() -> None:
    """Only kinds and the sandbox name a kind; names in help texts and docstrings are examples."""
    named = [
        found
        for path in python_files("controller")
        if not path.is_relative_to(ROOT / "controller" / "kinds")
        and not path.is_relative_to(ROOT / "controller" / "sandbox")
        for found in (f"{relative_path(path)}:{line}: {word}" for line, word in _kind_mentions(tree(path)))
    ]
    assert not named, "\n".join(named)


_OURS = {"Action"}  # what a step does; only in strings is it the lineage kind


def _kind_mentions(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Names and strings that contain a kind's name as a word, without docstrings and multi-line texts."""
    kinds = re.compile(
        rf"(?<!X-)\b(?:{'|'.join(KINDS)})\b|^(?:Create|Describe|Update|Delete|List)(?:{'|'.join(KINDS)})s?$"
    )
    reported = {id(each.value) for each in ast.walk(module) if isinstance(each, ast.Expr)}
    for node in ast.walk(module):
        word = _word(node)
        if word in _OURS and not isinstance(node, ast.Constant):
            continue
        if id(node) not in reported and kinds.search(word):
            yield getattr(node, "lineno", 0), word


def _word(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
        return node.value
    return ""


def test_no_file_tells_of_a_machine() -> None:
    """No committed file has a path of a developer's machine."""
    lines = [
        f"{relative_path(path)}: {found.group()}"
        for path in files()
        if path.suffix not in {".png", ".lock"} and path.name != "test_manners.py"
        for found in _HOME.finditer(path.read_text(encoding="utf-8", errors="replace"))
        if found.group() != _IN_IMAGES
    ]
    assert not lines, "\n".join(lines)


def test_every_exception_to_a_rule_has_its_reason() -> None:
    """Each excluded rule of ruff, each noqa and each type: ignore has a reason or names its rule."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if re.match(r'\s+"[A-Z]+\d*",', line)]
    assert rules
    assert not [line for line in rules if not re.search(r"#\s*\S+", line)]
    vague = [
        f"{relative_path(path)}:{number}"
        for path in python_files("controller") + python_files("tests")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"#\s*(?:noqa|type: ignore)\s*(?:$|-)", line)
    ]
    assert not vague, "\n".join(vague)


def test_every_dependency_has_its_reason() -> None:
    """Each dependency is listed with what it is for."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = text[
        text.index("dependencies = [") : text.index("[tool.hatch.build.targets.wheel]")
    ].splitlines()
    assert not [line for line in listed if line.startswith('    "') and "#" not in line]
