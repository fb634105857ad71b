"""Every page of the administration in its states, from its registry: a new model or action is in it by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.contrib.admin import site
from django.test import Client
from django.urls import reverse

from tests.mci.poison import Page, turn

# One row of each state of these, not only the newest row.
BY = {"orders.Order": "state", "connectors.Delivery": "state", "wallet.TopUp": "status", "wallet.Entry": "kind"}
BY |= {"shipping.Shipment": "state", "accounts.Dropshipper": "status", "accounts.User": "is_staff"}


def name_of(model: Any, page: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


def rows_of(model: Any) -> list[Any]:
    rows = model._default_manager.order_by("-pk")
    newest = list(rows[:1])
    if field := BY.get(model._meta.label):
        newest += [rows.filter(**{field: value}).first() for value in sorted(set(rows.values_list(field, flat=True)))]
    return list({row.pk: row for row in newest}.values())


def addresses(model: Any) -> Iterator[tuple[str, str]]:
    """(state, address) of the pages of one model that are read."""
    place = reverse(name_of(model, "changelist"))
    yield "list", place
    yield "no result", f"{place}?q=xyzzy"
    yield "popup", f"{place}?_popup=1"
    yield "add", reverse(name_of(model, "add"))
    yield "add in a popup", f"{reverse(name_of(model, 'add'))}?_popup=1"
    for row in rows_of(model):
        yield f"change {row}", reverse(name_of(model, "change"), args=[row.pk])
    for row in rows_of(model)[:1]:
        yield "history", reverse(name_of(model, "history"), args=[row.pk])
        yield "delete", reverse(name_of(model, "delete"), args=[row.pk])
    if model._meta.label == "catalog.Variant" and (row := model.objects.first()):
        yield "stock", reverse("admin:catalog_variant_stock", args=[row.pk])
    if model._meta.label == "accounts.User" and (row := model.objects.first()):
        yield "password", reverse("admin:auth_user_password_change", args=[row.pk])


def outside() -> Iterator[tuple[str, str]]:
    yield "index", reverse("admin:index")
    for label in sorted({model._meta.app_label for model in site._registry}):
        yield f"app {label}", reverse("admin:app_list", args=[label])


def filters(text: str) -> list[str]:
    """The addresses that the filters beside a list lead to."""
    part = text.partition('id="changelist-filter"')[2].partition("</nav>")[0]
    return [unescape(link) for link in re.findall(r'href="(\?[^"]+)"', part)]


def actions(text: str) -> list[str]:
    part = text.partition('<select name="action"')[2].partition("</select>")[0]
    return [one for one in re.findall(r'value="([^"]*)"', part) if one]


def walk(
    client: Client, models: Any = None, *, filtered: bool = True, turns: int = 1
) -> Iterator[tuple[str, str, str]]:
    """(model, state, what the page says) of every page that this reader is shown; `filtered`: lists by each filter.
    `turns`: of every second, third … model alone, those of a run by its seed."""
    for state, address in outside() if models is None else ():
        yield from _read(client, "", state, address)
    for model in models or turn(site._registry, turns, "models"):
        label = model._meta.label
        listed = ""
        for state, address in addresses(model):
            for found in _read(client, label, state, address):
                listed = found[2] if state == "list" else listed
                yield found
                if state in ("add", "stock"):
                    for form in Page(address, found[2]).forms:
                        if form.method == "post" and "/logout/" not in form.action:
                            empty = {name: values if _frame(name) else [""] for name, values in form.fields.items()}
                            yield from _sent(client, label, f"{state} with errors", address, empty)
        place = reverse(name_of(model, "changelist"))
        for query in filters(listed) if filtered else ():
            yield from _read(client, label, f"filter {query}", place + query)
        for action in actions(listed):
            chosen = [row.pk for row in rows_of(model)]
            data = {"action": action, "_selected_action": chosen, "index": "0"}
            yield from _sent(client, label, f"action {action}", place, data)


def _frame(name: str) -> bool:
    """What is no input of a person: how many rows a form has, which of the forms on a page it is."""
    return name.endswith("_FORMS") or name == "do" or "__prefix__" in name


def _read(client: Client, label: str, state: str, address: str) -> Iterator[tuple[str, str, str]]:
    answer = client.get(address)
    assert answer.status_code in (200, 302, 403, 404), (address, answer.status_code)
    if answer.status_code == 200:
        yield label, state, answer.content.decode()


def _sent(client: Client, label: str, state: str, address: str, data: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    answer = client.post(address, data)
    assert answer.status_code in (200, 302, 403, 422), (address, answer.status_code)
    if answer.status_code in (200, 422):
        yield label, state, answer.content.decode()


class Said(HTMLParser):
    """What a page says in our words: its texts and the names of its parts, without what is marked as no words of ours
    (translate="no")."""

    VOID = frozenset(("input", "img", "br", "hr", "link", "meta", "path", "col", "wbr", "source"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._open: list[bool] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        silent = found.get("translate") == "no" or tag in ("script", "style", "textarea")
        if not self._quiet and not silent:
            self.parts += [found[name] for name in ("title", "placeholder", "aria-label", "alt") if name in found]
            if tag == "input" and found.get("type") in ("submit", "button", "reset"):
                self.parts.append(found.get("value", ""))
        if tag not in self.VOID:
            self._open.append(silent)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.parts.append(data)

    @property
    def _quiet(self) -> bool:
        return any(self._open)


def tokens(text: str) -> set[str]:
    """Its words, in small letters: of three letters and more, since the short ones are in every language."""
    return {word.lower() for word in re.findall(r"[^\W\d_]{3,}", text)}
