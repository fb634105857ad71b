"""What every template speaks with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from core.templatetags.mci import initials


def drawn(text: str, language: str = "it", **context: object) -> str:
    with translation.override(language):
        return Template(text).render(Context(context))


@pytest.mark.parametrize(
    ("amount", "language", "plain", "signed"),
    [
        (Decimal("1234.56"), "it", "1.234,56\u00a0€", "+1.234,56\u00a0€"),
        (Decimal("1234.56"), "en", "1,234.56\u00a0€", "+1,234.56\u00a0€"),
        (Decimal("-31.2"), "it", "\u221231,20\u00a0€", "\u221231,20\u00a0€"),
        (Decimal("0"), "it", "0,00\u00a0€", "0,00\u00a0€"),
        (Decimal("999999999.99"), "it", "999.999.999,99\u00a0€", "+999.999.999,99\u00a0€"),
        (5, "it", "5,00\u00a0€", "+5,00\u00a0€"),
        (None, "it", "", ""),
        ("", "it", "", ""),
    ],
)
def test_money_is_written_as_the_reader_writes_it(amount: object, language: str, plain: str, signed: str) -> None:
    assert drawn("{{ a|euro }}", language, a=amount) == plain
    assert drawn("{{ a|signed_euro }}", language, a=amount) == signed


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_date_is_read_the_same_way_in_both_languages(language: str) -> None:
    twelfth = dt.datetime(2026, 11, 12, 16, 5, tzinfo=dt.UTC)  # five in Rome
    assert drawn('{{ a|date:"SHORT_DATE_FORMAT" }}', language, a=twelfth) == "12/11/2026"
    assert drawn('{{ a|date:"SHORT_DATETIME_FORMAT" }}', language, a=twelfth) == "12/11/2026 17:05"


@pytest.mark.parametrize(
    ("language", "words"), [("it", "giovedì 12 novembre 2026"), ("en", "Thursday 12 November 2026")]
)
def test_a_day_in_words_is_the_one_in_rome(language: str, words: str) -> None:
    late = dt.datetime(2026, 11, 11, 23, 30, tzinfo=dt.UTC)
    assert drawn("{{ a|long_day }}", language, a=late) == words


def test_a_number_for_a_machine_has_a_point_in_every_language() -> None:
    assert drawn('data-cost="{{ a|plain_number }}"', a=Decimal("1234.50")) == 'data-cost="1234.50"'


def test_text_from_outside_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    for template in (
        '{% badge "ok" e %}',
        '{% badge "ok" "x" "check" e %}',
        '{% empty_state "inbox" e e url=e label=e %}',
        "{% icon e %}",
        "{% platform_mark e e %}",
    ):
        assert "<script" not in drawn(template, e=evil), template


def test_an_unknown_tone_is_neutral() -> None:
    assert "b-neu" in drawn('{% badge "pink" "x" %}')
    assert "#cash" in drawn('{% badge "cod" "COD" %}')


def test_a_link_to_what_is_not_there_has_no_address() -> None:
    assert drawn('{% url_if "orders:detail" gone %}', gone=None) == ""
    assert drawn('{% url_if "mci:dashboard" %}') == "/"


@pytest.mark.parametrize(
    ("name", "letters"), [("Linda Marchetti", "LM"), ("ada@x.it", "A"), ("a.b@x.it", "AB"), ("", "?"), ("'; --", "?")]
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_every_icon_of_the_sprite_is_there_once() -> None:
    import re
    from pathlib import Path

    folder = Path(__file__).parents[2] / "static/vendor/tabler-icons"
    drawn_names = re.findall(r'<symbol id="([^"]+)"', (folder / "icons.svg").read_text())
    assert drawn_names == (folder / "icons.txt").read_text().split()
    assert len(set(drawn_names)) == len(drawn_names)


def test_the_templates_use_only_icons_that_are_in_the_sprite() -> None:
    import re
    from pathlib import Path

    root = Path(__file__).parents[2]
    known = set((root / "static/vendor/tabler-icons/icons.txt").read_text().split())
    missing = {
        (str(path.relative_to(root)), name)
        for path in (root / "templates").rglob("*.html")
        for name in re.findall(r'{% (?:icon|empty_state) "([^"]+)"', path.read_text())
        if name not in known
    }
    assert not missing
