import copy
import dataclasses
import stat
import threading
import time
from pathlib import Path

import pytest

from controller.core.digest import canonical
from controller.core.finding import Code
from controller.runtime.hidden_text import SecretText
from controller.source.git.errors import RetryTrigger
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.source.git.snapshot import Mirrors
from controller.source.git.source import Basic, Source, SshKey, Token, examine
from tests.missing_requirement import end_without
from tests.source.git.authority import issue_certificate
from tests.source.git.following import MAIN, git_source, refusal_of, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.keys import Ssh
from tests.source.git.repository import Repository

GOOD = "https://example.com/team/fleet.git"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n"
HOSTS = "example.com ssh-ed25519 AAAA"
SSH = SshKey(SecretText(KEY), HOSTS)

BAD_URLS = [
    "", "fleet", "/srv/fleet.git", "file:///srv/fleet.git", "git://example.com/x", "http://example.com/x",
    "ext::sh -c id",
    "EXT::sh", "git@example.com:team/x.git", "--upload-pack=id", "-oProxyCommand=id", "https://",
    "https:///x", "https://h",
    "https://h/", "https://-h/x", "https://h/../x", "https://h/-x", "https://h/x?y", "https://h/x#y",
    "https://h/x\ny", "https://h/x y",
    "https://me:pw@h/x", "https://me@h/x", "https://h/%0ax", "https://h:0/x", "https://h:99999/x",
    "https://h:x/x", "https://h/a//b",
    'https://h/"x"', "https://h/$(id)", "https://h/x\\y", "ssh://-oProxyCommand=id/x", "ssh://h/x",
    "ssh://-u@h/x",
    "ssh://git:pw@h/x", "ssh://git@-h/x", "ftp::https://h/x", "fd::17/x", "https://h/\u202egit",
    "https://" + "h" * 3000 + "/x",
]  # fmt: skip
BAD_NAMES = [
    "", "-h", "--all", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "/a", "a/", "a//b",
    ".a", "a/.b", "a.", "a.lock",
    "a.lock/b", "a@{1}", "a\n", "a\x00", "a\x7f", "a/-h", "a" * 300, "a\u202eb",
]  # fmt: skip
BAD_PATHS = ["..", "a/..", "../a", "a/../b", "/a", "-a", "a/-b", "a\\b", "a\x00b", "a\nb", "\u202ea"]


@pytest.mark.parametrize("url", BAD_URLS, ids=repr)
def test_an_address_that_git_could_misread_is_refused(url: str, mirrors: Mirrors) -> None:
    """Row 8: only https and ssh with a proper host and path; the finding doesn't repeat what was given."""
    login = SSH if url.startswith("ssh") else None
    refusal = refusal_of(mirrors.fetch_snapshot(Source(url, MAIN, login)), Code.SOURCE)
    assert "pw" not in str(refusal)


@pytest.mark.parametrize(
    "url",
    [
        GOOD,
        "HTTPS://EXAMPLE.com:8443/~me/a%20b",
        "https://[::1]:3000/o/r",
        "ssh://git@example.com:2222/o/r.git",
        "ssh://git@h/~/r",
    ],
)
def test_a_proper_address_is_taken(url: str) -> None:
    """Addresses of forges, with ports and user folders."""
    assert not examine(Source(url, MAIN, SSH if url.startswith("ssh") else None))


@pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
@pytest.mark.parametrize(
    "by", [RevisionForm.BRANCH, RevisionForm.TAG, RevisionForm.REF], ids=lambda by: by.value
)
def test_a_name_that_no_ref_can_have_is_refused(by: RevisionForm, name: str) -> None:
    """Row 4: the rules of git check-ref-format, and no part that begins like an option."""
    full = f"refs/heads/{name}" if by is RevisionForm.REF else name
    assert [finding.code for finding in examine(Source(GOOD, RevisionSelector(by, full)))] == [Code.SOURCE]


@pytest.mark.parametrize("commit", ["", "HEAD", "abc1234", "A" * 40, "g" * 40, "a" * 41, "-" * 40])
def test_a_commit_is_named_in_full(commit: str) -> None:
    """Row 4: a short digest may mean another commit tomorrow."""
    assert examine(Source(GOOD, RevisionSelector(RevisionForm.COMMIT, commit)))
    assert not examine(Source(GOOD, RevisionSelector(RevisionForm.COMMIT, "a" * 40)))


def test_a_full_ref_is_full() -> None:
    """Row 4: a ref that could be a branch or a tag is neither."""
    assert examine(Source(GOOD, RevisionSelector(RevisionForm.REF, "main")))
    assert not examine(Source(GOOD, RevisionSelector(RevisionForm.REF, "refs/pull/7/head")))


@pytest.mark.parametrize("path", BAD_PATHS, ids=repr)
def test_a_path_stays_in_the_repository(path: str) -> None:
    """Row 10: no way up, no absolute path, no NUL, nothing like an option."""
    assert [finding.code for finding in examine(Source(GOOD, MAIN, path=path))] == [Code.SOURCE]


@pytest.mark.parametrize(
    "path", ["", ".", "./", "a", "a/", "./a/b/", "a b/\u00e9", "a..b", "...", "a/.hidden"], ids=repr
)
def test_a_proper_path_is_taken(path: str) -> None:
    """Row 10: dots within names are no way up."""
    assert not examine(Source(GOOD, MAIN, path=path))


@pytest.mark.parametrize(
    "login",
    [Token(SecretText("")), Token(SecretText("a b")), Token(SecretText("a\nb")), Basic("", SecretText("x")),
    Basic("a:b", SecretText("x")), Basic("a", SecretText("")), SSH],
)  # fmt: skip
def test_a_login_that_can_not_be_is_refused(login: Token | Basic | SshKey) -> None:
    """Row 5: an empty login, one that would break out of its header, or one for ssh is refused for https."""
    assert [finding.code for finding in examine(Source(GOOD, MAIN, login))] == [Code.SOURCE]


@pytest.mark.parametrize("hosts", ["", "\n", "# example.com ssh-ed25519 AAAA"], ids=repr)
def test_ssh_without_known_hosts_is_refused(hosts: str, mirrors: Mirrors) -> None:
    """Row 5: a missing known_hosts is an error of the settings, and no connection is made."""
    source = Source("ssh://git@127.0.0.1:1/x", MAIN, SshKey(SecretText(KEY), hosts))
    assert "known_hosts" in refusal_of(mirrors.fetch_snapshot(source), Code.SOURCE).findings[0].message


def test_ssh_without_a_key_that_can_be_used_is_refused(tmp_path: object) -> None:
    """Row 5: no key, no private key, or one under a passphrase."""
    for text in ("", "ssh-ed25519 AAAA", _encrypted_key(), _encrypted_key(pem=True)):
        assert examine(Source("ssh://git@h/x", MAIN, SshKey(SecretText(text), HOSTS)))
    assert examine(Source("ssh://git@h/x", MAIN))
    assert examine(Source("ssh://git@h/x", MAIN, Token(SecretText("x"))))
    assert not examine(Source("ssh://git@h/x", MAIN, SSH))


def _encrypted_key(*, pem: bool = False) -> str:
    if pem:
        head = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00"
        return f"-----BEGIN RSA PRIVATE KEY-----\n{head}\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
    return KEY.replace("BG5vbmU=", "CmFlczI1Ni1jdHI=")


def test_real_keys_are_told_apart(tmp_path: object) -> None:
    """Row 5: keys as ssh-keygen writes them, with and without a passphrase."""
    import subprocess

    folder = Path(str(tmp_path))
    plain = Ssh.make(folder / "plain").file
    locked = folder / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "pass", "-f", str(locked)], check=True)
    assert not SshKey(SecretText(plain.read_text()), HOSTS).problem()
    assert "encrypted" in SshKey(SecretText(locked.read_text()), HOSTS).problem()


@pytest.mark.parametrize("pattern", ["", "!a", "# a", "-a", "a\nb", "a" * 600, " "], ids=repr)
def test_patterns_of_the_settings_are_patterns(pattern: str) -> None:
    """Row 10: a pattern that is only valid in an ignore file is reported in a setting."""
    assert examine(Source(GOOD, MAIN, exclude=(pattern,)))
    assert examine(Source(GOOD, MAIN, include=(pattern,)))
    assert examine(Source(GOOD, MAIN, include=()))


def test_everything_wrong_is_told_at_once() -> None:
    """All mistakes of a source's settings are found in one go."""
    source = Source(
        "file:///x",
        RevisionSelector(RevisionForm.BRANCH, "-h"),
        Token(SecretText("")),
        path="..",
        exclude=("!x",),
        ca="no",
    )
    assert len(examine(source)) == 5


CANARY = "canary-5up3r-s3cret"
BASIC = Basic("reader", SecretText(CANARY))
TOKEN = Token(SecretText(CANARY))


@pytest.mark.parametrize("login", [BASIC, TOKEN], ids=["basic", "token"])
def test_https_takes_a_password_or_a_token(
    login: Basic | Token, forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 5: the first request already has the login; without it, or with another, nothing is read."""
    if login is TOKEN:
        forge.bearer = CANARY
    else:
        forge.user, forge.password = "reader", CANARY
    repository.commit({"a.yaml": "a"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge, login=login)))
    assert all(header for _, _, header in forge.requests)
    for wrong in (None, Basic("reader", SecretText("wrong")), Token(SecretText("wrong"))):
        outcome = refusal_of(mirrors.fetch_snapshot(git_source(forge, login=wrong)), Code.LOGIN)
        assert outcome.retry_trigger is RetryTrigger.SETTINGS


def test_a_server_that_nobody_vouches_for_gets_no_login(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 5: without the authority, or with another, no request and so no login is sent, and nothing is retried."""
    repository.commit({"a.yaml": "a"})
    for ca in ("", issue_certificate("others").authority):
        refusal = refusal_of(
            mirrors.fetch_snapshot(git_source(forge, login=BASIC, ca=ca)), Code.UNTRUSTED_SERVER
        )
        assert refusal.retry_trigger is RetryTrigger.SETTINGS
    assert not forge.requests


def test_a_redirect_does_not_take_the_login_along(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 5: a redirect to another server is reported, and not followed."""
    repository.commit({"a.yaml": "a"})
    forge.redirect = f"https://127.0.0.1:{forge.port}/elsewhere"
    refusal_of(mirrors.fetch_snapshot(git_source(forge, login=BASIC)), Code.LOGIN)
    assert all(path.startswith("/fleet.git") for path, _, _ in forge.requests)


def test_nobody_who_lists_processes_sees_the_login(
    forge: Forge, repository: Repository, mirrors: Mirrors, tmp_path: Path
) -> None:
    """Row 5: neither arguments nor environment of git and its children have the login; its file is private."""
    if not Path("/proc/self/environ").exists():
        end_without("the process list is read from /proc")
    forge.user, forge.password, forge.delay = "reader", CANARY, 1.5
    repository.commit({"a.yaml": "a"})
    hidden = {CANARY, *BASIC.secrets()}
    looking = threading.Thread(target=mirrors.fetch_snapshot, args=(git_source(forge, login=BASIC),))
    looking.start()
    seen, modes = set(), set()
    while looking.is_alive():
        for process in Path("/proc").glob("[0-9]*"):
            seen.add(_read(process / "cmdline"))
            message = _read(process / "environ")
            if str(tmp_path) in message:
                seen.add(message)
        modes |= {stat.S_IMODE(path.stat().st_mode) for path in _private_files(tmp_path)}
        time.sleep(0.1)
    assert any("git-remote-https" in line for line in seen)
    assert any("GIT_CONFIG_GLOBAL" in line for line in seen)
    assert not [line for line in seen for secret in hidden if secret in line]
    assert modes == {0o700, 0o600}
    assert not _private_files(tmp_path)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and "forge" not in path.parts]
    assert not [path for path in kept if any(s.encode() in path.read_bytes() for s in hidden)]


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def _private_files(folder: Path) -> list[Path]:
    found = list(folder.glob("cache/*/private-*"))
    return [*found, *(path for each in found for path in each.glob("*"))]


def test_no_error_shows_the_login(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 5: whatever fails, no finding and no representation of an object has the secret."""
    forge.user, forge.password = "reader", "another"
    source = git_source(forge, login=BASIC)
    wrong = [source, dataclasses.replace(source, ca=""), dataclasses.replace(source, path="..")]
    wrong.append(dataclasses.replace(source, url=f"https://reader:{CANARY}@127.0.0.1:1/x.git"))
    wrong.append(dataclasses.replace(source, login=Token(SecretText(f"{CANARY}\nX-Evil: 1"))))
    wrong.append(dataclasses.replace(source, login=SshKey(SecretText(CANARY), "host ssh-ed25519 AAAA")))
    for each in wrong:
        outcome = mirrors.fetch_snapshot(each)
        assert CANARY not in f"{outcome!r} {outcome}"
        plain = canonical(dataclasses.asdict(each)["login"])
        assert CANARY not in f"{each.login!r} {each.login} {plain} {copy.deepcopy(each).login}"


def test_a_hidden_text_equals_itself_and_is_not_stored() -> None:
    """A hidden text can be compared and used as a key, and refuses to be pickled."""
    import pickle

    assert SecretText("a") == SecretText("a") != SecretText("b")
    assert len({SecretText("a"), SecretText("a"), SecretText("b")}) == 2
    with pytest.raises(TypeError):
        pickle.dumps(SecretText("a"))
