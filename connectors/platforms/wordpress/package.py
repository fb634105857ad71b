"""Our plugin as the zip that WordPress installs: made from the folder beside this file, the same bytes each time."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from pathlib import Path

from connectors.platforms.paired import Package

FOLDER = Path(__file__).with_name("plugin") / "mci-connector"
_VERSION = re.compile(r"^\s*\*?\s*Version:\s*([0-9]+(?:\.[0-9]+){0,3})\s*$", re.MULTILINE)
_PORTAL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+", re.ASCII)  # goes into a PHP string
_THEN = (2026, 1, 1, 0, 0, 0)  # the time of every file: the zip tells versions, not when it was made


@cache
def package(portal: str) -> Package:
    """`portal`: the address that the plugin pairs with, which the reseller need not type."""
    if not _PORTAL.fullmatch(portal):
        raise ValueError(portal)
    files = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in FOLDER.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    files["portal.php"] = f"<?php return '{portal}';\n".encode()
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{FOLDER.name}/{name}", _THEN)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, body)
    return Package(f"{FOLDER.name}-{version()}.zip", version(), into.getvalue())


@cache
def version() -> str:
    """The version in the plugin's header, which is the one that WordPress shows."""
    header = (FOLDER / f"{FOLDER.name}.php").read_text(encoding="utf-8")[:8192]
    match = _VERSION.search(header)
    if match is None:
        raise RuntimeError("The plugin's header says no version.")
    return match[1]


def is_older(installed: str, than: str) -> bool:
    """ "1.9" is older than "1.10"; what is no version is older than any."""
    return _parts(installed) < _parts(than)


def _parts(text: str) -> tuple[int, ...]:
    parts = [int(part) for part in text.split(".")] if re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,6}){0,3}", text) else []
    return tuple([*parts, *[0] * 4][:4]) if parts else ()
