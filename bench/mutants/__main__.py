"""`python -m bench.mutants`: a random sample of small damages, each against the tests that pass over its line."""

from __future__ import annotations

import argparse
import random
import sys
import time

from bench.mutants import change, exempt, rooms
from bench.mutants.ground import ground
from bench.mutants.passes import noted
from bench.mutants.report import Report
from bench.mutants.run import Run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="no mutant is begun after so long (default: 30)")
    parser.add_argument("--count", type=int, default=300, help="nor after so many, exemptions apart (default: 300)")
    parser.add_argument("--seed", type=int, default=None, help="draws the same mutants again")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time, each with a tree and a database")
    parser.add_argument("--only", default="", help="only of files whose path begins so (with commas: or so)")
    parser.add_argument("--tests", default="tests/", help="asks only tests whose path begins so (with commas: or so)")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"SEED={seed} draws the same mutants again.", flush=True)
    named = {path: room for path, room in rooms.sources().items() if path.startswith(tuple(options.only.split(",")))}
    report = Report(named)
    with ground(options.jobs) as copies:
        passes = noted(copies[0], below=tuple(options.tests.split(",")))
        sources = [change.Source(path, (copies[0].folder / path).read_text()) for path in named]
        until = time.monotonic() + options.minutes * 60
        mutants = change.sample(sources, random.Random(seed))
        Run(passes, exempt.table(), report, count=options.count, until=until).all(mutants, copies)
    print(report.text(seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
