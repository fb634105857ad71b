"""Puts what was typed back into a page's own form, in the HTML that the page answers with: without JavaScript too.

What the page itself says stays what it says: hidden fields (the figures that were shown) are the fresh ones, but for
`version` and `revision`, by which a form notices that the thing was changed meanwhile, and `key`: a form that did
arrive before the session ended, and whose answer was lost, is then told so instead of being done twice. A box that
confirms is left open: what needs a second look gets it. Where not all that was typed has its place the page says so
(PART).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.utils.safestring import SafeString

_NOT_TYPED = {"hidden", "password", "file", "submit", "button", "image", "reset"}
_SAID_BY_PAGE = {"hidden", "submit", "button", "image"}
_KEPT_HIDDEN = {"key", "revision", "version"}
PART = SafeString("hidden data-kept-part")  # of an element that is shown where something was left out
_CONFIRMS = ("sure", "confirm", "agree")
Attrs = list[tuple[str, str | None]]


@dataclass
class _Control:
    tag: str
    attrs: Attrs
    form: int | str | None  # which <form> it stands in, or the id of the one that it belongs to
    start: int
    end: int
    close: int = 0  # of a textarea: where its text ends
    name: str = ""  # of an option: its select's
    text: str = ""

    def get(self, key: str) -> str:
        return dict(self.attrs).get(key) or ""

    @property
    def kind(self) -> str:
        return (self.get("type") or "text").lower() if self.tag == "input" else self.tag


@dataclass
class _Form:
    id: str
    action: str
    is_post: bool
    controls: list[_Control] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self._text = text
        self._lines = [0]
        for line in text.split("\n")[:-1]:
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.forms: list[_Form] = []
        self.controls: list[_Control] = []
        self.buttons: set[str] = set()
        self._form: int | None = None
        self._select: _Control | None = None
        self._area: _Control | None = None
        self._option: _Control | None = None
        self.feed(text)
        self.close()

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: Attrs) -> None:
        start = self._here()
        end = start + len(self.get_starttag_text() or "")
        named = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append(
                _Form(named.get("id", ""), named.get("action", ""), named.get("method", "").lower() == "post")
            )
            self._form = len(self.forms) - 1
        elif tag in ("input", "select", "textarea", "option", "button"):
            if tag == "button":
                self.buttons.add(named.get("name", ""))
            owner = named.get("form") or self._form
            control = _Control(tag, attrs, owner, start, end)
            if tag == "option":
                if self._select is None:
                    return
                control.name, control.form = self._select.get("name"), self._select.form
                self._option = control
            elif tag == "select":
                self._select = control
            elif tag == "textarea":
                self._area = control
            self.controls.append(control)

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        if self._option is not None:
            self._option.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = self._option = None
        elif tag == "option":
            self._option = None
        elif tag == "textarea" and self._area is not None:
            self._area.close = self._here()
            self._area = None


def refill(html: str, *, page: str, action: str, fields: list[tuple[str, str]]) -> str | None:
    """The page with the form that is sent to `action` filled; None where no such form is. Paths are as browsers send
    them, with their queries."""
    reader = _Reader(html)
    for control in reader.controls:
        form = _form_of(reader, control)
        if form is not None:
            form.controls.append(control)
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in fields:
        values[name].append(value)
    fitting = [form for form in reader.forms if form.is_post and _leads_to(form.action, page, action)]
    fitting = [form for form in fitting if _fits(form, values) > 0]
    if not fitting:
        return None
    best = max(fitting, key=lambda form: _fits(form, values))
    for start, end, text in sorted(_edits(best, values), reverse=True):
        html = html[:start] + text + html[end:]
    return html.replace(str(PART), "data-kept-part") if _left_out(best, values, reader.buttons) else html


def _left_out(form: _Form, values: dict[str, list[str]], buttons: set[str]) -> bool:
    """Whether something that was typed has no place in the form: a row that the page does not draw by itself."""
    places = Counter(control.get("name") for control in form.controls if control.tag != "option")
    alone = {control.get("name") for control in form.controls if control.kind in ("radio", "select", *_NOT_TYPED)}
    for name in values.keys() - buttons:
        sent = [text for text in values[name] if text.strip()]
        if sent and (name not in places or (name not in alone and len(sent) > places[name])):
            return True
    return False


def is_a_click(html: str, *, page: str, action: str, fields: list[tuple[str, str]]) -> bool:
    """Whether nothing in `fields` was typed or chosen: the page itself says all of it, in hidden fields and buttons of
    what it sends to `action`."""
    reader = _Reader(html)
    own: set[str] = set()
    for control in reader.controls:
        form = _form_of(reader, control)
        if form is not None and form.is_post and _leads_to(form.action, page, action) and control.kind in _SAID_BY_PAGE:
            own.add(control.get("name"))
    return bool(own) and all(name in own for name, value in fields if value.strip())


def _form_of(reader: _Reader, control: _Control) -> _Form | None:
    if isinstance(control.form, int):
        return reader.forms[control.form]
    return next((form for form in reader.forms if form.id == control.form), None) if control.form else None


def _leads_to(target: str, page: str, action: str) -> bool:
    found = urlsplit(urljoin(f"http://x{page}", target))
    wanted = urlsplit(f"http://x{action}")
    return found.netloc == "x" and (found.path, found.query) == (wanted.path, wanted.query)


def _fits(form: _Form, values: dict[str, list[str]]) -> int:
    """Several forms of a page may be sent to one address; hidden fields that say which are the same in both."""
    names = {control.get("name") for control in form.controls if control.kind not in _NOT_TYPED} & set(values)
    same = sum(
        control.get("value") in values[control.get("name")]
        for control in form.controls
        if control.kind == "hidden" and control.get("name") in values
    )
    return len(names) + 10 * same if names else 0


def _edits(form: _Form, values: dict[str, list[str]]) -> list[tuple[int, int, str]]:
    edits: list[tuple[int, int, str]] = []
    seen: Counter[str] = Counter()

    def change(control: _Control, **new: str | None) -> None:
        attrs = [(key, value) for key, value in control.attrs if key not in new]
        attrs += [(key, value) for key, value in new.items() if value is not None]
        text = "".join(f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in attrs)
        edits.append((control.start, control.end, f"<{control.tag}{text}>"))

    for control in form.controls:
        name = control.name or control.get("name")
        sent, kind = values.get(name, []), control.kind
        if not name:
            continue
        if kind in ("checkbox", "radio"):
            on = (control.get("value") or "on") in sent and not name.startswith(_CONFIRMS)
            if kind == "checkbox" or sent:
                change(control, checked="" if on else None)
        elif kind == "option" and sent:
            value = dict(control.attrs).get("value")
            change(control, selected="" if (control.text.strip() if value is None else value) in sent else None)
        elif kind == "textarea" and seen[name] < len(sent):
            edits.append((control.end, control.close or control.end, "\n" + escape(sent[seen[name]])))
            seen[name] += 1
        elif seen[name] < len(sent) and (kind not in (*_NOT_TYPED, "select", "option") or name in _KEPT_HIDDEN):
            change(control, value=sent[seen[name]])
            seen[name] += 1
    return edits
