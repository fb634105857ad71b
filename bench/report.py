"""One line for each ratio: the figure, its baseline, the median of the rounds' ratios and the goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Result:
    """`ours` and `theirs`: a figure per round. The ratio is taken within each round, the median over the rounds."""

    name: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float]
    baseline: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratios(self) -> list[float]:
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def good(self) -> bool:
        return (self.at_least is None or self.ratio >= self.at_least) and (
            self.at_most is None or self.ratio <= self.at_most
        )


def table(results: Sequence[Result]) -> str:
    lines = [
        "| what | ours | baseline | ratio (min – max) | goal |",
        "|---|---:|---:|---:|---|",
    ]
    for result in results:
        goal = "–"
        if result.at_least is not None:
            goal = f"≥ {result.at_least:g}"
        elif result.at_most is not None:
            goal = f"≤ {result.at_most:g}"
        lines.append(
            f"| {result.name} | {median(result.ours):,.0f} {result.unit} "
            f"| {result.baseline}: {median(result.theirs):,.0f} {result.unit} "
            f"| **{result.ratio:.2f}** ({min(result.ratios):.2f} – {max(result.ratios):.2f}) "
            f"| {goal} {'✓' if result.good else '✗'} |"
        )
    return "\n".join(lines)
