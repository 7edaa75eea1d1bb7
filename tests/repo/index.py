"""A package index of a test's own, served on this machine: small wheels, to which newer releases can be added."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Log nothing."""


@dataclass(frozen=True)
class Index:
    """An index in the layout of PEP 503; ``url`` is what a client is configured with."""

    folder: Path
    url: str

    def publish(
        self, name: str, version: str, requires: tuple[str, ...] = (), extras: Mapping[str, str] | None = None
    ) -> None:
        """Add one release, a pure wheel; ``extras`` maps an extra to the requirement that it brings."""
        page = self.folder / "simple" / name
        page.mkdir(parents=True, exist_ok=True)
        (page / f"{name}-{version}-py3-none-any.whl").write_bytes(
            _wheel(name, version, requires, extras or {})
        )
        page.joinpath("index.html").write_text(
            "".join(
                f'<a href="{file.name}#sha256={hashlib.sha256(file.read_bytes()).hexdigest()}">{file.name}</a>\n'
                for file in sorted(page.glob("*.whl"))
            ),
            encoding="utf-8",
        )


def _wheel(name: str, version: str, requires: tuple[str, ...], extras: Mapping[str, str]) -> bytes:
    """The bytes of a wheel without modules."""
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata += [f"Requires-Dist: {each}" for each in requires]
    for extra, requirement in extras.items():
        metadata += [f"Provides-Extra: {extra}", f"Requires-Dist: {requirement} ; extra == '{extra}'"]
    info = f"{name}-{version}.dist-info"
    held = {
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    held[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*held, f"{info}/RECORD"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in held.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return file.getvalue()


@contextmanager
def serve_index(folder: Path) -> Iterator[Index]:
    """An empty index, for the length of the block."""
    (folder / "simple").mkdir(parents=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Index(folder, f"http://127.0.0.1:{server.server_port}/simple")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
