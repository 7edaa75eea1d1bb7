"""A package index with the locked releases alone.

Two thirds of pip's processor time is its walk through the pages of an index, which list all releases of a package.
"""

import json
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

from tests.programs.running import LOCAL
from tests.repo.files import ROOT

_JSON = "application/vnd.pypi.simple.v1+json"  # packaging.python.org, simple repository API
_INDEX = """
from pip._internal.configuration import Configuration
from pip._internal.models.index import PyPI
read = Configuration(isolated=False)
read.load()
found = {name.rpartition(".")[2]: value for name, value in read.items()}
print(found.get("index-url", PyPI.simple_url))
"""


@contextmanager
def locked_index() -> Iterator[dict[str, str]]:
    """Environment variables that make pip use it; none if pip's own index needs a password."""
    line = [sys.executable, "-c", _INDEX]
    index = subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()
    if urlsplit(index).username is not None:
        yield {}
        return

    class Handler(BaseHTTPRequestHandler):
        """Responds with the page of a package."""

        def do_GET(self) -> None:
            path = self.path.strip("/")
            try:
                body = json.dumps(_page(index, path)).encode()
            except ValueError:  # an index that has no JSON
                self.send_response(302)
                self.send_header("Location", f"{index.rstrip('/')}/{path}/")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", _JSON)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    with ThreadingHTTPServer((LOCAL, 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield {"PIP_INDEX_URL": f"http://{LOCAL}:{server.server_port}"}
        finally:
            server.shutdown()
            thread.join()


def _page(index: str, package: str) -> dict[str, Any]:
    """The page of a package with its locked files; of one that no lock file has, all of it."""
    request = Request(f"{index.rstrip('/')}/{package}/", headers={"Accept": _JSON})  # noqa: S310 - pip's own index
    with urlopen(request, context=_trusted()) as answer:  # noqa: S310 - as above
        page: dict[str, Any] = json.load(answer)
        at = answer.url
    locked = [each for each in page["files"] if each["hashes"].get("sha256") in _hashes()] or page["files"]
    return {**page, "files": [{**each, "url": urljoin(at, each["url"])} for each in locked]}


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that urllib trusts, read once for all pages."""
    return ssl.create_default_context()


@cache
def _hashes() -> frozenset[str]:
    """The SHA-256 digests of both lock files."""
    texts = [
        (ROOT / name).read_text(encoding="utf-8") for name in ("requirements.lock", "requirements-dev.lock")
    ]
    return frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", os.linesep.join(texts)))
