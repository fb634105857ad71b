"""The forms of a page as a browser sends them: what stands in them, what a person would fill in, by which button."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

# What a person would write where a field is required and empty, by its name; the first that fits.
WORDS = (
    (r"amount|price|total|collect|margin|factor", "25,00"),
    (r"quantity|pieces", "1"),
    (r"e?mail|pec", "nuova.persona@example.com"),
    (r"postcode", "10122"),
    (r"city", "Torino"),
    (r"province", "TO"),
    (r"phone", "333 1234567"),
    (r"street", "Via Roma 1"),
    (r"sku", "MCI-0001"),
    (r"address|site|url", "https://negozio-nuovo.example.it"),
    (r"tracking", "BRT00987654321"),
    (r"lines", "MCI-000001 BRT00987654321"),
    (r"password", "una-frase-lunga-2026"),
    (r"first|last|since|date", "2026-11-02"),
    (r"", "Prova del giro"),
)


@dataclass
class Field:
    name: str
    value: str
    kind: str = "text"
    required: bool = False
    options: list[tuple[str, bool]] = field(default_factory=list)  # of a select: value, selected


@dataclass
class Sheet:
    """A form with its fields and buttons. `htmx`: it is sent by htmx, whose answer is a part of a page."""

    action: str
    method: str
    htmx: str = ""
    id: str = ""
    fields: list[Field] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, an address of its own

    def filled(self) -> dict[str, list[str]]:
        """What a browser sends when a person fills in what is required and leaves the rest as it is."""
        data: dict[str, list[str]] = {}
        for one in self.fields:
            if one.kind == "checked":
                continue
            if one.kind in ("checkbox", "radio"):
                if one.required and one.name not in data:
                    data[one.name] = [one.value or "on"]
                continue
            value = one.value
            if one.options:
                chosen = [option for option, selected in one.options if selected] or [one.options[0][0]]
                if one.required and not any(chosen):
                    chosen = [option for option, _selected in one.options if option][:1] or chosen
                data.setdefault(one.name, []).extend(chosen)
                continue
            if one.required and not value.strip():
                value = next(words for pattern, words in WORDS if re.search(pattern, one.name))
            data.setdefault(one.name, []).append(value)
        for one in self.fields:
            if one.kind == "checked":
                data.setdefault(one.name, []).append(one.value or "on")
        return data


class Reader(HTMLParser):
    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address, self.sheets = address, list[Sheet]()
        self._open: Sheet | None = None
        self._select: Field | None = None
        self._area: Field | None = None
        self._templates = 0  # what lies in one is not in the page
        self._loose: list[tuple[str, str, Any]] = []  # controls that name their form
        self.feed(text)
        for owner, what, thing in self._loose:
            for sheet in self.sheets:
                if sheet.id == owner:
                    getattr(sheet, what).append(thing)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._templates += tag == "template"
        if self._templates:
            return
        if tag == "form":
            htmx = found.get("hx-post", "")
            action = found.get("action") or htmx or self.address
            method = "post" if htmx else found.get("method", "get").lower()
            self._open = Sheet(action, method, htmx, found.get("id", ""))
            self.sheets.append(self._open)
        elif tag in ("input", "select", "textarea", "button") and "disabled" not in found:
            self._control(tag, found)
        elif tag == "option" and self._select is not None:
            self._select.options.append((found.get("value", ""), "selected" in found))

    def _control(self, tag: str, found: dict[str, str]) -> None:
        name, value, kind = found.get("name", ""), found.get("value", ""), found.get("type", "text")
        if tag == "button" or kind in ("submit", "image"):
            if found.get("type", "submit") in ("submit", "image"):
                self._put(found, "buttons", (name, value, found.get("formaction", "")))
            return
        if not name or kind in ("button", "reset", "file"):
            return
        if kind in ("checkbox", "radio") and "checked" in found:
            kind = "checked"
        one = Field(name, value, tag if tag != "input" else kind, "required" in found)
        self._put(found, "fields", one)
        self._select = one if tag == "select" else self._select
        self._area = one if tag == "textarea" else self._area

    def _put(self, found: dict[str, str], what: str, thing: Any) -> None:
        if "form" in found:
            self._loose.append((found["form"], what, thing))
        elif self._open is not None:
            getattr(self._open, what).append(thing)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data

    def handle_endtag(self, tag: str) -> None:
        self._templates -= tag == "template"
        if tag == "form" and not self._templates:
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None


@dataclass(frozen=True)
class Act:
    """One way to send one form of one page."""

    page: str
    action: str
    data: dict[str, list[str]]
    shape: str
    shown: frozenset[str] = frozenset()  # the fields that a person sees
    htmx: bool = False

    def __str__(self) -> str:
        return f"{self.page} → {self.action} {self.shape}"


def acts(address: str, text: str) -> Iterator[Act]:
    """Each form that is posted, by each of its buttons, once as a page and, where htmx sends it, once as it does."""
    for sheet in Reader(address, text).sheets:
        if sheet.method != "post":
            continue
        for name, value, own in sheet.buttons or [("", "", "")]:
            data = sheet.filled()
            if name:
                data.setdefault(name, []).append(value)
            names = sorted({re.sub(r"\d+", "#", one) for one in data})
            shape = f"[{name}={re.sub(r'[0-9]+', '#', value)}] {','.join(names)}"
            shown = frozenset(one.name for one in sheet.fields if one.kind != "hidden")
            yield Act(address, own or sheet.action, data, shape, shown)
            if sheet.htmx:
                yield Act(address, sheet.htmx, data, f"{shape} by htmx", shown, htmx=True)
