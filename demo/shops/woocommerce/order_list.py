"""GET /orders: filters, sorting and paging of WooCommerce 11.0.1 with HPOS, its traps included."""

import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from demo.shops.web import Request

from .errors import invalid_params
from .php import parse_filter_date
from .statuses import STATUSES

if TYPE_CHECKING:
    from .shop import Shop

_HIDDEN = ("trash", "auto-draft", "checkout-draft")  # what "any" leaves out
_DATES = {
    "after": ("date_created_gmt", ">"),
    "before": ("date_created_gmt", "<"),
    "modified_after": ("date_modified_gmt", ">"),
    "modified_before": ("date_modified_gmt", "<"),
}
_ORDERBY = ("date", "id", "include", "title", "slug", "modified")


def words(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])}, and {names[-1]}"


def list_of(request: Request, name: str) -> list[str]:
    """`x=a,b` or `x[]=a&x[0]=b`."""
    values = [value for key, value in request.query if key == name or re.fullmatch(rf"{name}\[\d*\]", key)]
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def check_page(request: Request, problems: dict[str, tuple[str, str]]) -> None:
    page, per_page = request.param("page", "1"), request.param("per_page", "10")
    if not re.fullmatch(r"-?\d+", page):
        problems["page"] = ("rest_invalid_type", "page is not of type integer.")
    elif int(page) < 1:
        problems["page"] = ("rest_out_of_bounds", "page must be greater than or equal to 1")
    if not re.fullmatch(r"-?\d+", per_page):
        problems["per_page"] = ("rest_invalid_type", "per_page is not of type integer.")
    elif not 1 <= int(per_page) <= 100:
        text = "per_page must be between 1 (inclusive) and 100 (inclusive)"
        problems["per_page"] = ("rest_out_of_bounds", text)


def check(request: Request, shop: "Shop") -> None:
    problems: dict[str, tuple[str, str]] = {}
    check_page(request, problems)
    for name in _DATES:
        value = request.param(name)
        if value and parse_filter_date(value, dates_are_gmt=False, zone=shop.zone) is None:
            problems[name] = ("rest_invalid_date", "Invalid date.")
    allowed = ("any", "trash", *STATUSES)
    for position, status in enumerate(list_of(request, "status")):
        if status not in allowed:
            problems["status"] = ("rest_not_in_enum", f"status[{position}] is not one of {words(allowed)}.")
            break
    for name, choices in (("order", ("asc", "desc")), ("orderby", _ORDERBY)):
        if request.param(name) and request.param(name) not in choices:
            listed = f"{choices[0]} and {choices[1]}" if len(choices) == 2 else words(choices)
            problems[name] = ("rest_not_in_enum", f"{name} is not one of {listed}.")
    if problems:
        raise invalid_params(problems)


def find(request: Request, shop: "Shop") -> list[dict[str, Any]]:
    """All orders a list request means, sorted, before paging."""
    statuses = list_of(request, "status") or ["any"]
    found = [
        doc
        for doc in shop.store.all("order")
        if doc["status"] in statuses or ("any" in statuses and doc["status"] not in _HIDDEN)
    ]
    include, exclude = list_of(request, "include"), list_of(request, "exclude")
    if include:
        found = [doc for doc in found if str(doc["id"]) in include]
    if exclude:
        found = [doc for doc in found if str(doc["id"]) not in exclude]
    gmt = request.param("dates_are_gmt").lower() in ("true", "1")
    for name, (column, operator) in _DATES.items():
        parsed = parse_filter_date(request.param(name), dates_are_gmt=gmt, zone=shop.zone)
        if parsed is None:
            continue
        value, on_gmt = parsed
        shown = [doc[column] if on_gmt else shop.local(doc[column]) or "" for doc in found]
        found = [
            doc for doc, at in zip(found, shown, strict=True) if (at > value if operator == ">" else at < value)
        ]  # fmt: skip
    search = request.param("search").lower()
    if search:
        found = [doc for doc in found if search in " ".join([str(doc["id"]), *doc["billing"].values()]).lower()]
    ascending = request.param("order", "desc") == "asc"
    by = request.param("orderby", "date")
    if by == "include" and include:
        return sorted(found, key=lambda doc: include.index(str(doc["id"])))
    column = {"modified": "date_modified_gmt", "date": "date_created_gmt"}.get(by, "id")
    return sorted(found, key=lambda doc: (doc[column], doc["id"]), reverse=not ascending)


def page_of(request: Request, found: list[Any]) -> tuple[list[Any], int, int]:
    """The page asked for, total and number of pages. Past the end both are 0: never take totals from an empty page."""
    per_page, page = int(request.param("per_page", "10")), int(request.param("page", "1"))
    start = int(request.param("offset") or (page - 1) * per_page)
    part = found[start : start + per_page]
    if not part:
        return [], 0, 0
    return part, len(found), math.ceil(len(found) / per_page)


def links(request: Request, address: str, pages: int, *, statuses: bool = True) -> str:
    """The Link header: the whole query again, with defaults added and another page. Empty when there is one page."""
    page = int(request.param("page", "1"))

    def link(number: int, rel: str) -> str:
        pairs = [(key, str(number) if key == "page" else value) for key, value in request.query]
        pairs = [(key, value) for key, value in pairs if not key.startswith("status")]
        if statuses:
            pairs += [(f"status[{n}]", value) for n, value in enumerate(list_of(request, "status") or ["any"])]
        if pages:
            pairs += [("dp", "2"), ("context", "view")]
        if not request.param("page"):
            pairs.append(("page", str(number)))
        query = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in pairs)
        return f'<{address}?{query}>; rel="{rel}"'

    found = []
    if page > 1:
        found.append(link(min(page - 1, pages), "prev"))
    if page < pages:
        found.append(link(page + 1, "next"))
    return ", ".join(found)
