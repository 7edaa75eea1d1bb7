"""The output of ``make forge``: a repository with a webhook, a sync of it, and the commands to type."""

import shlex
import sys
from pathlib import Path

import yaml

from tests.gitea.repository import GiteaRepository
from tests.gitea.rig.server import Access
from tests.gitea.sync_process import SECRET, hook_url, syncs_document
from tests.programs.requests import Requests
from tests.programs.running import LOCAL, free_port
from tests.repo.files import ROOT


def write_instructions(access: Access) -> str:
    """Create a user, a repository with a webhook to a sync's receiver, and a file of that sync; return instructions."""
    folder, port = Path(access.authority).parent / "start-here", free_port()
    folder.mkdir()
    keeper = Requests(LOCAL, access.port, access.authority, f"token {access.token}")
    hosted = GiteaRepository.make(access, keeper, folder, "dev")
    hosted.hook(hook_url(port), SECRET)
    keeper.close()
    (folder / "syncs.yaml").write_text(
        yaml.safe_dump(syncs_document(hosted, port), sort_keys=False), encoding="utf-8"
    )
    (folder / "known_hosts").write_text(access.known_hosts, encoding="utf-8")
    token = f"export FORGE_TOKEN={hosted.token} HOOK_SECRET={SECRET}"
    (folder / "env").write_text(f"{token} GIT_SSL_CAINFO={access.authority}\n", encoding="utf-8")
    address = hosted.https.replace("://", f"://dev:{hosted.token}@")
    sagectl = shlex.quote(str(Path(sys.executable).with_name("sagectl")))
    return (
        f"\nReady: {access.url}, user dev, password {hosted.password} (pages come without their style).\n"
        "In a second shell, follow its repository into a sandbox:\n"
        f"  cd {shlex.quote(str(folder))}; . ./env; {sagectl} sync syncs.yaml --sandbox\n"
        "In a third one, push:\n"
        f"  cd {shlex.quote(str(folder))}; . ./env\n"
        f"  git clone {shlex.quote(address)}; cd fleet; git switch -c main\n"
        f"  mkdir deploy; cp {shlex.quote(str(ROOT / 'examples' / 'quickstart'))}/*.yaml deploy\n"
        "  git add deploy; git commit -m 'Serve a model'; git push origin main\n"
        "Ctrl-C stops it; nothing is kept."
    )
