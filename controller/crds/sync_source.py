"""The schema of what a GitSync follows: a repository, a ref, a login, and which files."""

from controller.crds.scalar import Schema, object_name
from controller.crds.status import text

_URL = 2048
_REF = 1024
_PATTERN = 512
_PATTERNS = 200
_DIGITS = "^([0-9a-f]{40}|[0-9a-f]{64})$"
_ONE = ("branch", "tag", "semver", "commit", "name")


def source_schema() -> Schema:
    """The schema of ``spec.source``."""
    return {
        "description": "The repository, and what of it.",
        "type": "object",
        "required": ["ref", "url"],
        "properties": {
            "url": _url(),
            "ref": _ref(),
            "secretRef": secret(
                "The login, by its keys: username and password, or bearerToken, or identity (a private key of "
                "SSH) and known_hosts; for https also ca.crt, authorities to trust instead of the system's."
            ),
            "verify": _verify(),
            "path": _path(),
            "include": patterns("Files that are documents; by default *.yaml, *.yml and *.json."),
            "exclude": patterns("Files that are not, as .gitignore writes them, relative to path."),
        },
        "x-kubernetes-validations": [
            {
                "rule": "!self.url.startsWith('ssh://') || has(self.secretRef)",
                "message": "ssh needs a secretRef with identity and known_hosts",
                "fieldPath": ".secretRef",
            }
        ],
    }


def secret(about: str) -> Schema:
    """A Secret of the same namespace, by name."""
    return {
        "description": f"{about} A Secret of the same namespace.",
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"description": "Its name.", **object_name()}},
    }


def patterns(about: str) -> Schema:
    """Patterns of file names."""
    one = {"type": "string", "minLength": 1, "maxLength": _PATTERN}
    return {"description": about, "type": "array", "maxItems": _PATTERNS, "items": one}


def _url() -> Schema:
    return {
        **text("https://host/path or ssh://user@host/path; no login stands in it."),
        "maxLength": _URL,
        "pattern": r"^(https://[^@\s]+|ssh://[^@:/\s]+@\S+)$",
    }


def _ref() -> Schema:
    listed = ", ".join(_ONE)
    given = ", ".join(f"has(self.{name})" for name in _ONE)
    return {
        "description": f"Which revision: exactly one of {listed}.",
        "type": "object",
        "properties": {
            "branch": _word("The newest commit of a branch."),
            "tag": _word("A tag."),
            "semver": _word("The highest tag in a range, such as '>=1.2 <2'."),
            "commit": {**text("A commit, all its digits."), "pattern": _DIGITS},
            "name": {**_word("A full name, such as refs/pull/7/head."), "pattern": "^refs/"},
        },
        "x-kubernetes-validations": [
            {
                "rule": f"[{given}].filter(each, each).size() == 1",
                "message": f"exactly one of {listed} must be given",
            }
        ],
    }


def _word(about: str) -> Schema:
    return {**text(about), "minLength": 1, "maxLength": _REF}


def _verify() -> Schema:
    keys = secret("Keys of signers, one in each value: OpenPGP public key blocks or OpenSSH public keys.")
    return {
        "description": "Take only commits that one of these signed.",
        "type": "object",
        "required": ["secretRef"],
        "properties": {"secretRef": keys},
    }


def _path() -> Schema:
    return {
        **text("A folder of the repository; the whole by default."),
        "maxLength": _REF,
        "x-kubernetes-validations": [
            {
                "rule": "!self.startsWith('/') && !self.startsWith('-') && !self.split('/').exists(part, part == '..')",
                "message": "a path is relative to the repository and stays in it",
            }
        ],
    }
