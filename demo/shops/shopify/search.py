"""The search syntax of list queries: `updated_at:>='2026-11-23T10:00:00Z' sku:'A-1' OR sku:'A-2'`, NOT, parentheses.

A filter that the list does not know is ignored, with a warning beside the answer, as the store does it.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .gids import Doc, moment_of

_TOKEN = re.compile(
    r"""\s*(?:(?P<paren>[()])|(?P<not>-|NOT\b)|(?P<word>AND\b|OR\b)
    |(?P<name>[A-Za-z_.]+):(?P<op>>=|<=|>|<|)(?P<value>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s()]+)
    |(?P<text>'[^']*'|"[^"]*"|[^\s()]+))""",
    re.VERBOSE,
)

Values = Callable[[Doc], list[str]]  # what a document has under a filter's name; none: it has nothing
Test = Callable[[Doc], bool]
_TIMES = ("created_at", "updated_at", "processed_at", "published_at")


@dataclass
class Search:
    """`fields`: the filters that the list knows. `text` searches where no filter is named."""

    fields: dict[str, Values]
    text: Values
    warnings: list[dict[str, str]] = field(default_factory=list)

    def compile(self, query: str | None) -> Test:
        tokens = [match for match in _TOKEN.finditer(query or "") if match.group().strip()]
        if not tokens:
            return lambda _doc: True
        test, rest = self._any(tokens)
        while rest:  # an unmatched parenthesis: the rest is read as if it were not there
            more, rest = self._any(rest[1:]) if len(rest) > 1 else (None, [])
            if more is not None:
                test = _both(test, more)
        return test

    def _any(self, tokens: list[re.Match[str]]) -> tuple[Test, list[re.Match[str]]]:
        test, rest = self._all(tokens)
        while rest and rest[0]["word"] == "OR":
            more, rest = self._all(rest[1:])
            test = _either(test, more)
        return test, rest

    def _all(self, tokens: list[re.Match[str]]) -> tuple[Test, list[re.Match[str]]]:
        test: Test = lambda _doc: True  # noqa: E731
        rest = tokens
        while rest and rest[0]["paren"] != ")" and rest[0]["word"] != "OR":
            if rest[0]["word"] == "AND":
                rest = rest[1:]
                continue
            more, rest = self._one(rest)
            test = _both(test, more)
        return test, rest

    def _one(self, tokens: list[re.Match[str]]) -> tuple[Test, list[re.Match[str]]]:
        head, rest = tokens[0], tokens[1:]
        if head["not"] and rest:
            test, rest = self._one(rest)
            return lambda doc: not test(doc), rest
        if head["paren"] == "(":
            test, rest = self._any(rest)
            return test, rest[1:] if rest and rest[0]["paren"] == ")" else rest
        if head["name"]:
            return self._filter(head["name"], head["op"], _bare(head["value"])), rest
        wanted = _bare(head["text"] or "").lower()
        return lambda doc: any(wanted in value.lower() for value in self.text(doc)), rest

    def _filter(self, name: str, op: str, value: str) -> Test:
        known = self.fields.get(name)
        if known is None:
            self.warnings.append({"field": name, "message": "Invalid search field for this query.", "code": ""})
            return lambda _doc: True
        if name in _TIMES:
            return self._time(known, name, op, value)
        if op:
            return lambda doc: any(_compare(op, _number(each), _number(value)) for each in known(doc))
        if value == "*":
            return lambda doc: bool(known(doc))
        if value.endswith("*"):
            begin = value[:-1].lower()
            return lambda doc: any(each.lower().startswith(begin) for each in known(doc))
        wanted = value.lower().split(",") if name in ("status", "financial_status", "id") else [value.lower()]
        return lambda doc: any(each.lower() in wanted for each in known(doc))

    def _time(self, known: Values, name: str, op: str, value: str) -> Test:
        try:
            moment = moment_of(value).astimezone(dt.UTC)
        except ValueError:
            message = f"Input `{value}` is not a valid date."
            self.warnings.append({"field": name, "message": message, "code": "invalid_date"})
            return lambda _doc: True
        # Documents keep UTC to the second: text compares as the moments do, and ten thousand of them in no time.
        wanted = moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds").removesuffix("+00:00")
        return lambda doc: any(_compare(op, each.removesuffix("Z"), wanted) for each in known(doc))


def _both(one: Test, other: Test) -> Test:
    return lambda doc: one(doc) and other(doc)


def _either(one: Test, other: Test) -> Test:
    return lambda doc: one(doc) or other(doc)


def _bare(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _compare(op: str, one: Any, other: Any) -> bool:
    if op == ">=":
        return bool(one >= other)
    if op == "<=":
        return bool(one <= other)
    if op == ">":
        return bool(one > other)
    return bool(one < other if op == "<" else one == other)
