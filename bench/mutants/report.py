"""What became of the mutants."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bench.mutants.change import Mutant
from bench.mutants.exempt import Exemption
from bench.mutants.passes import Over

_SHOWN = 5


@dataclass(frozen=True)
class Fate:
    """`noticed_by` is empty for a survivor."""

    noticed_by: str
    over: Over

    @property
    def passed(self) -> str:
        if not self.over.tests:
            return "no test passes over it"
        shown = "\n    ".join(self.over.tests[:_SHOWN])
        asked, passing = len(self.over.tests), self.over.all
        return f"{asked} of the {passing} tests that pass over it were asked and passed, first of all\n    {shown}"


@dataclass
class Report:
    rooms: dict[str, str]
    noticed: Counter[str] = field(default_factory=Counter)
    survived: Counter[str] = field(default_factory=Counter)
    spared: Counter[str] = field(default_factory=Counter)
    survivors: list[str] = field(default_factory=list)

    def add(self, mutant: Mutant, fate: Fate) -> None:
        room = self.rooms[mutant.path]
        number = sum(self.noticed.values()) + sum(self.survived.values()) + 1
        if fate.noticed_by:
            self.noticed[room] += 1
            print(f"{number:4}  noticed   {mutant.path}:{mutant.line}  {fate.noticed_by}", flush=True)
            return
        self.survived[room] += 1
        told = f"{mutant.path}:{mutant.line}\n{mutant.diff}\n  {fate.passed}"
        self.survivors.append(told)
        print(f"{number:4}  SURVIVED  {told}", flush=True)

    def spare(self, mutant: Mutant, row: Exemption) -> None:
        self.spared[row.kind] += 1

    def text(self, seed: int) -> str:
        lines = ["", *(f"SURVIVED {told}\n" for told in self.survivors)]
        lines.append(f"{'room':24} {'sampled':>8} {'noticed':>8} {'survived':>8}")
        for room in dict.fromkeys(self.rooms.values()):
            lines.append(_row(room, self.noticed[room], self.survived[room]))
        lines.append(_row("all", sum(self.noticed.values()), sum(self.survived.values())))
        apart = ", ".join(f"{count} {kind}" for kind, count in sorted(self.spared.items())) or "none"
        lines.append(f"Exempt, counted apart (bench/mutants/exempt.toml): {apart}. SEED={seed}")
        return "\n".join(lines)


def _row(name: str, noticed: int, survived: int) -> str:
    every = noticed + survived
    share = f"{100 * noticed / every:5.0f} %" if every else ""
    return f"{name:24} {every:8} {noticed:8} {survived:8} {share}".rstrip()
