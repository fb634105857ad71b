"""`python -m bench`: its own database, each measure interleaved with its baseline, medians of rounds."""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import ExitStack

MEASURES = ("intake", "sincronizza", "pull", "stock", "fence", "load", "warehouse", "imports", "paste")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measures", nargs="*", choices=[*MEASURES, []], help="default: all")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ.setdefault("MCI_ENV", "test")
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # a line for each call would bury the table
    with ExitStack() as stack:
        if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
            from mci.local.servers import servers_for_tests

            os.environ.update(stack.enter_context(servers_for_tests()))
        os.environ["DJANGO_SETTINGS_MODULE"] = "mci.settings"
        import django

        django.setup()
        from bench import machine, report
        from bench.database import own_database

        stack.enter_context(own_database())
        print(machine.sentence(), flush=True)
        results = []
        for name in options.measures or MEASURES:
            started = time.monotonic()
            module = __import__(f"bench.{name}", fromlist=["measure"])
            results += module.measure(rounds=options.rounds)
            print(f"  {name}: {time.monotonic() - started:.0f} s", flush=True)
        print(report.table(results))
        return 0 if all(result.good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
