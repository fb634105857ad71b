"""The administration speaks the reader's language: no English word of ours, of Django's or of a model's on an Italian
page, and no Italian one on an English page. All its pages, from the registry, in all their states."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import django
import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin import site
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import override

from tests.mci.admin_pages import Said, tokens, walk
from tests.mci.poison import DEEP
from tests.mci.test_pages_in_states import World, client_of
from tests.mci.test_poison import _no_log, world  # noqa: F401 - fixtures

ROOMS = ("accounts", "catalog", "connectors", "core", "mci", "orders", "shipping", "wallet", "auth")
# Words of both languages, or nobody's: names of things, of formats, of systems.
BOTH = {
    "dropshipper",
    "chat",
    "sku",
    "ean",
    "cod",
    "slug",
    "tracking",
    "file",
    "password",
    "mail",
    "app",
    "passkey",
    "web",
}
BOTH |= {"jpeg", "png", "webp", "gif", "eur", "pec", "sdi", "online", "mci", "reset", "account", "inbox", "bottega"}
BOTH |= {"brt", "gls", "link", "locker", "plugin", "api", "rest", "json", "min"}
BOTH |= {
    "italiano",
    "english",
    "brt",
    "gls",
    "shopify",
    "woocommerce",
    "wordpress",
    "iban",
    "http",
    "https",
    "gpsr",
    "staff",
}
QUOTED = "rest_not_logged_in"  # what a shop answered, in our sentence about it


@pytest.mark.parametrize("model", list(site._registry), ids=lambda model: model._meta.label)
def test_a_page_of_the_administration_has_a_name_of_its_own(model: type) -> None:
    for name in (model._meta.verbose_name, model._meta.verbose_name_plural):
        assert isinstance(name, Promise), f"{name!r} is made from the class"
        with override("en"):
            english = str(name)
        with override("it"):
            assert str(name) != english or english == "dropshipper"


@pytest.mark.parametrize("model", list(site._registry), ids=lambda model: model._meta.label)
def test_what_a_page_shows_of_a_row_has_a_name_of_its_own(model: type, rf: Any, admin_user: Any) -> None:
    """Django makes "created at" of a field that says nothing: every field that its page, its list and its inlines may
    show says its name, also one that another page shows in a summary of what is deleted."""
    request = rf.get("/")
    request.user = admin_user
    desk = site._registry[model]
    shown = {(model, name) for name in desk.get_list_display(request)}
    row = model()
    for part in (desk, *desk.get_inline_instances(request)):
        own = part.opts.model
        lines = [one for _title, given in part.get_fieldsets(request, row) for one in given["fields"]]
        shown |= {(own, name) for line in lines for name in (line if isinstance(line, (list, tuple)) else [line])}
        assert isinstance(own._meta.verbose_name, Promise), own
        assert isinstance(own._meta.verbose_name_plural, Promise), own
    wrong = []
    for own, name in sorted(shown, key=str):
        known = {field.name: field for field in own._meta.fields}
        if name in known and not isinstance(known[name].verbose_name, Promise):
            wrong.append(f"{own._meta.label}.{name}")
    assert wrong == []


@pytest.mark.long
@pytest.mark.django_db
def test_no_english_word_in_the_italian_administration(world: World) -> None:  # noqa: F811
    assert not (found := _foreign(world, "it")), "\n".join(found)


@pytest.mark.long
@pytest.mark.django_db
def test_no_italian_word_in_the_english_administration(world: World) -> None:  # noqa: F811
    assert not (found := _foreign(world, "en")), "\n".join(found)


@pytest.mark.django_db
def test_control_one_label_in_english_is_found(world: World, monkeypatch: Any) -> None:  # noqa: F811
    """As it was: a column named by its field, a filter by its code."""
    from orders.models import Order

    monkeypatch.setattr(Order._meta.get_field("placed_at"), "verbose_name", "placed at")
    found = _foreign(world, "it", [Order])
    assert any("placed" in line for line in found)


TURNS = 1 if DEEP else 2


def _foreign(world: World, language: str, of: Any = None) -> list[str]:  # noqa: F811
    person = world.people["staff"]
    person.language = language
    person.save()
    client = client_of(person)
    foreign = _english() - _italian() if language == "it" else _italian() - _english()
    foreign -= BOTH | _data(everything=language == "en")
    wrong: dict[str, set[str]] = {}
    pages = 0
    for label, state, text in walk(client, of, turns=TURNS):
        pages += 1
        for part in Said(text).parts:
            if bad := tokens(part.replace(QUOTED, "")) & foreign:
                wrong.setdefault(f"{sorted(bad)} in {' '.join(part.split())[:90]!r}", set()).add(f"{label} {state}")
    assert pages > (9 if of else 120 // TURNS)
    return [f"{words}: {sorted(places)[0]}" for words, places in sorted(wrong.items())]


def _catalogues() -> list[Any]:
    contrib = Path(django.__file__).parent / "contrib"
    known = [Path(settings.BASE_DIR) / "locale/it/LC_MESSAGES/django.po"]
    known += [contrib / f"{app}/locale/it/LC_MESSAGES/django.po" for app in ("admin", "auth", "contenttypes")]
    return [polib.pofile(str(path)) for path in known]


@cache
def _english() -> set[str]:
    """The words of all msgids, and those that Django would make of our models and fields."""
    found: set[str] = {"true", "false"}
    for catalogue in _catalogues():
        for entry in catalogue:
            found |= tokens(f"{entry.msgid} {entry.msgid_plural}")
    for model in apps.get_models():
        if model._meta.app_label in ROOMS:
            found |= tokens(model._meta.model_name or "")
            found |= {word for field in model._meta.fields for word in tokens(field.name.replace("_", " "))}
            for field in model._meta.fields:
                found |= {word for code, _w in field.choices or () for word in tokens(str(code).replace("_", " "))}
    return found


@cache
def _italian() -> set[str]:
    """The words of all translations. What is English in one of them is no Italian word for that."""
    found: set[str] = set()
    for catalogue in _catalogues():
        for entry in catalogue:
            said = " ".join([entry.msgstr, *map(str, entry.msgstr_plural.values())])
            found |= tokens(said) - (tokens(f"{entry.msgid} {entry.msgid_plural}") if said else set())
    return found


# What people and shops wrote: names, reasons, addresses. A code is none of these: it must not be seen as it is stored.
FREE = ("name", "memo", "reason", "street", "city", "title", "brand", "email", "note", "company", "device", "sku")
FREE += ("source_label", "slug", "code", "tracking_url", "description_html", "warnings", "payment_detail")


def _data(*, everything: bool) -> set[str]:
    found: set[str] = set()
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS:
            continue
        texts = (models.CharField, models.TextField, models.JSONField)
        fields = [one for one in model._meta.fields if isinstance(one, texts) and not one.choices]
        for field in fields:
            named = field.name in FREE and not (field.name == "code" and model._meta.app_label != "shipping")
            if everything or named:
                for value in model._default_manager.values_list(field.name, flat=True).distinct()[:2000]:
                    found |= tokens(str(value).replace("_", " "))
    return found
