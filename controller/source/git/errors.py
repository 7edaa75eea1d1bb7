"""Errors of a poll: what is wrong, and when to retry."""

import re
from dataclasses import dataclass
from enum import Enum

from controller.core.finding import Code, Finding
from controller.runtime.redaction import SHORTEST, without_texts


class RetryTrigger(Enum):
    """What has to change before another poll can succeed."""

    RETRY_SOON = "the server, the network or the machine may recover: try again, later and later"
    COMMIT = "the repository has to change: look at each interval"
    SETTINGS = "a person has to change the source: do not connect until then"


_AGAIN = {
    Code.UNREACHABLE: RetryTrigger.RETRY_SOON,
    Code.BROKEN_OBJECT: RetryTrigger.RETRY_SOON,
    Code.SOURCE: RetryTrigger.SETTINGS,
    Code.LOGIN: RetryTrigger.SETTINGS,
    Code.UNTRUSTED_SERVER: RetryTrigger.SETTINGS,
}


@dataclass(frozen=True)
class SourceFailure:
    """A failed poll with its findings. The desired state is unknown then: nothing may be deleted because of it."""

    findings: tuple[Finding, ...]
    ref: str = ""
    revision: str = ""

    @property
    def retry_trigger(self) -> RetryTrigger:
        """When to retry; if any finding needs a person, only after a change."""
        retries = {_AGAIN.get(finding.code, RetryTrigger.COMMIT) for finding in self.findings}
        return next(
            each
            for each in (RetryTrigger.SETTINGS, RetryTrigger.COMMIT, RetryTrigger.RETRY_SOON)
            if each in retries
        )


class RefusedError(Exception):
    """A poll can't continue; caught in ``snapshot``."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings


# Messages of git, curl and ssh (LC_ALL=C), from their sources: remote-curl.c, http.c, upload-pack.c, sshconnect.c.
_LABELS = {
    r"host key verification failed|no .* host key is known|remote host identification": Code.UNTRUSTED_SERVER,
    r"certificate|ssl: no alternative|cafile": Code.UNTRUSTED_SERVER,
    r"authentication failed|could not read (username|password)|permission denied": Code.LOGIN,
    r"repository .* not found|does not appear to be a git repository|error: (30\d|40[134])\b": Code.LOGIN,
    r"not our ref|unadvertised object|couldn't find remote ref|no such remote ref": Code.NO_REVISION,
    r"transport '.*' not allowed": Code.SOURCE,
    r"out of memory|cannot allocate memory|mmap failed|maximum allowed tree depth": Code.LIMIT,
    # run-command.c, index-pack.c: a thread whose stack can't be mapped is EAGAIN, as pthread_create(3) has it
    r"(cannot|unable to) create (async )?thread": Code.LIMIT,
}
_HINTS = {
    Code.UNTRUSTED_SERVER: "no request was sent; compare the host key or the certificate with the server's owner",
    Code.LOGIN: "the server refused the login, or has no such repository, or has moved it",
    Code.NO_REVISION: "it was deleted, or moved during the poll",
    Code.LIMIT: "git exceeded its limit (limit memory_bytes)",
    Code.UNREACHABLE: "the next poll may succeed",
}


def finding_from_git(data: bytes, secrets: tuple[str, ...]) -> Finding:
    """The finding of git's error message. Texts of the server (``remote:``) are not quoted."""
    lines = [line for line in _lines(data) if not line.lower().startswith("remote:")]
    text = "\n".join(lines)
    known = (code for pattern, code in _LABELS.items() if re.search(pattern, text, re.IGNORECASE))
    code = next(known, Code.UNREACHABLE)
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines or ["no word"]
    return Finding(code, f"git:  {clean_untrusted(fatal[0], secrets)}", hint=_HINTS.get(code, ""))


def _lines(data: bytes) -> list[str]:
    return [line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip()]


def clean_untrusted(text: str, secrets: tuple[str, ...]) -> str:
    """Untrusted text for display: without secrets and control characters, and shortened."""
    parts = {part for secret in secrets for part in (secret, *secret.split()) if len(part) >= SHORTEST}
    return escape_and_cut(without_texts(text, parts))


def escape_and_cut(text: str, most: int = 200) -> str:
    """A text with unprintable characters escaped, cut to a length."""
    message = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return message if len(message) <= most else f"{message[: most - 3]}..."
