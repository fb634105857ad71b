"""Every part that htmx exchanges, found in the templates: what it is put into exists, the outcome is read out once, and
what comes by itself takes nobody's focus. What the focus does then is the shell's rule (journeys/test_shell.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(p for f in ("templates", "connectors/platforms") for p in (ROOT / f).rglob("*.html"))
# Of an attribute's value only what is no template code counts.
TAG = re.compile(r"<[a-z][^<>]*?\shx-(?:get|post)=(?:\{%.*?%\}|\{\{.*?\}\}|[^<>])*>", re.S)
RELATIVE = ("this", "closest ", "find ", "next", "previous")


def attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="((?:\{{%.*?%\}}|\{{\{{.*?\}}\}}|[^"])*)"', tag)
    return found[1] if found else ""


def tags() -> Iterator[tuple[str, str]]:
    for path in TEMPLATES:
        for tag in TAG.findall(path.read_text()):
            yield path.relative_to(ROOT).as_posix(), tag


def pattern(identity: str) -> str:
    """An id without what the template puts into it: "opt-{{ item.pk }}" is "opt-*"."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "*", identity)


IDS = {pattern(one) for path in TEMPLATES for one in re.findall(r'\sid="([^"]+)"', path.read_text())}


def test_every_part_is_put_where_there_is_something() -> None:
    found = [(where, attribute(tag, "hx-target")) for where, tag in tags()]
    assert len(found) > 20, "what is looked at is not what htmx reads"
    wrong = [
        (where, target)
        for where, target in found
        if target and not target.startswith(RELATIVE) and pattern(target).removeprefix("#") not in IDS
    ]
    assert wrong == []


def test_a_target_that_is_nowhere_would_be_seen() -> None:
    assert pattern("#nowhere-{{ item.pk }}").removeprefix("#") not in IDS
    assert TAG.findall('<a class="x" hx-get="{% url "a:b" %}" hx-target="#nowhere">') != []


def test_what_comes_by_itself_takes_nobodys_focus() -> None:
    """A part that polls is never marked as where the reader goes on, nor holds a field that asks for the focus."""
    polling = {where for where, tag in tags() if re.search(r"every|load", attribute(tag, "hx-trigger"))}
    parts = [ROOT / where for where in polling if Path(where).name.startswith("_")]
    assert parts
    assert [p.name for p in parts if re.search(r"data-mci-focus|\sautofocus", p.read_text())] == []


def test_outcomes_come_into_the_region_that_reads_them_out() -> None:
    """A region that is itself exchanged is new to whoever listens, and read out by some and by others not."""
    text = (ROOT / "templates/_messages.html").read_text()
    assert 'role="status"' in text
    assert 'hx-swap-oob="innerHTML"' in text
    others = [p.name for p in TEMPLATES if p.name != "_messages.html" and 'id="messages"' in p.read_text()]
    assert others == []
