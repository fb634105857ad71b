"""The couriers as a process of their own."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_it_says_where_it_is_and_ends_when_it_is_told(tmp_path: Path) -> None:
    info = tmp_path / "couriers.json"
    command = [sys.executable, "-m", "demo.couriers.server", "--port", "0", "--info", str(info), "--quiet"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        until = time.monotonic() + 30
        while not (info.exists() and info.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        told = json.loads(info.read_text())
        connection = http.client.HTTPConnection("127.0.0.1", told["port"], timeout=10)
        connection.request("GET", "/")
        assert b"<h1>Couriers</h1>" in connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
