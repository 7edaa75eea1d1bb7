import copy
import dataclasses
import stat
import threading
import time
from pathlib import Path

import pytest

from controller.core.digest import canonical
from controller.core.finding import Code
from controller.runtime.hidden_text import Hidden
from controller.source.git.credentials import Basic, SshKey, Token
from controller.source.git.errors import Again
from controller.source.git.snapshot import Mirrors
from tests.lacking import lacking
from tests.source.git.authority import issued
from tests.source.git.following import following, refused, taken
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository

CANARY = "canary-5up3r-s3cret"
BASIC = Basic("reader", Hidden(CANARY))
TOKEN = Token(Hidden(CANARY))


@pytest.mark.parametrize("login", [BASIC, TOKEN], ids=["basic", "token"])
def test_https_takes_a_password_or_a_token(
    login: Basic | Token, forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 5: the login goes along with the first request already; without it, or with another, nothing is read."""
    if login is TOKEN:
        forge.bearer = CANARY
    else:
        forge.user, forge.password = "reader", CANARY
    repository.commit({"a.yaml": "a"})
    taken(mirrors.fetch_snapshot(following(forge, login=login)))
    assert all(header for _, _, header in forge.requests)
    for wrong in (None, Basic("reader", Hidden("wrong")), Token(Hidden("wrong"))):
        outcome = refused(mirrors.fetch_snapshot(following(forge, login=wrong)), Code.LOGIN)
        assert outcome.again is Again.SETTINGS


def test_a_server_that_nobody_vouches_for_gets_no_login(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 5: without the authority, or with another, no request and so no login is sent, and nothing is retried."""
    repository.commit({"a.yaml": "a"})
    for ca in ("", issued("others").authority):
        refusal = refused(mirrors.fetch_snapshot(following(forge, login=BASIC, ca=ca)), Code.UNTRUSTED_SERVER)
        assert refusal.again is Again.SETTINGS
    assert not forge.requests


def test_a_redirect_does_not_take_the_login_along(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 5: a server that sends us elsewhere is told as such, and elsewhere is not asked."""
    repository.commit({"a.yaml": "a"})
    forge.redirect = f"https://127.0.0.1:{forge.port}/elsewhere"
    refused(mirrors.fetch_snapshot(following(forge, login=BASIC)), Code.LOGIN)
    assert all(path.startswith("/fleet.git") for path, _, _ in forge.requests)


def test_nobody_who_lists_processes_sees_the_login(
    forge: Forge, repository: Repository, mirrors: Mirrors, tmp_path: Path
) -> None:
    """Row 5: neither arguments nor environment of git and its children hold the login; its file is ours alone."""
    if not Path("/proc/self/environ").exists():
        lacking("the process list is read from /proc")
    forge.user, forge.password, forge.delay = "reader", CANARY, 1.5
    repository.commit({"a.yaml": "a"})
    hidden = {CANARY, *BASIC.secrets()}
    looking = threading.Thread(target=mirrors.fetch_snapshot, args=(following(forge, login=BASIC),))
    looking.start()
    seen, modes = set(), set()
    while looking.is_alive():
        for process in Path("/proc").glob("[0-9]*"):
            seen.add(_read(process / "cmdline"))
            message = _read(process / "environ")
            if str(tmp_path) in message:
                seen.add(message)
        modes |= {stat.S_IMODE(path.stat().st_mode) for path in _private(tmp_path)}
        time.sleep(0.1)
    assert any("git-remote-https" in line for line in seen)
    assert any("GIT_CONFIG_GLOBAL" in line for line in seen)
    assert not [line for line in seen for secret in hidden if secret in line]
    assert modes == {0o700, 0o600}
    assert not _private(tmp_path)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and "forge" not in path.parts]
    assert not [path for path in kept if any(s.encode() in path.read_bytes() for s in hidden)]


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def _private(folder: Path) -> list[Path]:
    found = list(folder.glob("cache/*/private-*"))
    return [*found, *(path for each in found for path in each.glob("*"))]


def test_no_error_shows_the_login(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 5: whatever goes wrong, no finding and no representation of anything holds the secret."""
    forge.user, forge.password = "reader", "another"
    source = following(forge, login=BASIC)
    wrong = [source, dataclasses.replace(source, ca=""), dataclasses.replace(source, path="..")]
    wrong.append(dataclasses.replace(source, url=f"https://reader:{CANARY}@127.0.0.1:1/x.git"))
    wrong.append(dataclasses.replace(source, login=Token(Hidden(f"{CANARY}\nX-Evil: 1"))))
    wrong.append(dataclasses.replace(source, login=SshKey(Hidden(CANARY), "host ssh-ed25519 AAAA")))
    for each in wrong:
        outcome = mirrors.fetch_snapshot(each)
        assert CANARY not in f"{outcome!r} {outcome}"
        plain = canonical(dataclasses.asdict(each)["login"])
        assert CANARY not in f"{each.login!r} {each.login} {plain} {copy.deepcopy(each).login}"


def test_a_hidden_text_equals_itself_and_is_not_stored() -> None:
    """A hidden text can be compared and used as a key, and refuses to be pickled."""
    import pickle

    assert Hidden("a") == Hidden("a") != Hidden("b")
    assert len({Hidden("a"), Hidden("a"), Hidden("b")}) == 2
    with pytest.raises(TypeError):
        pickle.dumps(Hidden("a"))
