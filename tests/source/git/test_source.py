import pytest

from controller.core.finding import Code
from controller.runtime.hidden_text import Hidden
from controller.source.git.credentials import Basic, SshKey, Token
from controller.source.git.snapshot import Mirrors
from controller.source.git.source import Source, examine
from controller.source.git.wanted_revision import By, Wanted
from tests.source.git.following import MAIN, refused
from tests.source.git.keys import Ssh

GOOD = "https://example.com/team/fleet.git"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n"
HOSTS = "example.com ssh-ed25519 AAAA"
SSH = SshKey(Hidden(KEY), HOSTS)

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
    refusal = refused(mirrors.fetch_snapshot(Source(url, MAIN, login)), Code.SOURCE)
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
@pytest.mark.parametrize("by", [By.BRANCH, By.TAG, By.REF], ids=lambda by: by.value)
def test_a_name_that_no_ref_can_have_is_refused(by: By, name: str) -> None:
    """Row 4: the rules of git check-ref-format, and no part that begins like an option."""
    full = f"refs/heads/{name}" if by is By.REF else name
    assert [finding.code for finding in examine(Source(GOOD, Wanted(by, full)))] == [Code.SOURCE]


@pytest.mark.parametrize("commit", ["", "HEAD", "abc1234", "A" * 40, "g" * 40, "a" * 41, "-" * 40])
def test_a_commit_is_named_in_full(commit: str) -> None:
    """Row 4: a short digest may mean another commit tomorrow."""
    assert examine(Source(GOOD, Wanted(By.COMMIT, commit)))
    assert not examine(Source(GOOD, Wanted(By.COMMIT, "a" * 40)))


def test_a_full_ref_is_full() -> None:
    """Row 4: a ref that could be a branch or a tag is neither."""
    assert examine(Source(GOOD, Wanted(By.REF, "main")))
    assert not examine(Source(GOOD, Wanted(By.REF, "refs/pull/7/head")))


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
    [Token(Hidden("")), Token(Hidden("a b")), Token(Hidden("a\nb")), Basic("", Hidden("x")), Basic("a:b",
    Hidden("x")), Basic("a", Hidden("")), SSH],
)  # fmt: skip
def test_a_login_that_can_not_be_is_refused(login: Token | Basic | SshKey) -> None:
    """Row 5: an empty login, one that would break out of its header, or one for ssh is refused for https."""
    assert [finding.code for finding in examine(Source(GOOD, MAIN, login))] == [Code.SOURCE]


@pytest.mark.parametrize("hosts", ["", "\n", "# example.com ssh-ed25519 AAAA"], ids=repr)
def test_ssh_without_known_hosts_is_refused(hosts: str, mirrors: Mirrors) -> None:
    """Row 5: a missing known_hosts is a mistake in the settings, and nobody is connected to."""
    source = Source("ssh://git@127.0.0.1:1/x", MAIN, SshKey(Hidden(KEY), hosts))
    assert "known_hosts" in refused(mirrors.fetch_snapshot(source), Code.SOURCE).findings[0].message


def test_ssh_without_a_key_that_can_be_used_is_refused(tmp_path: object) -> None:
    """Row 5: no key, no private key, or one under a passphrase."""
    for text in ("", "ssh-ed25519 AAAA", _encrypted(), _encrypted(pem=True)):
        assert examine(Source("ssh://git@h/x", MAIN, SshKey(Hidden(text), HOSTS)))
    assert examine(Source("ssh://git@h/x", MAIN))
    assert examine(Source("ssh://git@h/x", MAIN, Token(Hidden("x"))))
    assert not examine(Source("ssh://git@h/x", MAIN, SSH))


def _encrypted(*, pem: bool = False) -> str:
    if pem:
        head = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00"
        return f"-----BEGIN RSA PRIVATE KEY-----\n{head}\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
    return KEY.replace("BG5vbmU=", "CmFlczI1Ni1jdHI=")


def test_real_keys_are_told_apart(tmp_path: object) -> None:
    """Row 5: keys as ssh-keygen writes them, with and without a passphrase."""
    import subprocess
    from pathlib import Path

    folder = Path(str(tmp_path))
    plain = Ssh.make(folder / "plain").file
    locked = folder / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "pass", "-f", str(locked)], check=True)
    assert not SshKey(Hidden(plain.read_text()), HOSTS).trouble()
    assert "encrypted" in SshKey(Hidden(locked.read_text()), HOSTS).trouble()


@pytest.mark.parametrize("pattern", ["", "!a", "# a", "-a", "a\nb", "a" * 600, " "], ids=repr)
def test_patterns_of_the_settings_are_patterns(pattern: str) -> None:
    """Row 10: what an ignore file may hold and a setting may not is told."""
    assert examine(Source(GOOD, MAIN, exclude=(pattern,)))
    assert examine(Source(GOOD, MAIN, include=(pattern,)))
    assert examine(Source(GOOD, MAIN, include=()))


def test_everything_wrong_is_told_at_once() -> None:
    """All mistakes of a source's settings are found in one go."""
    source = Source(
        "file:///x", Wanted(By.BRANCH, "-h"), Token(Hidden("")), path="..", exclude=("!x",), ca="no"
    )
    assert len(examine(source)) == 5
