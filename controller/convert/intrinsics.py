"""Evaluates intrinsic functions of a CloudFormation template, as far as the template alone permits.

Parameters become variables and resources become references, both as marks in strings. Conditions and mappings are
evaluated with the known values of parameters, which is reported. A value that only a deployed stack has is a finding.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.convert.foreign import Reading
from controller.convert.marks import (
    Attribute,
    attribute_mark,
    has_marks,
    variable_mark,
    variable_name,
    with_marks,
)
from controller.convert.source import ForeignDocument
from controller.core.finding import Code, Finding
from controller.core.path import Path
from controller.core.ref import quote_untrusted

OMITTED: Any = object()  # the value of a member that is left out: AWS::NoValue
LONGEST = 1024 * 1024  # characters of a string that functions return
_MOST = 16 * 1024 * 1024  # characters of all of them
_REFERENCE = re.compile(r"\$\{(!?)([^{}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
_LISTS = re.compile(r"CommaDelimitedList|List<.*>|AWS::SSM::.*")
# Pseudo parameters with a value that is the same for nearly all stacks.
_USUAL = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_PSEUDO = "AWS::"


class UnresolvedError(Exception):
    """A function whose value no document can express; the message is the reason."""


@dataclass
class Template:
    """A template, with the means to evaluate it.

    Fields:
        document: the file.
        body: the template.
        given: values of parameters by the variable's name.
        out: receives variables and findings.
        numbers: the number of each resource that is converted, by its logical ID.

    """

    document: ForeignDocument
    body: Mapping[str, Any]
    given: Mapping[str, Any]
    out: Reading
    numbers: dict[str, int] = field(default_factory=dict)
    _made: int = 0
    _decided: dict[str, bool] = field(default_factory=dict)
    _deciding: list[str] = field(default_factory=list)

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of the template; empty if it is missing or no mapping."""
        inner = self.body.get(name)
        return inner if isinstance(inner, Mapping) else {}

    def value(self, value: Any, path: Path) -> Any:
        """A value with its functions evaluated; ``OMITTED`` if it is left out."""
        if isinstance(value, list):
            made = [self.value(inner, (*path, i)) for i, inner in enumerate(value)]
            return [each for each in made if each is not OMITTED]
        if isinstance(value, str):
            return self._dynamic(value, path)
        if not isinstance(value, Mapping):
            return value
        name = next(iter(value)) if len(value) == 1 else ""
        if name in FUNCTIONS or name.startswith("Fn::"):
            return self._function(name, value[name], (*path, name))
        inside = {key: self.value(inner, (*path, key)) for key, inner in value.items()}
        return {key: each for key, each in inside.items() if each is not OMITTED}

    def _function(self, name: str, argument: Any, path: Path) -> Any:
        try:
            return FUNCTIONS.get(name, _refuse_function)(self, argument, path)
        except UnresolvedError as error:
            self.out.note(Code.UNTRANSLATED_VALUE, str(error), self.document, path)
            return OMITTED

    def _dynamic(self, text: str, path: Path) -> str:
        """A string, if it has no dynamic references, which CloudFormation resolves to secrets and parameters."""
        found = _DYNAMIC.search(text)
        if found is None:
            return text
        name = variable_name("_".join(str(part) for part in path if part not in ("Resources", "Properties")))
        self.out.variables.setdefault(name, None)
        self.out.sensitive.add(name)
        return self.count_text(text.replace(found[0], variable_mark(name)))

    def count_text(self, text: str) -> str:
        """A string that a function returned; it counts towards the limits.

        Raises:
            UnresolvedError: it is too long, or all of them are.

        """
        self._made += len(text)
        if len(text) > LONGEST or self._made > _MOST:
            raise UnresolvedError(
                f"functions make texts of more than {LONGEST} characters, or {_MOST} in all"
            )
        return text

    def text(self, value: Any, path: Path) -> str:
        """The string of a value after its functions are evaluated.

        Raises:
            UnresolvedError: it is no string.

        """
        made = self.value(value, path)
        if isinstance(made, bool):
            return str(made).lower()
        if isinstance(made, str | int | float):
            return str(made)
        raise UnresolvedError("a part of it is no string")

    def known_string(self, value: Any, path: Path) -> str:
        """The string of a value with the known values of parameters.

        Raises:
            UnresolvedError: a parameter has no value, or an attribute of a resource is a part of it.

        """
        return with_marks(self.text(value, path), self._parameter_value)

    def _parameter_value(self, meaning: Attribute | str) -> str:
        if isinstance(meaning, Attribute):
            raise UnresolvedError("it depends on an attribute of a resource")
        value = self.out.variables.get(meaning)
        if value is None:
            raise UnresolvedError(
                f"it depends on the parameter {meaning}, which has no value: give it with --var"
            )
        return str(value)

    def reference(self, name: str, path: Path) -> Any:
        """The value of ``Ref``."""
        if name == "AWS::NoValue":
            return OMITTED
        if name in self.numbers:
            return attribute_mark(Attribute(self.numbers[name], ""))
        parameter = self.section("Parameters").get(name)
        if isinstance(parameter, Mapping):
            return self._parameter(name, parameter, path)
        if not name.startswith(_PSEUDO) and name not in self.section("Resources"):
            raise UnresolvedError(f"there is no parameter or resource {quote_untrusted(name)}")
        return self.variable(name, self.given.get(variable_name(name), _USUAL.get(name)))

    def attribute(self, name: str, attribute: str) -> str:
        """The value of ``Fn::GetAtt``: a variable, if the resource has no document."""
        if name in self.numbers:
            return attribute_mark(Attribute(self.numbers[name], attribute))
        if name not in self.section("Resources"):
            raise UnresolvedError(f"there is no resource {quote_untrusted(name)}")
        variable = variable_name(f"{name}_{attribute}")
        return self.variable(variable, self.given.get(variable))

    def variable(self, name: str, value: Any) -> str:
        """The mark of a variable, with its value if known."""
        variable = variable_name(name)
        self.out.variables.setdefault(variable, value)
        return variable_mark(variable)

    def _parameter(self, name: str, parameter: Mapping[str, Any], path: Path) -> Any:
        kind, default = str(parameter.get("Type")), parameter.get("Default")
        value = self.given.get(variable_name(name), None if kind.startswith("AWS::SSM::") else default)
        if _LISTS.fullmatch(kind) and not kind.startswith("AWS::SSM::"):
            if value is None:
                raise UnresolvedError(f"the list {quote_untrusted(name)} has no value: give it with --var")
            self.note_decision(
                f"the list {quote_untrusted(name)} is written out: variables hold no lists", path
            )
            return [each.strip() for each in str(value).split(",")]
        if str(parameter.get("NoEcho")).lower() == "true":
            self.out.sensitive.add(variable_name(name))
        return self.variable(name, value if isinstance(value, str | int | float) else None)

    def holds(self, name: str, path: Path) -> bool:
        """Whether a condition is true with the known values of parameters; true if that is unknown."""
        if name in self._deciding:
            chain = " -> ".join((*self._deciding[self._deciding.index(name) :], name))
            message = f"dependency cycle of conditions: {chain}"
            self.out.findings.append(Finding(Code.CYCLE, message, self.document.at(path), path))
            return True
        if name not in self._decided:
            self._deciding.append(name)
            try:
                self._decided[name] = self._decide(name, path)
            finally:
                self._deciding.pop()
        return self._decided[name]

    def _decide(self, name: str, path: Path) -> bool:
        if name not in self.section("Conditions"):
            self.out.note(
                Code.UNTRANSLATED_VALUE, f"there is no condition {quote_untrusted(name)}", self.document, path
            )
            return True
        where: Path = ("Conditions", name)
        try:
            holds = self._condition(self.section("Conditions")[name], where)
        except UnresolvedError as error:
            message = f"{error}; the documents hold what follows if it holds"
            self.out.note(Code.UNTRANSLATED_VALUE, message, self.document, where)
            return True
        word = "holds" if holds else "does not hold"
        self.note_decision(f"{name} {word} with the parameters' values", where)
        return holds

    def note_decision(self, message: str, path: Path) -> None:
        """Report a decision that was made with known values of parameters."""
        hint = "convert again with other values of --var for another environment"
        self.out.note(Code.DECIDED_CONDITION, message, self.document, path, hint)

    def _condition(self, value: Any, path: Path) -> bool:
        name = next(iter(value)) if isinstance(value, Mapping) and len(value) == 1 else ""
        argument = value[name] if name else None
        if name == "Condition" and isinstance(argument, str):
            return self.holds(argument, (*path, name))
        if not isinstance(argument, list):
            raise UnresolvedError("expected a condition function")
        if name == "Fn::Equals" and len(argument) == len(("left", "right")):
            left, right = (self.known_string(each, (*path, name, i)) for i, each in enumerate(argument))
            return left == right
        inner = [self._condition(each, (*path, name, i)) for i, each in enumerate(argument)]
        known: dict[str, Callable[[], bool]] = {
            "Fn::And": lambda: all(inner), "Fn::Or": lambda: any(inner), "Fn::Not": lambda: not all(inner),
        }  # fmt: skip
        if name not in known:
            raise UnresolvedError(f"{quote_untrusted(name)} is no condition function")
        return known[name]()


def _refuse_function(template: Template, argument: Any, path: Path) -> Any:
    del template, argument
    raise UnresolvedError(f"{quote_untrusted(path[-1])} cannot be carried out without the stack")


def _arguments(argument: Any, *counts: int) -> list[Any]:
    if not isinstance(argument, list) or len(argument) not in counts:
        raise UnresolvedError(f"expected a list of {' or '.join(map(str, counts))} arguments")
    return argument


def _ref(template: Template, argument: Any, path: Path) -> Any:
    if not isinstance(argument, str):
        raise UnresolvedError("expected the name of a parameter or resource")
    return template.reference(argument, path)


def _get_att(template: Template, argument: Any, path: Path) -> Any:
    del path
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if not isinstance(parts, list) or len(parts) < 2 or not all(isinstance(each, str) for each in parts):  # noqa: PLR2004 - resource and attribute
        raise UnresolvedError("expected a resource and the name of an attribute")
    return template.attribute(parts[0], ".".join(parts[1:]))


def _evaluate_sub(template: Template, argument: Any, path: Path) -> Any:
    text, own = (argument, {}) if isinstance(argument, str) else _arguments(argument, 2)
    if not isinstance(text, str) or not isinstance(own, Mapping):
        raise UnresolvedError("expected a string, or a string and an object")
    known = {key: template.text(value, (*path, 1, key)) for key, value in own.items()}
    size = 0

    def written(found: re.Match[str]) -> str:
        nonlocal size
        name = found[2].strip()
        if found[1]:
            return f"${{{name}}}"
        if name in known:
            made = known[name]
        elif "." in name and not name.startswith(_PSEUDO):
            made = template.attribute(*name.split(".", 1))
        else:
            made = template.text({"Ref": name}, path)
        size += len(made)
        if size > LONGEST:
            raise UnresolvedError(f"it is a text of more than {LONGEST} characters")
        return made

    return template.count_text(_REFERENCE.sub(written, text))


def _join(template: Template, argument: Any, path: Path) -> Any:
    between, parts = _arguments(argument, 2)
    listed = template.value(parts, (*path, 1))
    if not isinstance(between, str) or not isinstance(listed, list):
        raise UnresolvedError("expected a delimiter and a list")
    texts = [template.text(each, (*path, 1, i)) for i, each in enumerate(listed)]
    if sum(map(len, texts)) + len(between) * len(texts) > LONGEST:
        raise UnresolvedError(f"it is a text of more than {LONGEST} characters")
    return template.count_text(between.join(texts))


def _evaluate_if(template: Template, argument: Any, path: Path) -> Any:
    name, yes, no = _arguments(argument, 3)
    if not isinstance(name, str):
        raise UnresolvedError("expected the name of a condition")
    return template.value(*((yes, (*path, 1)) if template.holds(name, path) else (no, (*path, 2))))


def _find_in_map(template: Template, argument: Any, path: Path) -> Any:
    parts = [template.known_string(each, (*path, i)) for i, each in enumerate(_arguments(argument, 3))]
    here: Any = template.section("Mappings")
    for part in parts:
        if not isinstance(here, Mapping) or part not in here:
            raise UnresolvedError(f"the mapping has no {quote_untrusted(part)}")
        here = here[part]
    if any(isinstance(each, Mapping) for each in argument):
        template.note_decision("a mapping is read with the parameters' values", path)
    return here


def _select(template: Template, argument: Any, path: Path) -> Any:
    index, listed = _arguments(argument, 2)
    number, made = template.known_string(index, (*path, 0)), template.value(listed, (*path, 1))
    if not number.isdecimal() or not isinstance(made, list) or int(number) >= len(made):
        raise UnresolvedError("expected an index of the list")
    return made[int(number)]


def _split(template: Template, argument: Any, path: Path) -> Any:
    between, text = _arguments(argument, 2)
    made = template.text(text, (*path, 1))
    if not isinstance(between, str) or not between or has_marks(made):
        raise UnresolvedError("what it splits is known later")
    return made.split(between)


def _base64(template: Template, argument: Any, path: Path) -> Any:
    text = template.text(argument, path)
    if has_marks(text):
        raise UnresolvedError("what it encodes holds a parameter or reference")
    return template.count_text(base64.b64encode(text.encode()).decode("ascii"))


def _to_json(template: Template, argument: Any, path: Path) -> Any:
    return template.count_text(json.dumps(template.value(argument, path), ensure_ascii=False))


def _import(template: Template, argument: Any, path: Path) -> Any:
    name = template.text(argument, path)
    plain = with_marks(name, lambda each: "" if isinstance(each, Attribute) else each)
    return template.variable(plain, template.given.get(variable_name(plain)))


FUNCTIONS: Mapping[str, Callable[[Template, Any, Path], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _evaluate_sub,
    "Fn::Join": _join,
    "Fn::If": _evaluate_if,
    "Fn::FindInMap": _find_in_map,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Base64": _base64,
    "Fn::ToJsonString": _to_json,
    "Fn::ImportValue": _import,
}
