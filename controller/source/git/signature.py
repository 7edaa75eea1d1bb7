"""Verification of commit signatures with gpgv and ssh-keygen, on the same bytes that are parsed."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from controller.core.finding import Code, Finding
from controller.source.git import isolated_environment
from controller.source.git.errors import RefusedError
from controller.source.git.objects import Commit
from controller.source.git.program import ProcessEnd, ProcessLimits, ProcessResult, run
from controller.source.git.source import TrustedKey

_PGP = b"-----BEGIN PGP SIGNATURE-----"
_SSH = b"-----BEGIN SSH SIGNATURE-----"


def signed_by(commit: Commit, signers: Sequence[TrustedKey], private: Path, bound: ProcessLimits) -> str:
    """The fingerprint of the signer.

    Raises:
        RefusedError: the commit has no signature, an invalid one, or one by another key.

    """
    if not commit.signature:
        raise _signature_error("the commit is not signed")
    isolated_environment.write(private / "signature", commit.signature + b"\n")
    isolated_environment.write(private / "signed", commit.signed)
    if commit.signature.startswith(_PGP):
        return _openpgp(signers, private, bound)
    if commit.signature.startswith(_SSH):
        return _openssh(commit, signers, private, bound)
    raise _signature_error("the commit's signature has an unsupported type")


def _openpgp(signers: Sequence[TrustedKey], private: Path, bound: ProcessLimits) -> str:
    """``gpgv`` trusts the keys of its ring and nothing else, and starts no agent."""
    isolated_environment.write(private / "ring.gpg", b"".join(signer.openpgp for signer in signers))
    names = ("--homedir", str(private), "--keyring", str(private / "ring.gpg"))
    command = ("gpgv", *names, "--weak-digest", "SHA1", "--status-fd", "1")
    ran = _run((*command, "--", str(private / "signature"), str(private / "signed")), private, bound)
    statuses = re.findall(r"(?m)^\[GNUPG:\] (\w+)(?: (.*))?$", ran.out.decode("utf-8", "replace"))
    lines = [word for word, _ in statuses]
    valid = [rest.split() for word, rest in statuses if word == "VALIDSIG"]
    if "NO_PUBKEY" in lines:
        raise _signature_error("the commit is signed by an OpenPGP key that is none of the signers")
    # doc/DETAILS of GnuPG: one signature, good and valid; one by an expired or revoked key is not called GOODSIG.
    good = ran.has_succeeded and lines.count("GOODSIG") == lines.count("NEWSIG") == len(valid) == 1
    if not good:
        reason = next((_WHY[word] for word in lines if word in _WHY), "does not match the commit")
        raise _signature_error(f"the commit's OpenPGP signature {reason}")
    return f"OpenPGP {valid[0][-1]}"  # the primary key's, whichever of its keys signed


_WHY: Mapping[str, str] = {
    "EXPKEYSIG": "is by a key that has expired",
    "REVKEYSIG": "is by a key that was revoked",
    "EXPSIG": "has expired",
}


def _openssh(commit: Commit, signers: Sequence[TrustedKey], private: Path, bound: ProcessLimits) -> str:
    keys = [signer.openssh for signer in signers if signer.openssh]
    lines = "".join(f"signer {key}\n" for key in keys)
    isolated_environment.write(private / "allowed", lines)
    # The namespace prevents a signature of something else from being accepted for a commit.
    command = ("ssh-keygen", "-Y", "verify", "-n", "git", "-I", "signer")
    files = ("-f", str(private / "allowed"), "-s", str(private / "signature"))
    ran = _run((*command, *files), private, bound, commit.signed)
    good = re.search(
        r'^Good "git" signature for signer with \S+ key (SHA256:\S+)$', ran.out.decode(), re.MULTILINE
    )
    if not ran.has_succeeded or not good:
        raise _signature_error(
            "the commit's OpenSSH signature does not match it, or is by none of the signers"
        )
    return f"OpenSSH {good[1]}"


def _run(command: tuple[str, ...], private: Path, bound: ProcessLimits, feed: bytes = b"") -> ProcessResult:
    ran = run(command, {"HOME": str(private)}, private, bound, feed)
    if ran.end is ProcessEnd.MISSING:
        raise RefusedError(Finding(Code.SOURCE, f"{command[0]} is not installed, and signatures need it"))
    if ran.end is not ProcessEnd.DONE:
        raise RefusedError(Finding(Code.UNREACHABLE, f"the signature was not verified: {ran.end.value}"))
    return ran


def _signature_error(message: str) -> RefusedError:
    return RefusedError(Finding(Code.SIGNATURE, message, hint="the last good revision stays"))
