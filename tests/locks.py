"""Where the code locks, compares and sets, or lets something be there once: found in its syntax."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOMS = ("accounts", "catalog", "connectors", "core", "mci", "orders", "shipping", "wallet")
IN_SQL = re.compile(r"pg_(?:try_)?advisory_\w*lock|\bFOR (?:NO KEY )?UPDATE\b")


@dataclass(frozen=True)
class Guard:
    """`label` is what the table calls it: `file::function kind`. `node` stands in the file's text."""

    path: str
    label: str
    kind: str  # lock, compare, sql, unique
    node: ast.expr


class _Finder(ast.NodeVisitor):
    def __init__(self, path: str) -> None:
        self.path, self.around = path, list[str]()
        self.found = list[tuple[str, str, ast.expr]]()
        self.left_out: set[int] = set()  # words about the code, and updates whose count nobody looks at

    def note(self, kind: str, node: ast.expr, name: str = "") -> None:
        label = f"{self.path}::{'.'.join(self.around) or 'module'} {kind}{name and f' {name}'}"
        self.found.append((label, kind, node))

    def named(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.around.append(node.name)
        self.generic_visit(node)
        self.around.pop()

    visit_ClassDef = visit_FunctionDef = visit_AsyncFunctionDef = named

    def visit_Expr(self, node: ast.Expr) -> None:
        self.left_out.add(id(node.value))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and id(node) not in self.left_out:
            for _word in IN_SQL.findall(node.value):
                self.note("sql", node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "select_for_update":
            self.note("lock", node)
        elif called == "update" and id(node) not in self.left_out:
            self.note("compare", node)
        elif called == "UniqueConstraint":
            (name,) = [word.value for word in node.keywords if word.arg == "name"]
            self.note("unique", node, name.value)  # type: ignore[attr-defined]
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Call) and any(word.arg == "unique" for word in node.value.keywords):
            self.note("unique", node.value, node.targets[0].id)  # type: ignore[attr-defined]
        self.generic_visit(node)


def guards(root: Path) -> Iterator[Guard]:
    for path in sorted(path for room in ROOMS for path in (root / room).rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if "/migrations/" in name or name.startswith("mci/local/"):
            continue
        finder = _Finder(name)
        finder.visit(ast.parse(path.read_text()))
        seen: Counter[str] = Counter()
        for label, kind, node in finder.found:
            seen[label] += 1
            yield Guard(name, f"{label} {seen[label]}" if seen[label] > 1 else label, kind, node)
