"""One mutant after the other, as many at a time as there are copies of the tree."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

from bench.mutants import exempt, rooms
from bench.mutants.change import Mutant
from bench.mutants.ground import Tree
from bench.mutants.passes import AGAIN_SECONDS, Over, Passes
from bench.mutants.report import Fate, Report


class CannotJudge(Exception):
    """Nothing was planted, and a test failed all the same."""


class Run:
    def __init__(
        self, passes: Passes, exemptions: list[exempt.Exemption], report: Report, *, count: int, until: float
    ) -> None:
        self.passes, self.exemptions, self.report = passes, exemptions, report
        self.count, self.until = count, until
        self.slack = 60.0  # for the start
        self._turn = threading.Lock()
        self._trouble: list[BaseException] = []

    def all(self, mutants: Iterator[Mutant], copies: Sequence[Tree]) -> None:
        def work(copy: Tree) -> None:
            try:
                while mutant := self._next(mutants):
                    fate = self.judge(mutant, copy)
                    with self._turn:
                        self.report.add(mutant, fate)
            except BaseException as error:
                self._trouble.append(error)

        workers = [threading.Thread(target=work, args=(copy,)) for copy in copies]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if self._trouble:
            raise self._trouble[0]

    def _next(self, mutants: Iterator[Mutant]) -> Mutant | None:
        with self._turn:
            while not self._trouble and self.count > 0 and time.monotonic() < self.until:
                if (mutant := next(mutants, None)) is None:
                    return None
                if row := exempt.of(mutant.path, mutant.diff, self.exemptions):
                    self.report.spare(mutant, row)
                    continue
                self.count -= 1
                return mutant
        return None

    def judge(self, mutant: Mutant, copy: Tree) -> Fate:
        over = self.passes.over(mutant.path, mutant.lines, at_import=mutant.at_import)
        fate = self._judge(mutant, copy, over)
        if fate.noticed_by or len(over.tests) == over.all:
            return fate
        more = self.passes.over(mutant.path, mutant.lines, at_import=mutant.at_import, seconds=AGAIN_SECONDS)
        return self._judge(mutant, copy, more)

    def _judge(self, mutant: Mutant, copy: Tree, over: Over) -> Fate:
        if not over.tests:
            return Fate("", over)
        tests = (rooms.OF_MODELS, *over.tests) if rooms.is_of_tables(mutant.path) else over.tests
        # As long as they took when they were noted, five times over for a busy machine, and the start.
        seconds = over.seconds * 5 + self.slack
        copy.write(mutant.path, mutant.after)
        try:
            outcome = copy.ask(tests, seconds=seconds)
        finally:
            copy.write(mutant.path, mutant.before)
        if outcome.code == 0:
            return Fate("", over)
        if outcome.code not in (None, 1) and (plain := copy.ask(tests[:1], seconds=seconds)).code != 0:
            raise CannotJudge(f"{tests[0]} fails with nothing planted:\n{plain.output[-3000:]}")
        return Fate(outcome.noticed_by, over)
