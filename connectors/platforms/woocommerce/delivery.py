"""What a WooCommerce order does not send to a door: collected in the shop, brought by the shop itself, or to a locker
or pickup point that stands in metadata alone. The plugins for it are many; they are known by their words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.platforms.base import Doubt
from connectors.platforms.woocommerce.fields import block, items, metas, opened, words
from core.strict import text

_PICKUP_IDS = re.compile(
    r"local_?pickup|pickup_location|store_pickup|pickup_(?:at|in|from)_|in_?store|click_?(?:and_?|n_?)?collect|ritiro"
    r"|local_?delivery|wc_pickup|local_shipping|szbd"
)
_PICKUP_TITLES = re.compile(
    r"\b(?:ritir\w+\b[^,;()]{0,25}\b(?:negozio|sede|mano|magazzino|punto vendita|laboratorio|azienda|farmacia|store"
    r"|showroom|noi|bottega|officina)|ritiro gratuito|passo (?:io )?a ritirare|consegna a mano|consegniamo noi"
    r"|nostr[oi] (?:fattorin\w+|rider|furgon\w+|mezz[oi])|con i nostri mezzi"
    r"|consegna(?: \w+)? (?:locale|diretta|con nostro mezzo|con mezzi? propri\w?)"
    r"|(?:local|store) pick ?-?up|in-?store(?: pick ?-?up)?|click ?(?:&|and|e|n) ?collect|pick ?-?up (?:in|at|from)"
    r"|collect (?:in|from) (?:store|shop)|local delivery|hand delivery|recog\w+ en (?:tienda|local)|entrega en mano"
    r"|retrait (?:en|au|sur)(?: \w+)? (?:magasin|boutique|place)|remise en mains? propres?|selbstabholung"
    r"|abholung (?:im|vor|in)\b)",
    re.IGNORECASE,
)
_PICKUP_WORDS = re.compile(
    r"\b(?:ritir\w*|pick ?-?up|collect(?:ion)?|recog\w+|retrait|abhol\w*)\b", re.IGNORECASE
)  # alone they prove nothing: a courier “ritira” too
_POINT_WORDS = re.compile(
    r"locker|parcel ?machine|paczkomat|pack ?station|parcel ?shop|paket ?shop|pakke ?shop|service ?point|access ?point"
    r"|pick ?-?up ?point|pickup dropoff|drop ?-?off|\bpudo\b|punt[oi] (?:di )?(?:ritiro|consegna|pick ?-?up|poste)"
    r"|punto ?poste|ufficio postale|fermo ?-?(?:point|posta|deposito)|\brelais\b|relay point|gls shop|punto gls"
    r"|brt point|tabacch|edicola|kipoint|casella postale|p\.? ?o\.? box"
    r"|box ?now|\blpc relay\b|punto de recogida|seur ?local|citypaq|collection point",
    re.IGNORECASE,
)
# Whose services are points, unless they say that they come to the door.
_POINT_BRANDS = re.compile(r"\b(?:inpost|easypack|packeta|zasilkovna|mondial ?relay)\b", re.IGNORECASE)
_DOOR = re.compile(r"\b(?:courier|kurier|corriere|home|domicili\w*|address|door|porta a porta)\b", re.IGNORECASE)
_POINT_KEYS = re.compile(
    r"locker|parcel_?machine|paczkomat|packstation|parcel_?shop|parcel_?point|paket_?shop|pakke_?shop|service_?point"
    r"|access_?point|pick_?up_?(?:point|info|location|id|store|place|code|name|address)|drop_?off|relay|relais|pudo"
    r"|punto_?(?:di_)?(?:ritiro|poste|consegna|pickup)|fermo_?(?:point|posta|deposito)|delivery_?point|collection_?point"
    r"|(?:omniva|venipak|dpd|lp_?express|itella|unisend)_\w*terminal|packet(?:a|ery)_(?:point|branch|place|carrier_pickup)|zasilkovna_(?:id|branch|point)|box_?now"
    r"|citypaq|mygls_psd|casella_?postale|kipoint"
    # of a courier, and of one of its points: _inpost_point, gls_shop_id, _tnt_point
    r"|(?:^|_)(?:inpost|easypack|packeta|gls|brt|bartolini|dhl|ups|tnt|sda|poste|fedex|dpd|hermes|mondial\w*|chronopost"
    r"|colissimo|correos|seur|sendcloud|boxnow|geis|evri)_(?:\w+_)?(?:points?|shops?|relays?|terminals?|depots?|branch"
    r"|stations?|offices?)(?:_(?:id|code|name|address))?$"
)
# A flag says enough where the key itself is the point: "_sda_fermoposta": "1".
_FLAG_KEYS = re.compile(r"(?:fermo_?(?:point|posta|deposito)|locker|parcel_?shop|pudo|pick_?up_?point|punto_?poste)$")
_YES = frozenset({"yes", "1", "true", "on", "si", "sì"})
# Beside those, what the plugins keep of their own work.
_NOT_KEYS = re.compile(
    r"status|label|tracking|method|price|cost|fee|enabled|hash|nonce|version|shipments|error|allow|customer_number"
    r"|e?mail|phone|logo|url|networks?$|operators?$|weight|size|dimension|time|hours|available|selected_shipping|exported"
)
_NOTHING = frozenset(
    {"", "0", "no", "false", "null", "none", "n", "off", "[]", "{}", "home", "standard", "yes", "1", "true", "on", "-"}
)
_SHOWN_KEYS = re.compile(r"name|desc|label|address|street|number|city|town|post_?code|zip|postal|extra|code|id$", re.I)
_IN_STREET = re.compile(
    r"\b(?:packstation|paczkomat|locker|fermo ?-?(?:point|posta|deposito)|punto ?poste|parcel ?shop"
    r"|casella postale|p\.? ?o\.? box)\b",
    re.IGNORECASE,
)
_CORE_METHODS = frozenset({"flat_rate", "free_shipping", ""})


def judge(data: Mapping[str, Any], doubts: list[Doubt]) -> None:
    """Adds `pickup` or `locker` where the goods may not go to the address of the order."""
    lines = items(data, "shipping_lines")[:20]
    for line in lines:
        method, title = text(line.get("method_id"), 60).lower(), words(line.get("method_title"), 100)
        if _is_collected(method, title):
            doubts.append(Doubt("pickup", "", {"method": title or method}))
            return
    point = _point(data, lines)
    for line in lines:
        method, title = text(line.get("method_id"), 60).lower(), words(line.get("method_title"), 100)
        if _is_point(f"{re.sub('[_:-]+', ' ', method)} {title}"):
            doubts.append(Doubt("locker", "", {"method": title or method, "point": point or "?"}))
            return
    if point:
        names = [words(line.get("method_title"), 100) or text(line.get("method_id"), 60) for line in lines]
        doubts.append(Doubt("locker", "", {"method": ", ".join(filter(None, names))[:100] or "?", "point": point}))
        return
    for line in lines:
        method, title = text(line.get("method_id"), 60).lower(), words(line.get("method_title"), 100)
        if _may_be_collected(data, line, method, title):
            doubts.append(Doubt("pickup", "", {"method": title or method}))
            return


def _is_collected(method: str, title: str) -> bool:
    if _is_point(f"{re.sub('[_:-]+', ' ', method)} {title}") and method not in ("local_pickup", "pickup_location"):
        return False
    return bool(_PICKUP_IDS.search(method.replace("-", "_")) or _PICKUP_TITLES.search(title))


def _is_point(said: str) -> bool:
    return bool(_POINT_WORDS.search(said) or (_POINT_BRANDS.search(said) and not _DOOR.search(said)))


def _may_be_collected(data: Mapping[str, Any], line: Mapping[str, Any], method: str, title: str) -> bool:
    """Free, or with no street to go to, and called a pickup; or a checkout that asked for no address at all, which it
    does for goods that nobody sends."""
    address = block(data, "shipping")
    no_street = not words(address.get("address_1"), 80)
    free = re.fullmatch(r"0*(?:\.0*)?", text(line.get("total"), 20)) is not None
    if (free or no_street) and _PICKUP_WORDS.search(f"{title} {re.sub('[_:-]+', ' ', method)}"):
        return True
    by_customer = text(data.get("created_via"), 20) in ("checkout", "store-api")
    nowhere = not any(words(address.get(key), 80) for key in ("address_1", "city", "postcode"))
    return by_customer and nowhere and method not in _CORE_METHODS


def _point(data: Mapping[str, Any], lines: list[Mapping[str, Any]]) -> str:
    """The pickup point that metadata or the street name, in a few words; "" for none."""
    found: list[str] = []
    for holder in (data, *lines):
        for key, value, _entry in metas(holder):
            name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower())
            value = opened(value)
            if isinstance(value, dict) and re.search(r"delivery_?options|order_?data|shipping_?options", name):
                found += _words_of(_chosen_pickup(value))
            elif _POINT_KEYS.search(name) and not _NOT_KEYS.search(name):
                told = list(_words_of(value))
                if not told and _FLAG_KEYS.search(name.strip("_")) and _is_yes(value):
                    told = [words(key, 60).strip("_")]
                found += told
    if not found:
        address = block(data, "shipping")
        for key in ("address_1", "address_2", "company"):
            said = words(address.get(key), 120)
            if _IN_STREET.search(said):
                found.append(said)
    return ", ".join(dict.fromkeys(found))[:160].rstrip(", ")


def _is_yes(value: Any) -> bool:
    return value is True or (isinstance(value, str | int) and text(value, 10).casefold() in _YES)


def _words_of(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, list) and depth < 3:
        for one in value[:5]:
            yield from _words_of(one, depth + 1)
    elif isinstance(value, dict) and depth < 3:
        for key, one in list(value.items())[:40]:
            if _SHOWN_KEYS.search(key) or isinstance(one, dict):
                yield from _words_of(one, depth + 1)
    else:
        said = words(value.replace("|", ", ") if isinstance(value, str) else value, 120).strip(", ")
        if said.casefold() not in _NOTHING:
            yield said


def _chosen_pickup(options: Mapping[str, Any], depth: int = 0) -> Any:
    """MyParcel and its kin: one field for all kinds of delivery, with the point where that is what was chosen."""
    kind = text(options.get("deliveryType") or options.get("delivery_type"), 20).lower()
    if kind.startswith("pickup") or options.get("isPickup") is True or options.get("is_pickup") is True:
        return options.get("pickupLocation") or options.get("pickup_location") or kind or "pickup"
    for value in options.values():
        if isinstance(value, dict) and depth < 2:
            found = _chosen_pickup(value, depth + 1)
            if found:
                return found
    return None
