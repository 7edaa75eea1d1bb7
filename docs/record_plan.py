"""Record the pictures of a plan in ``docs``: what ``sagectl`` really prints, run by ``make picture``.

The quick start is applied to a fresh sandbox; then a copy with another instance type and newly trained model data,
that keeps one old generation, is planned in a terminal of its own, so that the colours are there (``plan.svg``), and
as a page, which the browser of the tests opens and where one change is clicked on (``plan-page.png``).
"""

import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.browser.browser import Browser, program
from tests.browser.tab import Tab

HERE = Path(__file__).resolve().parent
COLUMNS = 104
APPLY = ["sagectl", "apply", "quickstart", "--sandbox", "--yes"]
COMMAND = ["sagectl", "plan", "quickstart", "--sandbox"]
SIZE = {"width": 1100, "height": 1000}


def changed(text: str) -> str:
    """The new instance type and model data; an old generation of each immutable kind is kept."""
    text = text.replace("ml.m5.large", "ml.m5.xlarge").replace("fraud/2025-10/model", "fraud/2025-11/model")
    return re.sub(
        r"(?m)^  tags: \{team: risk\}\n---", "  tags: {team: risk}\npolicy: {generations: 1}\n---", text
    )


def in_terminal(command: list[str], folder: Path) -> str:
    """What a command prints on a terminal of COLUMNS columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, cwd=folder, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        printed = b""
        while chunk := _read(ours):
            printed += chunk
    os.close(ours)
    if process.returncode not in (0, 2):
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{printed.decode()}")
    return printed.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def picture(printed: str) -> str:
    """The text as SVG, with the reader's own monospaced font instead of one fetched from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text(f"$ {' '.join(COMMAND)}", style="bold"))
    console.print(Text.from_ansi(printed.rstrip()))
    drawn = console.export_svg(title="sagectl plan", unique_id="plan")
    drawn = re.sub(r"\s*@font-face \{.*?\n    \}", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace(
        "Fira Code, monospace", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    )
    drawn = drawn.replace("<text ", '<text xml:space="preserve" ')  # or some viewers drop leading blanks
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


def page(folder: Path) -> bytes:
    """The plan's page as a browser shows it, with the change of a configuration opened; PNG."""
    found = program()
    if not found:
        sys.exit("the page is shown by chromium (Debian: apt-get install chromium)")
    made = subprocess.run([*COMMAND, "--format", "html"], cwd=folder, check=False, stdout=subprocess.PIPE)
    file = folder / "plan.html"
    file.write_bytes(made.stdout)
    browser = Browser(found, folder / "browser")
    try:
        tab = Tab(browser, **SIZE).open(file)
        tab.click(".canvas a .succeed .kind")
        tab.get("scrollTo(0, 0)")
        return tab.shot()
    finally:
        browser.close()


def main() -> None:
    """Apply, change, plan, draw."""
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        shutil.copytree(HERE.parent / "examples" / "quickstart", work / "quickstart")
        serving = work / "quickstart" / "serving.yaml"
        subprocess.run(APPLY, cwd=work, check=True, stdout=subprocess.DEVNULL)
        serving.write_text(changed(serving.read_text(encoding="utf-8")), encoding="utf-8")
        (HERE / "plan.svg").write_text(picture(in_terminal(COMMAND, work)), encoding="utf-8")
        (HERE / "plan-page.png").write_bytes(page(work))


if __name__ == "__main__":
    main()
