"""Messages, help texts and docstrings are plain technical English: none of the phrases that were rewritten."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repo.files import python_files, relative_path, tree

_ROOT = Path(__file__).parents[2]
# Markdown that is checked as the texts of the product are; decision records keep the words of their time, the
# criteria name tests, and the glossary explains old words.
_DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/*.md",
    "docs/dev/*.md",
    "docs/kinds/*.md",
    "examples/*/*.md",
)
_EXEMPT = frozenset({"docs/dev/criteria.md", "docs/glossary.md"})

# Machines, which do not ask, tell, want or know. People do, and so may a sentence about them.
_MACHINES = (
    r"API servers?|AWS|Describe|Kubernetes|List\w*|SageMaker|Search|Terraform|caches?|commands?|controllers?|engines?|"
    r"filters?|forges?|index|inventor(?:y|ies)|models?|operators?|plans?|processes|programs?|replicas?|rows?|sagectl|"
    r"sandbox|schemas?|scripts?|servers?|services?|stores?|syncs?|versions?|`[^`]+`"
)

# A phrase as a regular expression, and a sentence that holds it.
_BANNED = {
    r"\bto succeed\b": "Plan: 1 to create, 2 to succeed.",
    r"\bbe succeeded\b": "Model/a will be succeeded by a new generation",
    r"\busers first\b": "delete what is declared, users first",
    r"\bis what is there\b": "What is declared is what is there",
    r"\blook at it\b": "3 calls change the account, about 16 look at it",
    r"\bSigns in this plan\b": "Signs in this plan:",
    r"\bis a yes\b": "Only 'yes' is a yes:",
    r"\bShall sagectl\b": "Shall sagectl do this in account 1?",
    r"\bAWS goes on\b": "accepted; AWS goes on working",
    r"\bAWS is at work: ": "waiting: AWS is at work: Creating",
    r"\bStuck: ": "Stuck: nothing was changed.",
    r"\blets? (it|them) go\b": "--confirm-deletes 5 lets them go",
    r"\banswered no more\b": "requests under this name are answered no more",
    r"\bstands? twice\b": "the key stands twice",
    r"\bneed each other\b": "these need each other: A -> B -> A",
    r"\bthis is text\b": "this is text, not a whole number",
    r"\blist of texts\b": "list of texts",
    r"\bare spoken\b": "only https:// and ssh:// are spoken",
    r"\brevision is followed\b": "exactly one revision is followed, and none is given",
    r"\bwords to a sync\b": "words to a sync, which is served by the process that runs",
    r"\btake a rollback back\b": "take a rollback back",
    r"\bwhat is pushed is applied\b": "Follow repositories: what is pushed is applied",
    r"\btell these apart\b": "Forges tell these apart for nobody.",
    r"\b[Nn]obody was asked\b": "Nobody was asked.",
    r"\bwas asked of AWS\b": "nothing was asked of AWS",
    r"\bis no wish\b": "A branch that was deleted is no wish to delete what it held.",
    r"\bbegins so\b": "A document of it begins so;",
    r"\bA CHANGED? (SPEC)?": "A CHANGED SPEC grows",
    r"\ba setting of the account\b": "a setting of the account",
    r"\bhowever long\b": "show all of what goes, however long",
    r"\bwhich account\b": "which account:",
    r"\bare minded\b": "`policy.mode: Off` are minded",
    r"\btold as\b": "told as undeclared",
    r"\bhour in peace\b": "it is corrected again after an hour in peace",
    r"\basks for a census\b": "A list asks for a census",
    r"\bwould take it over\b": "policy.adopt: Always would take it over",
    r"\bowner tags?\b": "its owner tag names this document",
    r"\broll call\b": "the roll call broke",
    r"\bone door\b": "one door to AWS",
    r"\bthe (turn|round) broke\b": "the turn broke",
    r"\bwhole number\b": "'x' is not a whole number",
    r"\bnobody knows whose\b": "nobody knows whose it is, and it stays",
    r"\bnobody listens\b": "nobody listens here",
    rf"(?:\b|(?=`))(?:{_MACHINES})(?: can't| do| does| did| not| never| n't| only)* (?:ask|tell|want|know|knew)s?\b": (
        "The sandbox does not know this operation."
    ),
    r"\b(?:are|be|been|is|was|were) told\b": "A deletion that failed is told with its reason.",
    r"\b[Hh]ow (?:a|the|an|each|all|this|things)(?: \w+)? stands?\b": "Write how a sync stands.",
    r"\b[Ww]hat stands (?:at|there|inside|before the)\b": "Read what stands at a path.",
    r"\b[Ww]here (?:it|a path|a value|everything) stands\b": "The message says where it stands.",
    r"\bas it stands\b": "The value is written as it stands.",
    r"\bAWS is (?:still )?at work\b": "A resource that AWS is at work on.",
    r"\bbegun anew\b": "It is called when a watch was begun anew.",
    r"\blives and dies\b": "The cache lives and dies with the pass.",
    r"\bin the same breath\b": "What it needs may come in the same breath.",
    r"\bon the word of\b": "Nothing is changed on the word of a status.",
    r"\bin peace\b": "A field that was in peace for an hour is corrected again.",
    r"\bnever came to life\b": "It is made again, for it never came to life.",
    r"\boff the map\b": "None off the map.",
    r"\btaken along\b": "taken along: Endpoint/fraud needs it",
    r"\bleft as well\b": "left as well: it needs Model/fraud",
    r"\bis let go\b": "Model/fraud is let go",
    r"\bmust go first\b": "'theirs' (ListApps) must go first",
    r"\bAWS's words\b": "A value in AWS's words.",
    r"\bmade anew\b": "it is made anew when the next pass does not find it",
}


def _texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The string literals of a module with their lines, docstrings among them; a format's values are left out."""
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr):
            parts = [str(each.value) for each in node.values if isinstance(each, ast.Constant)]
            yield node.lineno, " ".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def banned(text: str) -> str:
    """The first banned phrase of a text, whose lines may break anywhere; empty where it has none."""
    whole = re.sub(r"\s+", " ", text)
    return next((found[0] for phrase in _BANNED if (found := re.search(phrase, whole))), "")


def test_the_product_speaks_plain_technical_english() -> None:
    """No message, help text or docstring has a banned phrase."""
    found = [
        f"{relative_path(path)}:{line}: {phrase}"
        for path in python_files("controller")
        for line, text in _texts(tree(path))
        if (phrase := banned(text))
    ]
    assert not found, "\n".join(found)


def test_documents_speak_plain_technical_english() -> None:
    """No page for users or developers has a banned phrase."""
    pages = [
        file
        for pattern in _DOCUMENTS
        for file in sorted(_ROOT.glob(pattern))
        if relative_path(file) not in _EXEMPT
    ]
    assert len(pages) > 50
    found = [
        f"{relative_path(file)}: {phrase}"
        for file in pages
        if (phrase := banned(file.read_text(encoding="utf-8")))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("phrase", "sentence"), _BANNED.items())
def test_every_banned_phrase_is_found(phrase: str, sentence: str) -> None:
    """A planted sentence is found as a message, as a format, over two lines, and in a docstring."""
    broken = sentence.replace(" ", "\n    ")
    for source in (f"x = {sentence!r}", f"x = f'''{{y}} {sentence}'''", f'def f():\n    """{broken}"""\n'):
        module = ast.parse(source)
        assert any(re.search(phrase, re.sub(r"\s+", " ", text)) for _, text in _texts(module)), source
        assert any(banned(text) for _, text in _texts(module)), source
