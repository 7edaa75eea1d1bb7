"""A virtual environment with a copy of the pip of this one: ``python virtual_environment.py FOLDER``.

``python -m venv`` unpacks, installs and compiles a pip, for 8 s of CPU time.
"""

import shutil
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

_SCRIPT = "#!{python}\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"


def create(folder: Path) -> None:
    """Make the environment; it has no other command of pip than ``pip``."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    installed = Path(str(distribution("pip").locate_file("")))
    for source in (installed / "pip", *installed.glob("pip-*.dist-info")):
        shutil.copytree(source, packages / source.name)
    script = folder / "bin" / "pip"
    script.write_text(_SCRIPT.format(python=folder.resolve() / "bin" / "python"), encoding="utf-8")
    script.chmod(0o755)


if __name__ == "__main__":
    create(Path(sys.argv[1]))
