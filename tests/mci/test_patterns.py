"""Every regular expression of ours over text made to hurt it, at the size that a field of the portal or of a shop
allows. One pattern with three gaps in it once held the whole portal for a minute with 330 spaces."""

from __future__ import annotations

import ast
import importlib
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

import pytest

from orders.entry.forms import split_pieces

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("accounts", "catalog", "connectors", "core", "mci", "orders", "shipping", "wallet")
SIZE = 1000  # more than a field of a page, or a text of a shop that a pattern is let loose on, may hold
SECONDS = 0.5  # of this process's time for one text; a linear pattern needs a thousandth
CALLS = {"compile", "match", "search", "fullmatch", "sub", "subn", "findall", "finditer", "split"}
CATEGORIES = {sre.CATEGORY_DIGIT: "0", sre.CATEGORY_SPACE: " ", sre.CATEGORY_WORD: "a"}
REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def files() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            # wsgi.py is left out: whoever imports it is a web server from then on, and sees nobody's rows.
            if not {"migrations", "local", "commands", "wsgi.py"} & set(path.parts):
                yield path


def patterns() -> dict[str, re.Pattern[Any]]:
    """All compiled ones of our modules, and those written where they are used."""
    found: dict[str, re.Pattern[Any]] = {}
    for path in files():
        name = str(path.relative_to(ROOT))
        module = importlib.import_module(name.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
        for pattern in compiled(vars(module)):
            found[f"{name} {pattern.pattern!r} {pattern.flags}"] = pattern
        for node in ast.walk(ast.parse(path.read_text())):
            if pattern := written(node):
                found[f"{name} {pattern.pattern!r} {pattern.flags}"] = pattern
    return found


def compiled(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, dict):
        for one in list(value.values()):
            yield from compiled(one, depth + 1)
    elif depth < 4 and isinstance(value, (list, tuple)):
        for one in value:
            yield from compiled(one, depth + 1)


def written(node: ast.AST) -> re.Pattern[Any] | None:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS):
        return None
    if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args):
        return None
    first = node.args[0]
    if not (isinstance(first, ast.Constant) and isinstance(first.value, (str, bytes))):
        return None
    words = " ".join(ast.unparse(one) for one in [*node.args[1:], *(word.value for word in node.keywords)])
    flags = re.IGNORECASE if "re.I" in words else re.NOFLAG
    return re.compile(first.value, flags | (re.MULTILINE if "re.M" in words else re.NOFLAG))


# ---- text that hurts


def sample(tree: Any) -> str:
    """A short text that the tree takes."""
    return "".join(of(op, argument) for op, argument in tree)


def of(op: Any, argument: Any) -> str:
    if op is sre.LITERAL:
        return chr(argument)
    if op is sre.NOT_LITERAL:
        return "b" if argument == ord("a") else "a"
    if op is sre.ANY:
        return "a"
    if op is sre.IN:
        return member(argument)
    if op is sre.BRANCH:
        return sample(argument[1][0])
    if op is sre.SUBPATTERN:
        return sample(argument[-1])
    if op is sre.ATOMIC_GROUP:
        return sample(argument)
    if op in REPEATS:
        low, _high, inner = argument
        return sample(inner) * max(1, low)
    return ""


def member(items: Any) -> str:
    if items[0][0] is sre.NEGATE:
        banned = re.compile("[" + "".join(re.escape(one) for one in map(of_set, items[1:]) if one) + "\0]")
        return next(char for char in "a 0-x~" if not banned.match(char))
    return of_set(items[0])


def of_set(item: Any) -> str:
    op, argument = item
    if op is sre.LITERAL:
        return chr(argument)
    if op is sre.RANGE:
        return chr(argument[0])
    return CATEGORIES.get(argument, "-")


def repeated(tree: Any) -> Iterator[str]:
    """What each repetition of the tree takes once."""
    for op, argument in tree:
        if op in REPEATS:
            yield sample(argument[2])
            for inner_op, items in argument[2]:
                if inner_op is sre.IN:
                    yield from (of_set(item) for item in items if item[0] is not sre.NEGATE)
            yield from repeated(argument[2])
        elif op is sre.SUBPATTERN:
            yield from repeated(argument[-1])
        elif op is sre.BRANCH:
            for branch in argument[1]:
                yield from repeated(branch)


def hurting(pattern: re.Pattern[Any]) -> Iterator[str]:
    tree = sre_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else 0)
    pumps = list(dict.fromkeys([*(one for one in repeated(tree) if one), " ", "a", "0", "-"]))[:14]
    pumps += [a + b for a in pumps[:5] for b in pumps[:5] if a != b]
    start = sample(tree)[:100]
    for pump in pumps:
        many = (pump * SIZE)[:SIZE]
        yield f"{many}\0"
        yield f"{start}{many}\0"
        yield f"{start[:1]}{many}{start[-1:]}\0"


class TooSlow(Exception):
    pass


def assert_all_quick(pattern: re.Pattern[Any]) -> None:
    for text in hurting(pattern):
        assert_quick(pattern, text)


def assert_quick(pattern: re.Pattern[Any], text: str) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow

    given: Any = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        pattern.search(given)
        pattern.fullmatch(given)
    except TooSlow:
        pytest.fail(f"{pattern.pattern!r} is caught in {text[:60]!r}…")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.long
def test_no_pattern_is_caught_in_a_text_made_for_it() -> None:
    found = patterns()
    assert len(found) > 150
    for pattern in found.values():
        assert_all_quick(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(?P<sku>.+?)\s*(?:[*×;\t]|\s[xX]\s?|\s{2,})\s*(?P<pieces>\d{1,4})$",  # the one that it was about
        r"(?:\d+)+x",
        r"^(?:[a-z ]+)*$",
    ],
)
def test_the_texts_catch_a_bad_pattern(pattern: str) -> None:
    """The negative control."""
    bad = re.compile(pattern)
    with pytest.raises(pytest.fail.Exception):
        assert_all_quick(bad)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ABC-1*3", ("ABC-1", 3)),
        ("ABC-1 × 3", ("ABC-1", 3)),
        ("ABC-1 x 3", ("ABC-1", 3)),
        ("ABC-1 x3", ("ABC-1", 3)),
        ("ABC-1 X3", ("ABC-1", 3)),
        ("ABCx3", ("ABCx3", None)),  # an article of that name
        ("ABC-1;12", ("ABC-1", 12)),
        ("ABC-1\t7", ("ABC-1", 7)),
        ("ABC-1  7", ("ABC-1", 7)),
        ("ABC-1 7", ("ABC-1 7", None)),  # one space belongs to the name
        ("ABC-1*0", ("ABC-1*0", None)),
        ("ABC-1*12345", ("ABC-1*12345", None)),
        ("ABC **3", ("ABC *", 3)),
        ("*3", ("*3", None)),
        ("x 3", ("x 3", None)),
        ("", ("", None)),
        (" " * 5000 + "1", ("1", None)),
        ("A" + " " * 5000 + "x", ("A" + " " * 5000 + "x", None)),
    ],
)
def test_pieces_are_read_from_the_end_of_a_line(text: str, found: tuple[str, int | None]) -> None:
    assert split_pieces(text) == found
