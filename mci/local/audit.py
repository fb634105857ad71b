"""`make audit`: are there known holes in what requirements.lock installs? Says so plainly when nobody can be asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOLES, NOT_ASKED = 1, 2


def verdict(out: str, error: str) -> tuple[int, str]:
    """The exit code and what to say, from what pip-audit wrote to its two streams."""
    try:
        found = json.loads(out)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (error.strip().splitlines() or ["no answer"])[-1][:300]
        return NOT_ASKED, f"The advisories could not be reached: NOTHING WAS CHECKED. ({why})"
    left = [one for one in found if "skip_reason" in one]
    holes = [(one, hole) for one in found for hole in one.get("vulns", ())]
    lines = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one, hole in holes
    ]
    lines += [f"{one['name']} was not checked: {one['skip_reason']}" for one in left]
    if len(left) == len(found):
        lines = ["The advisories know none of these packages here: NOTHING WAS CHECKED."]
    lines.append(f"{len(found) - len(left)} packages checked, {len(holes)} known holes.")
    return (HOLES if holes else NOT_ASKED if left else 0), "\n".join(lines)


def main() -> None:
    command = [str(ROOT / "var" / "tools" / "bin" / "pip-audit"), "--format", "json", "--progress-spinner", "off"]
    command += [
        "--disable-pip",
        "--require-hashes",
        "--timeout",
        "15",
        "--requirement",
        str(ROOT / "requirements.lock"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    code, words = verdict(done.stdout, done.stderr)
    print(words)
    sys.exit(code)


if __name__ == "__main__":
    main()
