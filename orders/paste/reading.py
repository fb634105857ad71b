"""A pasted order, read: a chat, an e-mail, the page of a marketplace. Nothing is sent anywhere and nothing is guessed
past a doubt: of two equally likely values a person chooses, and what was made of which words is shown."""

from __future__ import annotations

from collections.abc import Sequence

from orders.paste import articles, money, numbers, people, places, streets
from orders.paste.articles import Known
from orders.paste.cleaning import clean
from orders.paste.found import Found, Pasted
from orders.paste.ground import Ground

_AS_LIKELY = 0.06  # no nearer than this are two values equally likely


def read(text: str, known: Known) -> Pasted:
    """At most three queries (places twice, and `known`: which codes the catalogue has). Never raises."""
    ground = Ground(clean(text))
    found: list[Found] = []
    found += numbers.emails(ground)
    found += numbers.references(ground)
    numbers.nothing(ground)
    rows = articles.codes(ground, known)
    found += numbers.phones(ground)
    numbers.billing(ground)
    found += places.country(ground)
    found += places.read(ground)
    ways = streets.read(ground)
    found += ways
    if not any(one.field == "phone" for one in found):
        found += numbers.speakers(ground)
    if not any(one.field == "city" for one in found):
        found += places.by_name(ground)
    pay, both = money.payment(ground)
    found += pay
    amounts = money.amounts(ground)
    for amount in amounts:
        ground.take(amount.start, amount.end)
    found += people.companies(ground)
    found += people.notes(ground)
    place = next((one for one in found if one.field in ("postcode", "city")), None)
    if place is not None:
        found = _near(ground, found, place)
    street = next((one for one in found if one.field == "street"), None)
    found += people.names(ground, street, place)
    for one in found:
        if one.field == "name":
            ground.take(one.start, one.end)
    rows = rows + articles.by_words(ground, rows)
    if street is not None and (corrected := streets.corrected(ground, street)) is not None:
        found.append(corrected)
    return _settled(ground.text, found, rows, amounts, both)


def _near(ground: Ground, found: list[Found], place: Found) -> list[Found]:
    """Of several streets those within three lines of the place, if there are any: the others are only told of."""
    streets = [one for one in found if one.field == "street"]
    between = {one: ground.text[min(one.start, place.start) : max(one.end, place.end)] for one in streets}
    close = [one for one in streets if between[one].count("\n") <= 3]
    return [one for one in found if one.field != "street" or one in close or not close]


def _settled(
    text: str, found: Sequence[Found], rows: Sequence[articles.Row], amounts: Sequence[money.Amount], both: bool
) -> Pasted:
    fields: dict[str, Found] = {}
    choices: dict[str, Sequence[Found]] = {}
    by_field: dict[str, list[Found]] = {}
    for one in found:
        by_field.setdefault(one.field, []).append(one)
    for name, several in by_field.items():
        if name in ("street2", "note"):
            fields[name] = _joined(several)
        elif name == "payment" and both:
            choices[name] = several
        else:
            best, rivals = _best(several)
            if rivals:
                choices[name] = [best, *rivals]
            else:
                fields[name] = best
    if amounts:
        _amount(amounts, fields, choices)
    return Pasted(text, fields, list(rows), choices)


def _best(several: Sequence[Found]) -> tuple[Found, Sequence[Found]]:
    """The likeliest; and those that are as likely and say otherwise. A correction wins, the last one of several."""
    late = [one for one in several if one.late]
    if late:
        return late[-1], []
    best = max(several, key=lambda one: one.sure)
    near = [one for one in several if best.sure - one.sure < _AS_LIKELY]
    rivals = {one.value.casefold(): one for one in near if one.value.casefold() != best.value.casefold()}
    return best, list(rivals.values())


def _joined(several: Sequence[Found]) -> Found:
    """What may be said in parts, in its order."""
    once = list({one.value.casefold(): one for one in several}.values())
    first = once[0]
    words = ", ".join(one.value for one in once)
    return Found(first.field, words[:200], min(one.sure for one in once), first.start, first.end)


def _amount(amounts: Sequence[money.Amount], fields: dict[str, Found], choices: dict[str, Sequence[Found]]) -> None:
    """What is collected of a COD order, what was paid of another."""
    payment = fields.get("payment")
    name = "to_collect" if payment and payment.value == "cod" else "sale_total"
    told = [Found(name, str(one.value), one.sure, one.start, one.end, one.late) for one in amounts]
    best, rivals = _best(told)
    if rivals:
        choices[name] = [best, *rivals]
    else:
        fields[name] = best
