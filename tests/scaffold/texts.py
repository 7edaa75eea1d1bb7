"""The three files of a new kind, with questions about facts that botocore lacks."""

import textwrap

from controller.schema.kind_names import split_name
from controller.schema.names import lower_camel
from tests.scaffold.facts import Facts

MARK = "# make kind:"  # every line that must be answered and removed


def snake(name: str) -> str:
    """``CodeRepository`` -> ``code_repository``."""
    return "_".join(split_name(name)).lower()


def _comment(text: str) -> str:
    return textwrap.fill(
        text, 116, initial_indent=f"{MARK} ", subsequent_indent=f"{MARK}   ", break_on_hyphens=False
    )


def _join_names(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def _derived_facts(of: Facts) -> list[str]:
    """The facts that are derived and need no column."""
    return [
        (
            f"operations {_join_names(tuple(of.verbs.values()))}; identity {of.named}; "
            f"{'Create takes tags' if of.taggable else 'Create takes no tags, so ownership needs identity.found_by'}"
        ),
        f"updatable {_join_names(of.updatable)}; frozen {_join_names(of.frozen)}",
    ]


def _questions(of: Facts) -> list[str]:
    """The questions about a row, by column."""
    links = _join_names(tuple(f"{member} to {kind}" for member, kind in of.links))
    questions = [
        ("identity.links: which members name other kinds? By their names", links),
        ("compare.unordered, compare.keyed: does order mean something in", _join_names(of.lists)),
        ("compare.documents: is it JSON in a string", _join_names(of.texts)),
        ("compare.reads, compare.unreadable: Describe has no member of that name", _join_names(of.unshown)),
        ("write.cleared, write.kept: what removes it once it was set", _join_names(of.optional)),
        ("lifecycle.status_phases: statuses with no common phase", _join_names(of.unknown)),
        ("lifecycle.delete_blockers: what refuses its deletion? These Lists name it", _join_names(of.users)),
        ("lifecycle.runs: it is stopped by", of.verbs.get("Stop", "none")),
    ]
    always = [
        "compare.defaults: what does the service fill in where a member is left out? With the source",
        "write.rules: which members exclude or need each other? With the source",
        "lifecycle.consequences: what do deletion and update interrupt or lose?",
        *(
            []
            if of.updatable
            else ["lifecycle.generations: is a change a new generation beside the old one?"]
        ),
    ]
    return [*(f"{question}: {answer}" for question, answer in questions if answer != "none"), *always]


def row_module(of: Facts) -> str:
    """The module of the row."""
    lines = [_comment(f"derived: {each}.") for each in _derived_facts(of)]
    lines += [_comment(each) for each in _questions(of)]
    return (
        f'"""{of.name}: {of.about}."""\n\n'
        "from controller.kinds.kind import Kind\n\n" + "\n".join(lines) + "\n"
        f'{snake(of.name).upper()} = Kind(name="{of.name}")\n'
    )


def sandbox_module(of: Facts) -> str:
    """The module of the sandbox's kind: written from the service's sources, not from the row."""
    codes = {code for errors in of.errors.values() for code in errors}
    missing = "ResourceNotFound" if "ResourceNotFound" in codes else "ValidationException"
    taken = "ResourceInUse" if "ResourceInUse" in of.errors[of.verbs["Create"]] else "ValidationException"
    named = f'\n    name_member="{of.named}",' if of.named != f"{of.name}Name" else ""
    noun = " ".join(split_name(of.name)).lower()
    questions = [
        (
            "the texts of missing, exists and busy: as the handlers of Terraform, ACK, CloudFormation or the SDK know "
            "them; add them to tests/aws/test_absence.py"
        ),
        f"declared errors: {'; '.join(f'{called} {_join_names(codes)}' for called, codes in of.errors.items())}",
        f"life: statuses {_join_names(of.statuses)}; in which order and how long? (Life, and a knob for the time)",
        "guards: what does Create refuse, and delete_guards: what Delete?",
        "listing: the default order of List, as its documentation has it",
    ]
    return (
        f'"""{of.name}: {of.about}."""\n\n'
        "from controller.sandbox.kind import ListDefaults, SandboxKind\n"
        "from controller.sandbox.service_error import Phrase\n\n"
        + "\n".join(map(_comment, questions))
        + f"""
{snake(of.name).upper()} = SandboxKind(
    name="{of.name}",
    path="{of.path}",{named}
    missing=Phrase("{missing}", "Could not find {noun} '{{name}}'."),
    exists=Phrase("{taken}", "{noun.capitalize()} {{arn}} already exists."),
    busy=Phrase("ConflictException", "{noun.capitalize()} {{arn}} is being changed by another request."),
    listing=ListDefaults(key="{of.page}"),
)
"""
    )


def case_module(of: Facts) -> str:
    """The module of the test case."""
    needed = "\n".join(f"{lower_camel(member)}: '?'" for member in of.required)
    spec = f'"""\n{needed}\n"""' if needed else '""'
    changes = "".join(
        f'\n        "{member}": ("{lower_camel(member)}: \'?\'", "{lower_camel(member)}: \'?\'"),'
        for member in of.updatable
    )
    frozen = lower_camel(of.frozen[0]) if of.frozen else ""
    pair = f"(\"{frozen}: '?'\", \"{frozen}: '?'\")" if frozen else '("", "")'
    questions = [
        (
            "the least spec that AWS takes; before and after of a change of each updatable member; a change that no "
            "update can make; the documents that it needs first"
        ),
        "then: a document in tests/journeys/tree.py, its links in tests/journeys/references.py",
    ]
    return (
        f'"""The case of {of.name}."""\n\n'
        "from tests.kinds.case import Case\n\n"
        + "\n".join(map(_comment, questions))
        + f"""
{snake(of.name).upper()} = Case(
    "example",
    {spec},
    changes={{{changes}
    }},
    frozen={pair},
)
"""
    )
