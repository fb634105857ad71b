"""Make `.venv` hold exactly the pinned requirements. Standard library only: it runs before anything is installed.

It does something only when the requirements or the Python changed since the last time (a stamp holds their hash).
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "requirements.stamp"
LOCK = ROOT / "requirements-dev.lock"  # what requirements*.txt ask for and all that comes with it, with hashes
PIP_ENV = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_ROOT_USER_ACTION": "ignore"}


def _wanted() -> str:
    digest = hashlib.sha256(repr(sys.version_info[:3]).encode())
    digest.update(LOCK.read_bytes())
    return digest.hexdigest()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _works(*command: str) -> bool:
    try:
        return (
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
        )
    except OSError:
        return False


def _pip() -> list[str]:
    """The pip that installs into .venv, making .venv when it is missing or broken."""
    python = str(VENV / "bin" / "python")
    same = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    if VENV.exists() and not _works(python, "-c", same):
        shutil.rmtree(VENV)
    if not _works(python, "-m", "pip", "--version") and not _works(sys.executable, "-m", "venv", str(VENV)):
        # A Python without ensurepip (Debian's without python3-venv): its own pip installs into the bare environment.
        shutil.rmtree(VENV, ignore_errors=True)
        if not _works(sys.executable, "-m", "venv", "--without-pip", str(VENV)):
            sys.exit(f"{sys.executable} cannot make a virtual environment. Install its venv module and try again.")
        if not _works(sys.executable, "-m", "pip", "--version"):
            sys.exit(
                f"{sys.executable} has neither ensurepip nor pip. Install one of them (python3-venv, python3-pip)."
            )
        return [sys.executable, "-m", "pip", "--python", python]
    return [python, "-m", "pip"]


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - any python may be asked
        sys.exit(f"MCI needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    (ROOT / "var").mkdir(exist_ok=True)
    with open(ROOT / "var" / "install.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.read_text() == _wanted():
            return
        _say("· The pinned requirements are installed into .venv (once, until they change): a minute or two …")
        pip = _pip()
        command = [*pip, "install", "-qq", "--require-hashes", "-r", str(LOCK)]
        done = subprocess.run(command, env={**os.environ, **PIP_ENV}, check=False)
        if done.returncode:
            sys.exit(
                "The requirements could not be installed: see pip's message above. Then run the same command again."
            )
        STAMP.write_text(_wanted())


if __name__ == "__main__":
    main()
