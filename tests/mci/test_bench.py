"""The bench's baseline speaks to the same database as the product, whatever form its address has."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("address", ["postgresql://postgres@%2Ftmp%2Fsock/mci", "postgresql:///mci?host=/tmp/sock"])
def test_the_baseline_finds_the_database_behind_a_socket(address: str) -> None:
    program = "import bench.bare; from mci import environment; from django.conf import settings as s; "
    program += "assert s.DATABASES['default']['HOST'] == environment.database()['HOST']; print(s.DATABASES['default'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"DATABASE_URL": address, "MCI_ENV": "test", "REDIS_URL": "redis://localhost"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "/tmp/sock" in done.stdout
