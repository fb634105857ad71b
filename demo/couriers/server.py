"""The couriers as a process of their own: `python -m demo.couriers.server --port 8140`."""

import argparse
import logging
import signal
import threading
from pathlib import Path

from demo.couriers.world import FakeCouriers
from demo.told import tell

VAR = Path(__file__).resolve().parents[2] / "var"


def main(argv: list[str] | None = None) -> None:
    """Serves until SIGTERM or SIGINT. `--info`: the file that says where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8140)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--info", type=Path, default=VAR / "demo-couriers.json")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args(argv)
    logging.basicConfig(
        level=logging.WARNING if options.quiet else logging.INFO, format="%(asctime)s couriers %(message)s"
    )
    done = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: done.set())
    with FakeCouriers(port=options.port, host=options.host) as world:
        tell(options.info, world.url, world.port)
        done.wait()


if __name__ == "__main__":
    main()
