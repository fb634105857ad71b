"""Which platform a shop is on, guessed from the form of its address alone: nobody is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import Dropshipper
from connectors.models import Shop
from connectors.platforms import platforms
from connectors.platforms.contract import Platform
from connectors.platforms.homes import home_key, typed_address

LONGEST = 200
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}|localhost|\d{1,3}(?:\.\d{1,3}){3}")
# Their orders are typed in the Dropshipping Shop: no shop of one's own stands behind them.
_MARKETPLACES = re.compile(
    r"(?:.+\.)?(?:amazon|ebay|etsy|facebook|instagram|vinted|subito|tiktok|temu|aliexpress|mercadolibre|wallapop)"
    r"\.(?:it|com|de|fr|es|eu|co\.uk|[a-z]{2})"
)
_OTHERS = re.compile(
    r"(?:.+\.)?(?:wixsite\.com|wix\.com|squarespace\.com|prestashop\.com|ecwid\.com|bigcommerce\.com|mybigcommerce\.com"
    r"|jimdosite\.com|webnode\.it|storeden\.com|blogspot\.com|weebly\.com)"
)


_LOOKS = {"sure": ("ok", "circle-check"), "wrong": ("bad", "alert-circle")}
_LOOKS |= {"likely": _LOOKS["sure"], "mine": _LOOKS["sure"]}


@dataclass(frozen=True, slots=True)
class Guess:
    """`kind`: sure | likely (`found`: the platforms, the usual one first) | mine (`shop`: that shop) | marketplace |
    other (a platform that MCI cannot read) | unknown | wrong (no address at all)."""

    kind: str
    typed: str
    found: Sequence[Platform] = field(default_factory=tuple)
    shop: Shop | None = None

    @property
    def tone(self) -> str:
        """ok | bad | info: how its note looks."""
        return _LOOKS.get(self.kind, ("info", ""))[0]

    @property
    def icon(self) -> str:
        return _LOOKS.get(self.kind, ("", "info-circle"))[1]


def guess(typed: str, dropshipper: Dropshipper) -> Guess:
    """`typed`: as somebody types or pastes an address."""
    typed = typed.strip()[:LONGEST]
    bare = re.sub(r"^[a-z]+://", "", typed_address(typed).lower())
    bare = _in_ascii(bare)
    host = bare.partition("/")[0].partition("?")[0].partition("#")[0].partition(":")[0]
    if not _HOST.fullmatch(host):
        return Guess("wrong", typed)
    mine = next((shop for shop in _live(dropshipper) if _is(bare, shop)), None)
    if mine is not None:
        return Guess("mine", typed, shop=mine)
    by_form = {kind: tuple(api for api in platforms() if api.recognises(bare) == kind) for kind in ("sure", "likely")}
    if by_form["sure"]:
        return Guess("sure", typed, by_form["sure"])
    if _MARKETPLACES.fullmatch(host):
        return Guess("marketplace", typed)
    if _OTHERS.fullmatch(host):
        return Guess("other", typed)
    return Guess("likely", typed, by_form["likely"]) if by_form["likely"] else Guess("unknown", typed)


def _in_ascii(bare: str) -> str:
    """With a host like città.it as the net writes it."""
    host, rest = (found[1], found[2]) if (found := re.match(r"([^/?:#]*)(.*)", bare, re.DOTALL)) else (bare, "")
    try:
        return host.rstrip(".").encode("idna").decode() + rest
    except ValueError:  # idna's error is one too
        return bare


def _live(dropshipper: Dropshipper) -> list[Shop]:
    return list(dropshipper.shops.exclude(state=Shop.State.GONE).order_by("pk"))


def _is(bare: str, shop: Shop) -> bool:
    """The address of the shop, or of a page of it."""
    own = home_key(shop.address).removeprefix("home:")
    typed = bare.removeprefix("www.").rstrip("/")
    return bool(own) and (typed == own or typed.startswith((f"{own}/", f"{own}?")))
