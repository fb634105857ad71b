"""What PHP and WordPress do to text: JSON as json_encode() writes it, entities, dates with and without a zone."""

import datetime as dt
import json
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

# wp_specialchars_decode(…, ENT_QUOTES): only these five, single pass.
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#039;": "'", "&#x27;": "'"}
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))
# rest_parse_date() of WordPress. A "+" that was not percent-encoded arrives as a space and does not match.
_DATE = re.compile(r"^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}(?::\d{2})?)?$")


def json_encode(value: Any) -> str:
    r"""The text json_encode() gives: no spaces, `\/` for a slash, `\uXXXX` for all that is not ASCII."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).replace("/", "\\/")


def decode_entities(text: str) -> str:
    """WooCommerce decodes these entities in a webhook's secret before it signs."""
    return _ENTITY.sub(lambda match: _ENTITIES[match.group()], text)


def encode_entities(text: str) -> str:
    """What the block checkout stores: `&`, `<` and `>` as entities (the classic checkout stores them raw)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def kses(text: str) -> str:
    """What wp_filter_post_kses() makes of a name that comes by the API: an ampersand that begins no entity becomes
    one, and what is one already stays."""
    return re.sub(r"&(?!(?:[A-Za-z]+|#[0-9]+|#x[0-9A-Fa-f]+);)", "&amp;", text)


def money(value: Decimal | str | int, places: int = 2) -> str:
    """An amount in EUR as WooCommerce writes it: a string with the decimals that the shop shows, rounded half up."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def iso(moment: dt.datetime) -> str:
    """UTC without zone and without fraction: how *_gmt fields look."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")


def local(gmt: str | None, zone: ZoneInfo) -> str | None:
    """The shop's wall clock, without zone, for a *_gmt value."""
    if gmt is None:
        return None
    moment = dt.datetime.fromisoformat(gmt).replace(tzinfo=dt.UTC)
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def parse_filter_date(text: str, *, dates_are_gmt: bool, zone: ZoneInfo) -> tuple[str, bool] | None:
    """A date filter as (value, compare with the *_gmt column); None when it is no date.

    With a zone *and* dates_are_gmt the value is turned into shop time and then compared with the UTC column: an hour
    (two in summer) of orders is missed. Observed on 11.0.1 and 8.2.2; the fake keeps it, so that a client which falls
    for it fails here and not in a shop.
    """
    match = _DATE.match(text)
    if match is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(f"{match[1]}T{match[2]}")
        if match[3]:
            offset = "+00:00" if match[3] == "Z" else match[3] if ":" in match[3] else f"{match[3]}:00"
            moment = dt.datetime.fromisoformat(f"{match[1]}T{match[2]}{offset}").astimezone(zone).replace(tzinfo=None)
    except ValueError:
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%S"), dates_are_gmt
