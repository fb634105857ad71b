"""The damages: mutmut's operators and a few of our own, on one node of a file's syntax tree at a time.

mutmut's own runner is not used: it leaves decorated functions alone, which is most of what writes to the database here,
asks the tests of the whole function, and would start servers for every mutant.
"""

from __future__ import annotations

import difflib
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation import mutators

# Words for people, and what only says how the same rows are fetched.
_WORDS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
_LOGS = {"debug", "info", "warning", "error", "exception", "critical"}
_FETCHING = {"select_related", "prefetch_related", "only", "defer", "iterator"}
_NARROWING = {"filter", "exclude", "select_for_update", "distinct"}
_AS_PROGRAM = m.Comparison(left=m.Name("__name__"))
_TYPES = {"cast", "TypeVar", "NewType", "namedtuple"}


def _left_out(node: cst.SimpleStatementLine) -> Iterable[cst.CSTNode]:
    statement = m.OneOf(m.Expr(value=m.Call()), m.Raise(), m.AugAssign(), m.Del())
    if len(node.body) == 1 and m.matches(node.body[0], statement):
        yield node.with_changes(body=[cst.Pass()])


def _nothing_returned(node: cst.Return) -> Iterable[cst.CSTNode]:
    simple = m.Name("None") | m.Name("True") | m.Name("False")
    if node.value is not None and not m.matches(node.value, simple):
        yield node.with_changes(value=cst.Name("None"))


def _guard(node: cst.If) -> Iterable[cst.CSTNode]:
    for word in ("False", "True"):
        if not m.matches(node.test, m.Name(word)):
            yield node.with_changes(test=cst.Name(word), whitespace_before_test=cst.SimpleWhitespace(" "))


def _not_narrowed(node: cst.Call) -> Iterable[cst.CSTNode]:
    """`rows.filter(…)` to `rows`, and a lock to none."""
    if isinstance(node.func, cst.Attribute) and node.func.attr.value in _NARROWING:
        yield node.func.value


_MINE: list[tuple[type, Callable[..., Iterable[cst.CSTNode]]]] = [
    (cst.SimpleStatementLine, _left_out),
    (cst.Return, _nothing_returned),
    (cst.If, _guard),
    (cst.Call, _not_narrowed),
]


def _first(operator: Callable[..., Iterable[cst.CSTNode]]) -> Callable[..., Iterable[cst.CSTNode]]:
    """Of a text's three changes the first: that the letters' case matters too says nothing new."""
    return lambda node: list(operator(node))[:1]


_OPERATORS: list[tuple[type, Callable[..., Iterable[cst.CSTNode]]]] = [
    (kind, _first(operator) if operator is mutators.operator_string else operator)
    for kind, operator in mutators.mutation_operators
] + _MINE


@dataclass(frozen=True)
class Mutant:
    """One damage. `lines` are those of its statement; `at_import` when they run before any test."""

    path: str
    line: int
    lines: tuple[int, ...]
    at_import: bool
    before: str
    after: str

    @property
    def diff(self) -> str:
        told = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in list(told)[2:] if not line.startswith("@@"))


class Source:
    """A file and its damages, in the order of the file."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        self._module = wrapper.module
        self._positions = wrapper.resolve(PositionProvider)
        self._parents = wrapper.resolve(ParentNodeProvider)
        self.changes: list[tuple[cst.CSTNode, cst.CSTNode]] = []
        self._visit(self._module)

    def _visit(self, node: cst.CSTNode) -> None:
        if _is_left_alone(node):
            return
        for kind, operator in _OPERATORS:
            if isinstance(node, kind) and (operator is _not_narrowed or not _only_fetches(node)):
                self.changes += [(node, changed) for changed in operator(node)]
        for child in _parts(node, self.path):
            self._visit(child)

    def mutant(self, number: int) -> Mutant | None:
        """None for what is no Python, or no change."""
        node, changed = self.changes[number]
        after = self._module.deep_replace(node, changed).code  # type: ignore[arg-type, union-attr]
        try:
            compile(after, self.path, "exec")
        except SyntaxError:
            return None
        if after == self.text:
            return None
        lines, at_import = self._statement(node)
        return Mutant(self.path, self._positions[node].start.line, lines, at_import, self.text, after)

    def _statement(self, node: cst.CSTNode) -> tuple[tuple[int, ...], bool]:
        """The lines of the smallest statement around `node` (a compound one's head), and whether they run at import."""
        lines: range | None = None
        inside = False
        here: cst.CSTNode | None = node
        while here is not None and not isinstance(here, cst.Module):
            if lines is None and isinstance(here, cst.SimpleStatementLine | cst.BaseCompoundStatement):
                start, end = self._positions[here].start.line, self._positions[here].end.line
                if isinstance(here, cst.BaseCompoundStatement) and not isinstance(here, cst.Match):
                    end = max(start, self._positions[here.body].start.line - 1)
                lines = range(start, end + 1)
            above = self._parents.get(here)
            inside = inside or (isinstance(above, cst.FunctionDef) and here is above.body)
            here = above
        return tuple(lines or ()), not inside


def _parts(node: cst.CSTNode, path: str) -> Sequence[cst.CSTNode]:
    if isinstance(node, cst.ClassDef) and "models" in Path(path).stem:
        # Fields and constraints: any change is one that lacks a migration, which a test of its own refuses.
        return [part for part in node.body.body if isinstance(part, cst.FunctionDef)]
    if isinstance(node, cst.ClassDef | cst.FunctionDef):
        return [child for child in node.children if not isinstance(child, cst.Decorator)]
    if isinstance(node, cst.Call) and _only_fetches(node):
        return [node.func]
    return node.children


def _is_left_alone(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom | cst.Assert):
        return True
    if isinstance(node, cst.Expr) and isinstance(node.value, cst.BaseString):
        return True
    if isinstance(node, cst.If) and m.matches(node.test, m.Name("TYPE_CHECKING") | _AS_PROGRAM):
        return True
    if isinstance(node, cst.Assign) and m.matches(node.targets[0].target, m.Name("__all__")):
        return True
    if isinstance(node, cst.FunctionDef) and node.name.value in {"__str__", "__repr__"}:
        return True
    if isinstance(node, cst.Call):
        if isinstance(node.func, cst.Name):
            return node.func.value in _WORDS | _TYPES
        if isinstance(node.func, cst.Attribute):
            owner = node.func.value
            return node.func.attr.value in _LOGS and m.matches(owner, m.Name("log") | m.Name("logger"))
    return False


def _only_fetches(node: cst.CSTNode) -> bool:
    """A call whose arguments say how the same rows are fetched, or how strong a lock is."""
    if not (isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute)):
        return False
    return node.func.attr.value in _FETCHING | {"select_for_update"}


def sample(sources: Sequence[Source], randomness: random.Random) -> Iterator[Mutant]:
    """All damages of all files, each once, in an order that only `randomness` knows."""
    every = [(source, number) for source in sources for number in range(len(source.changes))]
    randomness.shuffle(every)
    for source, number in every:
        if mutant := source.mutant(number):
            yield mutant
