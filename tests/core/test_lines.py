"""Single-line fields hold one line, in every form of the house and of the administration."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.test import RequestFactory

from accounts.pages.forms import SignupForm
from core import lines
from tests import cast

ROOMS = ("accounts", "catalog", "connectors", "core", "mci", "orders", "shipping", "wallet")
BAD = [
    *("a\nb", "a\rb", "a\r\nBcc: x@evil.example", "a\0b", "a\tb", "a\x1bb"),
    *("a\x85b", "a\u2028b", "a\u2029b", "a\u202eb"),
]
GOOD = [
    *("Bottega Aurora S.r.l.", "Fu’ad Müller-Łoś", "  spaces at the ends\n", "名前", "a\u00a0b"),
    *("Caffè ☕ \U0001f469\u200d\U0001f680", "\u200fעברית"),
]


class Typed(lines.Form):
    name = forms.CharField()
    email = forms.EmailField(required=False)
    note = forms.CharField(widget=forms.Textarea, required=False)
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)


class Plain(forms.Form):
    name = forms.CharField()


@pytest.mark.parametrize("text", BAD)
def test_a_single_line_field_refuses_what_is_not_on_one_line(text: str) -> None:
    for field in ("name", "hidden"):
        assert field in Typed({"name": "x", field: text}).errors
    assert "email" in Typed({"name": "x", "email": f"{text}@example.com"}).errors


def test_the_negative_control_django_s_own_takes_a_line_break() -> None:
    assert Plain({"name": "a\r\nBcc: x@evil.example"}).is_valid()


@pytest.mark.parametrize("text", GOOD)
def test_what_people_write_passes(text: str) -> None:
    assert Typed({"name": text}).is_valid()


def test_a_textarea_keeps_its_lines_and_a_made_field_is_one_line_too() -> None:
    form = Typed({"name": "x", "note": "a\nb", "own": "a\nb"})
    form.fields["own"] = forms.CharField()
    assert list(form.errors) == ["own"]
    assert form.cleaned_data["note"] == "a\nb"


def ours() -> Iterator[type[forms.BaseForm]]:
    """Every form class that is written in a room."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if "form" in module.name or module.name.endswith((".admin", "views", ".desk")):
                importlib.import_module(module.name)
    kinds: list[type[forms.BaseForm]] = [forms.BaseForm]
    seen = set()
    while kinds:
        for kind in kinds.pop().__subclasses__():
            if kind not in seen:
                seen.add(kind)
                kinds.append(kind)
                if kind.__module__.split(".")[0] in ROOMS:
                    yield kind


def test_every_form_of_the_house_holds_its_lines() -> None:
    found = set(ours())
    assert SignupForm in found
    assert len(found) > 30
    assert [kind for kind in found if not issubclass(kind, lines.OneLine)] == []


# Django lets each pass: longer than our columns, longer in small letters, and what only looks like a letter.
NO_ADDRESS = [f"{'a' * 250}@example.it", f"{'İ' * 200}@example.it", "ſara@example.it", "\u212aatia@example.it"]


@pytest.mark.parametrize("address", NO_ADDRESS)
def test_every_e_mail_field_of_the_house_takes_what_its_column_holds(address: str) -> None:
    class Django(forms.Form):
        email = forms.EmailField()

    assert Django({"email": address}).is_valid()  # the negative control
    taken = []
    for kind in {*ours(), Typed}:
        for name, field in getattr(kind, "base_fields", {}).items():
            if isinstance(field, forms.EmailField):
                alone = type("Alone", (lines.Form,), {name: field})
                taken += [f"{kind.__name__}.{name}"] * (not alone({name: address}).errors)
                assert issubclass(kind, lines.OneLine)
    assert taken == []
    assert Typed({"name": "x", "email": f"{'a' * 60}@{'b' * 60}.it"}).is_valid()
    assert Typed({"name": "x", "email": "o'neil+shop@caffè.it"}).is_valid()


def in_the_administration() -> Iterator[tuple[str, type[forms.BaseForm]]]:
    """The forms in which somebody may type: changing, adding, lists, rows below."""
    request: Any = RequestFactory().get("/admin/")
    request.user = cast.staff()
    for model, page in admin.site._registry.items():
        if not (page.has_add_permission(request) or page.has_change_permission(request)):
            continue
        name = model._meta.label
        yield name, page.get_form(request, change=True)
        yield f"{name} (new)", page.get_form(request)
        if page.list_editable:
            yield f"{name} (list)", page.get_changelist_formset(request).form
        for inline in page.get_inline_instances(request):
            yield f"{name} → {inline.model.__name__}", inline.get_formset(request).form


@pytest.mark.django_db
def test_every_form_of_the_administration_holds_its_lines() -> None:
    found = dict(in_the_administration())
    assert {"accounts.User", "catalog.Product", "shipping.Method"} <= set(found)
    wrong = [
        name
        for name, kind in found.items()
        if not issubclass(kind, lines.OneLine) and any(map(lines.is_single, kind.base_fields.values()))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("sentence", "told"),
    [("A Casa Bella S.r.l..", "A Casa Bella S.r.l."), ("A Vera Srl.", "A Vera Srl."), ("Si ferma...", "Si ferma...")],
)
def test_a_sentence_ends_with_one_dot(sentence: str, told: str) -> None:
    assert lines.one_dot(sentence) == told
