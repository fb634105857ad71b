"""Rows → orders: several rows of one order, sums, continuations, twins that are two pieces; and what is wrong with
each. Pure and linear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from core.money import AmbiguousAmount, BadAmount, from_person
from orders.entry import marketplaces
from orders.imports import streets, values
from orders.imports.formats.base import Report, Row
from orders.imports.shape import ERROR, HELD, WARNING, Found, Issue, Piece

_LOST = ("number", "item_id", "phone", "ean", "sku", "postcode")  # what a spreadsheet makes a number of
_SHOWN = ("name", "line1", "line2", "line3", "postcode", "city", "phone")
_SIGNS = ("name", "company", "line1", "line2", "line3", "city", "province", "note")
_CASH = (
    "contrassegno",
    "cod",
    "cash on delivery",
    "nachnahme",
    "contre remboursement",
    "contra reembolso",
    "alla consegna",
)
_PAID = (
    *("prepagato", "prepaid", "pagato", "paid", "carta", "card", "paypal", "bonifico", "stripe", "satispay", "klarna"),
    *("scalapay", "visa", "mastercard", "postepay", "bezahlt", "paye", "pagado", "amazon", "ebay", "apple pay"),
)
_NOTHING = ("no", "none", "null", "nessuno", "n/a", "n/d", "nd", "n.d.", "n.a.")
_DENIES = ("senza", "non ", "no ", "not ", "kein")
MOST_LINES = 200
Rows = Sequence[tuple[int, Row]]


def orders_of(rows: Rows, report: Report, *, marketplace: str = "") -> list[Found]:
    """The orders in the order in which they begin. `marketplace`: where the file itself does not say it."""
    first = values.day_comes_first(row.get("placed_at", "") for _line, row in rows)
    day_first = report.day_first if first is None else first
    groups: dict[tuple[str, str], list[tuple[int, Row]]] = {}
    before: tuple[str, str] | None = None
    for line, row in rows:
        number = marketplaces.number(row.get("number", ""))
        sold_at = row.get("marketplace", "")
        if number and not values.is_damaged(number):
            key = (sold_at, number)
        elif number or row.get("name") or row.get("line1") or before is None:
            key = (f"line {line}", "")  # nothing ties it to another row
        else:
            key = before  # the next article of the order above
        groups.setdefault(key, []).append((line, row))
        before = key
    return [_order(group, report, marketplace, day_first) for group in groups.values()]


def _order(group: Rows, report: Report, marketplace: str, day_first: bool | None) -> Found:
    line, head = group[0]
    issues: list[Issue] = []
    lefts = [report.left({**head, **row}) for _line, row in group]  # an order's first row speaks for all
    mine = [(at, row) for (at, row), left in zip(group, lefts, strict=True) if not left and not _is_detail(row, group)]
    if not mine:
        told = next((left for left in lefts if left), "no_article")
        return Found(line, {"number": head.get("number", ""), "name": head.get("name", "")}, (), left=told)
    merged = _merged([row for _line, row in group])
    pieces = _pieces(mine, issues)
    fields = _fields(merged, report, marketplace, day_first, issues)
    _amounts(fields, merged, mine, issues)
    _payment(fields, merged, report, issues)
    _signs(merged, mine, issues)
    for _line, row in mine:
        if code := report.held({**merged, **row}):
            why = {"why": row.get("cancel_reason", "")[:100]} if code == "cancel_asked" else {}
            issues.append(Issue(HELD, code, "", why))
    if report.needs_number and not fields["number"]:
        issues.append(Issue(HELD, "number_missing", "number"))
    if len(pieces) > MOST_LINES:
        issues.append(Issue(ERROR, "too_many_lines", "sku", {"most": MOST_LINES}))
    once = {(one.level, one.code, one.column, str(one.params)): one for one in issues}
    return Found(line, fields, tuple(pieces[:MOST_LINES]), tuple(once.values()))


def _is_detail(row: Row, group: Rows) -> bool:
    """A sum above the articles, or a line that continues one (a promotion): nothing to ship."""
    if row.get("sku") or row.get("ean"):
        return False
    if not row.get("title"):
        return len(group) > 1
    return not row.get("quantity")


def _merged(rows: Sequence[Row]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for name, cell in row.items():
            found.setdefault(name, cell)
    return found


def _pieces(rows: Rows, issues: list[Issue]) -> list[Piece]:
    found: list[Piece] = []
    seen: set[tuple[str, str]] = set()
    for line, row in rows:
        item, sku, ean = row.get("item_id", ""), row.get("sku", ""), row.get("ean", "")
        for name, cell in (("item_id", item), ("sku", sku), ("ean", ean)):
            if values.is_damaged(cell):
                issues.append(Issue(ERROR, "damaged", name, {"text": cell[:40], "line": line}))
        whole = not values.is_damaged(item)
        if item and whole and (item, sku) in seen:
            issues.append(Issue(WARNING, "row_twice", "item_id", {"text": item[:40], "line": line}))
            continue
        seen.add((item, sku))
        quantity = values.pieces(row.get("quantity", "") or "1")
        if not quantity:
            issues.append(Issue(ERROR, "quantity", "quantity", {"text": row.get("quantity", "")[:40], "line": line}))
            quantity = 1
        code = "" if values.is_damaged(sku) else sku
        if not code and not values.is_damaged(ean):
            code = ean
        if not code:
            issues.append(Issue(ERROR, "no_sku", "sku", {"text": row.get("title", "")[:80], "line": line}))
        total = _amount(row, "line_total", issues)
        if not total and (price := _amount(row, "line_price", issues)):
            total = str(Decimal(price) * quantity)
        found.append(
            Piece(
                code[:100],
                row.get("title", "")[:200],
                quantity,
                item[:60] if whole else "",
                total,
                row.get("wish", "")[:100],
            )
        )
    return found


def _fields(row: Row, report: Report, marketplace: str, day_first: bool | None, issues: list[Issue]) -> dict[str, str]:
    name = row.get("name", "") or " ".join(filter(None, (row.get("first_name", ""), row.get("last_name", ""))))
    note, bought_as = row.get("note", ""), row.get("purchase_order", "")
    if bought_as:
        name = name.removesuffix(bought_as).rstrip(" -–,/") or name
        shown = bought_as if bought_as.upper().startswith("PO") else f"PO {bought_as}"
        note = f"{shown}. {note}".strip()
    company, street, street2 = streets.arranged(
        *(row.get(name, "") for name in ("line1", "line2", "line3")),
        company=row.get("company", ""),
        civico=row.get("civico", ""),
    )
    country = values.country(row.get("country", ""))
    if not country:
        issues.append(Issue(ERROR, "country", "country", {"text": row["country"][:40]}))
    postcode = row.get("postcode", "").removeprefix("'").strip()
    number, phone = marketplaces.number(row.get("number", "")), row.get("phone", "")
    for field, cell in (("number", number), ("phone", phone), ("postcode", postcode)):
        if values.is_damaged(cell):
            issues.append(Issue(ERROR, "damaged", field, {"text": cell[:40]}))
    moment = values.date(row.get("placed_at", ""), day_first=day_first)
    if moment is None and row.get("placed_at"):
        issues.append(Issue(WARNING, "date", "placed_at", {"text": row["placed_at"][:40]}))
    if len(number) > 60:
        issues.append(Issue(ERROR, "too_long", "number", {"text": number[:40]}))
    sold_at = row.get("marketplace", "") or report.marketplace or marketplace
    return {
        "marketplace": marketplaces.written(sold_at)[:60],
        "number": "" if values.is_damaged(number) else number[:60],
        "placed_at": moment.isoformat() if moment else "",
        "name": name[:120],
        "company": company[:120],
        "street": street[:200],
        "street2": street2[:200],
        "postcode": "" if values.is_damaged(postcode) else postcode[:12],
        "city": row.get("city", "")[:80],
        "province": row.get("province", "")[:40],
        "country": country or "IT",
        "phone": "" if values.is_damaged(phone) else phone[:60],
        "email": row.get("email", "")[:254],
        "note": note[:200],
        "currency": (row.get("currency", "") or "EUR").upper()[:3],
    }


def _amount(row: Row, name: str, issues: list[Issue]) -> str:
    text = row.get(name, "")
    if not any(map(str.isalnum, text)) or values.fold(text) in _NOTHING:
        return ""
    try:
        return str(from_person(text))
    except AmbiguousAmount as error:
        issues.append(Issue(ERROR, "ambiguous", name, {"text": text[:40], "whole": error.params["whole"]}))
    except BadAmount:
        issues.append(Issue(ERROR, "amount", name, {"text": text[:40]}))
    return ""


def _amounts(fields: dict[str, str], merged: Row, rows: Rows, issues: list[Issue]) -> None:
    total = _amount(merged, "sale_total", issues)
    if not total and not merged.get("sale_total"):
        lines = [_amount(row, "line_total", []) for _line, row in rows]
        if lines and all(lines):
            extra = [_amount(row, "shipping", []) or "0" for _line, row in rows]
            total = str(sum(map(Decimal, [*lines, *extra]), Decimal("0.00")))
    fields["sale_total"] = total
    fields["to_collect"] = _amount(merged, "to_collect", issues)


def _payment(fields: dict[str, str], row: Row, report: Report, issues: list[Issue]) -> None:
    """Of a marketplace's own report always prepaid; of a table of somebody's own what it says, never a guess."""
    fields["payment"] = "prepaid"
    if report.marketplace:
        fields["to_collect"] = ""
        return
    said = values.fold(row.get("payment", ""))
    denied = any(word in f"{said} " for word in _DENIES)
    cash = any(word in said for word in _CASH)
    collect = fields["to_collect"]
    if said and not denied and cash:
        fields["payment"] = "cod"
    elif said and not cash and any(word in said for word in _PAID):
        if collect and Decimal(collect):
            issues.append(Issue(ERROR, "payment", "payment", {"text": row["payment"][:40]}))
    elif said:
        issues.append(Issue(ERROR, "payment", "payment", {"text": row["payment"][:40]}))
    elif collect and Decimal(collect):
        fields["payment"] = "cod"
    if fields["payment"] == "prepaid":
        fields["to_collect"] = ""


def _signs(merged: Row, rows: Rows, issues: list[Issue]) -> None:
    for name in _SHOWN:
        if values.is_masked(merged.get(name, "")):
            issues.append(Issue(ERROR, "masked", name))
    for name in _SIGNS:
        if values.has_broken_signs(merged.get(name, "")):
            issues.append(Issue(ERROR, "signs", name, {"text": merged[name][:60]}))
    if any(values.has_broken_signs(row.get("sku", "")) for _line, row in rows):
        issues.append(Issue(ERROR, "signs", "sku"))


def without_masks(found: Found) -> Found:
    """What a marketplace hides is not kept: the field is empty, and says so."""
    hidden = {issue.column for issue in found.issues if issue.code == "masked"}
    if not hidden:
        return found
    fields = {name: "" if values.is_masked(cell) else cell for name, cell in found.fields.items()}
    return replace(found, fields=fields)


def is_anonymous(orders: Sequence[Found]) -> bool:
    """Whether the report came without anybody's name and street."""
    asked = [order for order in orders if not order.left]
    return bool(asked) and not any(order.fields["name"] or order.fields["street"] for order in asked)


def counted(orders: Sequence[Found]) -> Mapping[str, int]:
    """How many are left out, by reason."""
    found: dict[str, int] = {}
    for order in orders:
        if order.left:
            found[order.left] = found.get(order.left, 0) + 1
    return found
