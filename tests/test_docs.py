"""What the documents say is there is there: files, tests and names of docs/security.md, links, numbers of decisions."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SECURITY = ROOT / "docs/security.md"
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
# `path/to/file.py`, `docker-compose.yml`, `tests/test_x.py::test_that`, each by itself between back-ticks
_NAMED = re.compile(r"`([\w./-]+\.(?:py|json|yml|txt|lock|md|html|php|js|css)|Dockerfile)(?:::(\w+))?`")
_TEST_ALONE = re.compile(r"`(?:::|…::)?(test_\w+)`")
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


def names(path: Path) -> set[str]:
    """What a module defines: functions, classes and their methods, and what it gives a name to."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def missing(text: str) -> Iterator[str]:
    known: dict[str, set[str]] = {}
    for file, name in _NAMED.findall(text):
        path = ROOT / file
        if not path.is_file():
            yield f"{file} is not there"
        elif name:
            known.setdefault(file, names(path))
            if name not in known[file]:
                yield f"{file} has no {name}"


# Of others: WordPress's own settings, a page of a courier's; what is only made by running something; what a new
# platform may bring.
_NOT_OURS = ("wp-config.php", "get_xml_track.php", "/static/", "var/", "portal.php", "help.html")


def unknown(text: str, files: list[Path]) -> Iterator[str]:
    """As `missing`, for texts that leave out the beginning of a path: the file is any that ends so."""
    for file, name in _NAMED.findall(text):
        if file.startswith(_NOT_OURS):
            continue
        meant = [path for path in files if f"/{path}".endswith(f"/{file}")]
        if not meant:
            yield f"{file} is not there"
        elif name and not any(path.suffix == ".py" and name in names(ROOT / path) for path in meant):
            yield f"{file} has no {name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_and_function_that_a_document_names_is_there(document):
    kept = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    assert sorted(set(unknown(document.read_text(), [Path(line) for line in kept.stdout.splitlines()]))) == []


def test_a_shortened_path_that_ends_nowhere_is_found():
    files = [Path("core/http.py"), Path("orders/pages/http.py")]
    assert list(unknown("`http.py::call`, `pages/nowhere.py`, `core/http.py::nothing`", files)) == [
        "pages/nowhere.py is not there",
        "core/http.py has no nothing",
    ]


def test_every_file_and_test_that_the_security_document_names_is_there():
    assert sorted(set(missing(SECURITY.read_text()))) == []


def test_what_is_not_there_is_found():
    assert list(missing("`core/nowhere.py`, `core/http.py::nothing`, `core/http.py::deadline`")) == [
        "core/nowhere.py is not there",
        "core/http.py has no nothing",
    ]


def test_a_test_is_named_with_its_file():
    assert _TEST_ALONE.findall(SECURITY.read_text()) == []


def test_every_control_has_a_place_and_a_test():
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in SECURITY.read_text().split("## Who may what\n")[0].splitlines()
        if line.startswith("| ") and not line.startswith("| control |")
    ]
    assert len(rows) > 50
    assert [
        row[0] for row in rows if len(row) != 3 or not _NAMED.search(row[1] + row[2]) or "`tests/" not in row[2]
    ] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_link_leads_nowhere(document):
    broken = [link for link in _LINK.findall(document.read_text()) if not (document.parent / link).exists()]
    assert broken == []


def test_decisions_are_numbered_once():
    numbers = [path.name[:4] for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert sorted(set(numbers)) == numbers
