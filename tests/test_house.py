"""The rules of the house that no reviewer should have to repeat: layers, seals, style, types, texts."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("accounts", "catalog", "connectors", "core", "orders", "shipping", "wallet")
ROOF = ("mci", "demo")
MOST_LINES = 340
WIDEST_LINE = 120
BAD_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "signals", "receivers", "handlers"}
HTTP_PACKAGES = {"requests", "requests_hardened", "urllib3", "httpx", "aiohttp", "urllib.request", "http.client"}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "__pycache__" not in path.parts)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Every module that `path` imports, `from a import b` as both `a` and `a.b`; relative ones resolved."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"


# Rooms and floors


def test_rooms_import_only_rooms_below_and_floors_only_floors_below(monkeypatch, capsys):
    from importlinter.application import use_cases
    from importlinter.cli import lint_imports  # noqa: F401 - the module puts the linter together

    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    # Not by the command, which configures logging anew and leaves the loggers of other tests disabled.
    assert use_cases.lint_imports(config_filename="pyproject.toml", cache_dir=None), capsys.readouterr().out


def test_the_wallet_is_sealed():
    doors = {"wallet.moves", "wallet.reversals", "wallet.queries", "wallet.errors"}
    told_by_the_demo = {"wallet.topups"}  # the acts of a reseller's and the staff's own pages
    others = [room for room in (*ROOMS, *ROOF) if room != "wallet"]
    found = [
        f"{name(path)}: {module}"
        for path in sources(*others)
        for module in imports(path)
        if module.startswith("wallet.")
        and not any(module == door or module.startswith(f"{door}.") for door in doors)
        and not (path.is_relative_to(ROOT / "demo") and module in told_by_the_demo)
        # Addresses, which the roof puts together.
        and not (name(path) == "mci/urls.py" and module in ("wallet.urls", "wallet.api_urls"))
    ]
    assert found == []


def test_only_core_http_speaks_http():
    found = [
        f"{name(path)}: {module}"
        for path in sources(*ROOMS)
        for module in imports(path)
        if name(path) != "core/http.py" and any(module == p or module.startswith(f"{p}.") for p in HTTP_PACKAGES)
    ]
    assert found == []


def test_there_are_no_signals():
    homes = ("django.dispatch", "django.db.models.signals", "django.core.signals", "blinker")
    found = [
        f"{name(path)}: {module}"
        for path in sources(*ROOMS, *ROOF)
        for module in imports(path)
        if module.startswith(homes) or (module.startswith("django.") and ".signals" in module)
    ]
    assert found == []


def test_no_module_is_a_drawer():
    assert [name(path) for path in sources(*ROOMS, *ROOF, "tests", "bench") if path.stem in BAD_NAMES] == []


def test_tasks_do_not_import_models():
    found = [
        f"{name(path)}: {module}"
        for path in sources(*ROOMS, "mci")
        if path.stem == "tasks"
        for module in imports(path)
        if module.endswith(".models") or ".models." in module or module.startswith("django.db")
    ]
    assert found == []


def test_no_template_groups_the_digits_of_a_key():
    """`{{ row.pk }}` is "1.193" in Italian: no form that posts it finds the row. `|plain_number` is 1193."""
    key = re.compile(r"\{\{ *(?!field\.auto_id)(?:[a-z_.]+[._])?(?:pk|[a-z]+_id) *\}\}")
    found = [
        f"{name(path)}: {text}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for text in key.findall(path.read_text())
    ]
    assert found == []


def test_no_file_is_too_long():
    long = {
        name(path): lines
        for path in sources(*ROOMS, *ROOF, "bench")
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert long == {}


def test_a_message_to_a_person_is_not_built_from_pieces():
    """gettext of an f-string or of a sum can't be translated."""
    calls = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
    found = [
        f"{name(path)}:{node.lineno}"
        for path in sources(*ROOMS, *ROOF)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in calls
        and node.args
        and isinstance(node.args[0], (ast.JoinedStr, ast.BinOp))
    ]
    assert found == []


# Tools


def test_ruff_finds_nothing():
    run("ruff", "check", ".")


def test_the_code_is_formatted():
    run("ruff", "format", "--check", ".")


def test_mypy_finds_nothing():
    run("mypy")


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration():
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_only_pinned_versions_are_required():
    lines = [
        line for file in ("requirements.txt", "requirements-dev.txt") for line in (ROOT / file).read_text().splitlines()
    ]
    loose = [line for line in lines if line and not line.startswith(("#", "-r ")) and "==" not in line]
    assert loose == []


# Pages


def templates() -> list[Path]:
    return sorted(p for folder in ("templates", *ROOMS, "mci") for p in (ROOT / folder).rglob("*.html"))


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("an inline style", r"<style[\s>]|\sstyle\s*="),
        ("an inline script", r"<script(?![^>]*\ssrc=)[^>]*>"),
        ("an event attribute", r"<[^>]*\s(?:on[a-z]+|hx-on[:a-z-]*)\s*="),
        ("an address elsewhere", r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//(?!\{)"""),
    ],
)
def test_templates_obey_the_content_security_policy(what, pattern):
    found = []
    for path in templates():
        if "email" in path.parts or path.name.endswith(".txt"):
            continue
        text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text(), flags=re.DOTALL)
        # data blocks are no scripts: <script type="application/json">
        text = re.sub(r'<script[^>]*type="application/(?:ld\+)?json"[^>]*>', "", text)
        found += [f"{name(path)}: {match.group(0)[:60]}" for match in re.finditer(pattern, text, re.IGNORECASE)]
    assert found == [], what


def test_no_line_of_a_template_is_too_long():
    found = [
        f"{name(path)}:{number}"
        for path in templates()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > WIDEST_LINE
    ]
    assert found == []


def style_sheets() -> list[Path]:
    return [path for path in sorted((ROOT / "static").rglob("*.css")) if "vendor" not in path.parts]


def rules_of(path: Path) -> str:
    """The sheet without what may hold any character: comments and quoted texts."""
    return re.sub(r'/\*.*?\*/|"[^"]*"', "", path.read_text(), flags=re.DOTALL)


def test_a_style_sheet_has_one_declaration_a_line():
    found = [
        f"{name(path)}: {line.strip()}"
        for path in style_sheets()
        for line in rules_of(path).splitlines()
        if re.search(r"[;{}]\s*\S", line) or len(line) > WIDEST_LINE
    ]
    assert found == []


# Classes that a script of others sets, and the beginnings of those that end in a variable.
SET_BY_OTHERS = {"htmx-request", "select2-container--admin-autocomplete"}
BEGUN = re.compile(r"(?:mark|field|app)-[a-z_]+")  # platform_mark; Django's columns and rooms in the administration


def words_of_code(path: Path) -> set[str]:
    """What a page's code could name a class with: in a template what stands in tags of either kind, never its texts."""
    text = path.read_text()
    if path.suffix == ".py":
        nodes = ast.walk(ast.parse(text))
        text = " ".join(
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value
        )
    elif path.suffix == ".html":
        text = re.sub(r"\{#.*?#\}|\{% (?:comment|translate|load|url) .*?%\}", "", text, flags=re.DOTALL)
        shown = re.findall(r"<[a-z](?:\{%.*?%\}|\{\{.*?\}\}|[^<>])*>|\{%.*?%\}", text, re.DOTALL)
        text = " ".join([*shown, *re.findall(r"\{% block \w+_class %\}(.*?)\{%", text)])
    return set(re.findall(r"-?[A-Za-z_][\w-]*", text))


def test_no_class_of_a_style_sheet_is_dead():
    from django.contrib import admin

    scripts = [path for path in (ROOT / "static").rglob("*.js") if "vendor" not in path.parts]
    used = {word for path in [*templates(), *scripts, *sources(*ROOMS, "mci")] for word in words_of_code(path)}
    djangos = [path for path in Path(admin.__file__).parent.rglob("*") if path.suffix in (".html", ".js", ".py")]
    used_by_admin = {word for path in djangos for word in re.findall(r"[\w-]+", path.read_text())}
    dead = []
    for path in style_sheets():
        selectors = re.findall(r"([^{};]+)\{", rules_of(path))
        classes = {found for selector in selectors for found in re.findall(r"\.(-?[a-zA-Z_][\w-]*)", selector)}
        known = used | SET_BY_OTHERS | (used_by_admin if path.name.startswith("admin") else set())
        dead += [f"{name(path)}: .{one}" for one in sorted(classes - known) if not BEGUN.fullmatch(one)]
    assert dead == []


def test_every_vendored_package_has_its_licence_and_is_listed():
    packages = [path for path in sorted((ROOT / "static/vendor").iterdir()) if path.is_dir()]
    listed = (ROOT / "static/vendor/README.md").read_text()
    assert [path.name for path in packages if not any(path.glob("LICENSE*"))] == []
    assert [path.name for path in packages if path.name not in listed] == []


# Texts: after a change of words, `make messages` and translate locale/it.

CATALOGUE = ROOT / "locale/it/LC_MESSAGES/django.po"
TRANSLATE_IN_CODE = {"_": 0, "gettext": 0, "gettext_lazy": 0, "gettext_noop": 0, "ngettext": 0, "ngettext_lazy": 0}
TRANSLATE_IN_CODE |= {"pgettext": 1, "pgettext_lazy": 1, "npgettext": 1, "npgettext_lazy": 1}
LITERAL = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""


def said_in_code() -> set[str]:
    texts = set()
    for path in sources(*ROOMS, "mci"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
                called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                position = TRANSLATE_IN_CODE.get(called)
                if position is not None and len(node.args) > position:
                    text = node.args[position]
                    if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                        texts.add(text.value)
    return texts


def said_in_templates() -> set[str]:
    from django.utils.translation.template import templatize

    texts = set()
    for path in [*templates(), *sorted((ROOT / "templates").rglob("*.txt"))]:
        code = templatize(path.read_text())
        for call, first, second in re.findall(rf"\b(_|n?p?gettext)\(({LITERAL})(?:, *({LITERAL}))?", code):
            texts.add(ast.literal_eval(second if call.lstrip("n") == "pgettext" else first))
    return texts - {""}


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    assert CATALOGUE.exists(), "locale/it is not made yet: make messages, then translate it"
    return polib.pofile(str(CATALOGUE))


def test_every_text_is_in_the_italian_catalogue(catalogue):
    known = {entry.msgid for entry in catalogue if not entry.obsolete}
    assert sorted((said_in_code() | said_in_templates()) - known) == []


def test_every_text_of_the_catalogue_is_translated_for_sure(catalogue):
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_translations_keep_the_placeholders(catalogue):
    placeholder = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}")
    wrong = []
    for entry in catalogue.translated_entries():
        wanted = set(placeholder.findall(entry.msgid_plural or entry.msgid))
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            found = set(placeholder.findall(text))
            # a singular may spell its number out
            if found - wanted or (wanted - found and not entry.msgid_plural):
                wrong.append(entry.msgid)
    assert wrong == []


def test_the_compiled_catalogue_is_the_written_one(catalogue):
    compiled = CATALOGUE.with_suffix(".mo")
    assert compiled.exists(), "make messages compiles it"

    def translations(entries: polib.POFile | polib.MOFile) -> dict[tuple[str | None, str], object]:
        return {(e.msgctxt, e.msgid): e.msgstr_plural or e.msgstr for e in entries if not getattr(e, "obsolete", 0)}

    written = {key: text for key, text in translations(catalogue).items() if text}
    assert translations(polib.mofile(str(compiled))) == written
