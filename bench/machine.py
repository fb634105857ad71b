"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from django.db import connection


def sentence() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgres,) = cursor.fetchone()
        cursor.execute(
            "SELECT string_agg(name || '=' || setting, ' ') FROM pg_settings WHERE name IN"
            " ('fsync', 'synchronous_commit', 'full_page_writes')"
        )
        (durability,) = cursor.fetchone()
    try:
        cpu = next(
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        )
    except (OSError, StopIteration):
        cpu = platform.machine()
    return f"{os.cpu_count()} × {cpu}, Python {platform.python_version()}, PostgreSQL {postgres} ({durability})"
