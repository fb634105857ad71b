"""Our WordPress plugin: its PHP tests where PHP is found, and what can be seen without PHP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polib
import pytest

HERE = Path(__file__).parent
PLUGIN = HERE.parents[1] / "connectors/platforms/wordpress/plugin/mci-connector"
PHP = shutil.which("php")
TEXT = r"'((?:[^'\\]|\\.)*)'"


def php(*arguments: str) -> str:
    assert PHP
    done = subprocess.run([PHP, *arguments], cwd=HERE, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(PHP is None, reason="PHP is not installed: the plugin's own tests need the command php")
class TestInPhp:
    @pytest.mark.parametrize("part", ["signing", "queue", "pairing", "calls", "orders", "syntax"])
    def test_the_plugin_does_what_its_tests_say(self, part):
        assert " 0 failed" in php("run.php", f"{part}.php")

    def test_every_file_is_php(self):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda path: php("-l", str(path)), PLUGIN.rglob("*.php")))


def test_the_vectors_are_right_by_another_hand():
    for row in json.loads((HERE / "vectors.json").read_text())["signatures"]:
        signed = row["timestamp"].encode() + b"." + base64.b64decode(row["body"])
        digest = hmac.new(row["secret"].encode(), signed, hashlib.sha256).hexdigest()
        assert row["signature"] == f"v1={digest}", row["name"]


def test_the_version_is_the_same_wherever_it_is_written():
    header = (PLUGIN / "mci-connector.php").read_text()
    readme = (PLUGIN / "readme.txt").read_text()
    version = re.search(r"^ \* Version: +(\S+)$", header, re.MULTILINE)[1]
    assert f"define( 'MCI_CONNECTOR_VERSION', '{version}' );" in header
    assert re.search(r"^Stable tag: (\S+)$", readme, re.MULTILINE)[1] == version
    assert f"= {version} =" in readme
    for name in ("Requires at least", "Requires PHP"):
        pattern = rf"{name}: +(\S+)$"
        assert re.search(pattern, header, re.MULTILINE)[1] == re.search(pattern, readme, re.MULTILINE)[1]


def test_the_readme_keeps_the_limits_of_the_plugin_directory():
    readme = (PLUGIN / "readme.txt").read_text()
    tags = re.search(r"^Tags: (.+)$", readme, re.MULTILINE)[1]
    assert len(tags.split(",")) <= 5
    short = re.search(r"^License URI: .+\n\n(.+)\n", readme, re.MULTILINE)[1]
    assert len(short) <= 150
    for section in ("Description", "Installation", "Frequently Asked Questions", "External services", "Changelog"):
        assert f"== {section} ==" in readme


def test_the_folder_holds_what_belongs_in_the_zip_and_nothing_else():
    kinds = {path.suffix for path in PLUGIN.rglob("*") if path.is_file()}
    assert kinds == {".php", ".txt", ".css", ".po", ".mo"}


def said() -> set[str]:
    """Every text of the plugin: of its code, and the two of its header that WordPress translates."""
    texts = set()
    for path in PLUGIN.rglob("*.php"):
        code = path.read_text()
        texts |= {text.replace("\\'", "'") for text in re.findall(rf"\b(?:__|esc_html__|esc_attr__)\(\s*{TEXT}", code)}
        texts |= {text.replace("\\'", "'") for text in re.findall(rf"\b_n\(\s*{TEXT}", code)}
    header = (PLUGIN / "mci-connector.php").read_text()
    return texts | {
        re.search(rf"^ \* {name}: +(.+)$", header, re.MULTILINE)[1] for name in ("Plugin Name", "Description")
    }


def test_the_italian_catalogue_is_whole_and_compiled():
    catalogue = polib.pofile(str(PLUGIN / "languages/mci-connector-it_IT.po"))
    assert {entry.msgid for entry in catalogue} == said()
    assert [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy] == []
    for entry in catalogue:
        placeholders = re.compile(r"%(?:\d\$)?[sd]")
        for text in list(entry.msgstr_plural.values()) or [entry.msgstr]:
            assert sorted(placeholders.findall(text)) == sorted(placeholders.findall(entry.msgid)), entry.msgid
    compiled = polib.mofile(str(PLUGIN / "languages/mci-connector-it_IT.mo"))
    assert {e.msgid: e.msgstr_plural or e.msgstr for e in compiled} == {
        e.msgid: e.msgstr_plural or e.msgstr for e in catalogue
    }
