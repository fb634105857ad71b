"""What the health card says of a connection, line by line: does the shop answer, what may MCI do there, do its webhooks
come, is it read, what waits to be told. Made of what every platform gives (connectors/shops/health.py), so a new one
has its card by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.intake import gateways
from connectors.listings import selling, stock
from connectors.listings.prices import drift
from connectors.models import OrderProof, Shop
from connectors.news import sweep
from connectors.shops import calls

_LATE = dt.timedelta(minutes=30)  # a shop that is read each minute, and was not for so long
_LATELY = dt.timedelta(days=2)
CALLS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Line:
    """`tone`: ok | warn | bad | neutral. `act`: which button stands beside it (see _health.html). `marks`: small badges
    with their tone."""

    key: str
    tone: str
    title: str
    detail: str = ""
    act: str = ""
    marks: tuple[tuple[str, str], ...] = ()


def lines(shop: Shop, proof: OrderProof | None) -> list[Line]:
    """Of a shop that is not gone. Five queries: what waits to be told, and to be said, and what stands between the shop
    and MCI; one more where a payment method is unknown."""
    return [
        _answers(shop),
        *_between(shop),
        *_scopes(shop),
        *_payments(shop),
        *_webhooks(shop),
        _read(shop),
        _news(shop),
        *_stock(shop),
        *_prices(shop),
        _proof(shop, proof),
    ]


def _ago(moment: dt.datetime | None) -> str:
    return str(naturaltime(moment)) if moment else _("not yet")


def _answers(shop: Shop) -> Line:
    if shop.state == Shop.State.PAUSED:
        return Line("answers", "neutral", _("Paused"), _("Nothing is asked of the shop; its webhooks are kept."))
    if shop.state == Shop.State.BROKEN:
        return Line("answers", "bad", _("To reconnect"))  # the note on top says why, with the button
    if shop.trouble:
        return Line("answers", "warn", _("The shop does not answer as it should"))
    asked = max(filter(None, (shop.last_check_at, shop.last_pull_at)), default=None)
    return Line("answers", "ok", _("The shop answers"), _ago(asked), "test")


def _between(shop: Shop) -> Iterator[Line]:
    """What has lately come between: a cache that answers for the shop, a copy of it that sends with its secret."""
    lately = shop.events.filter(code__in=(calls.CACHED, "foreign_source"), at__gt=timezone.now() - _LATELY)
    found = {event.code: event for event in lately.order_by("pk")}
    cache = found.get(calls.CACHED)
    if cache:
        words = _(
            "Last time: %(when)s (%(by)s). New orders may be seen late: exclude the addresses that begin with /wp-json/"
            " from the shop’s cache, in its plugin, at its hosting or CDN."
        )
        detail = words % {"when": _ago(cache.at), "by": cache.params.get("by", "")}
        yield Line("cache", "warn", _("A cache answers in place of the shop"), detail)
    copy = found.get("foreign_source")
    if copy:
        words = _(
            "%(host)s, last time %(when)s: nothing of it is read. In that site delete the webhooks “MCI” and the key"
            " (WooCommerce → Settings → Advanced)."
        )
        detail = words % {"when": _ago(copy.at), "host": copy.params.get("host", "")}
        yield Line("copy", "warn", _("A copy of the shop sends messages in its name"), detail)


def _scopes(shop: Shop) -> Iterator[Line]:
    missing = [str(scope) for scope in shop.facts.get("missing_scopes") or []]
    granted = [str(scope) for scope in shop.facts.get("scopes") or []]
    if missing:
        marks = tuple(("danger", scope) for scope in missing)
        yield Line(
            "scopes", "warn", _("Permissions are missing"), _("Connect again and approve all."), "reconnect", marks
        )
    elif granted:
        yield Line("scopes", "ok", _("Permissions"), "", "", tuple(("neutral", scope) for scope in granted))


def _payments(shop: Shop) -> Iterator[Line]:
    unknown = gateways.unanswered(shop)
    if unknown:
        title = ngettext(
            "%(n)s payment method that we do not know: does the courier collect it?",
            "%(n)s payment methods that we do not know: does the courier collect them?",
            len(unknown),
        ) % {"n": len(unknown)}
        yield Line("payments", "warn", title, " · ".join(gateways.label(question) for question in unknown), "gateways")


def _webhooks(shop: Shop) -> Iterator[Line]:
    hooks = [(str(hook["topic"]), str(hook["state"])) for hook in shop.facts.get("webhooks") or []]
    came = _("Last webhook: %(when)s.") % {"when": _ago(shop.last_delivery_at)}
    if shop.facts.get("webhooks_anew"):
        yield Line("webhooks", "warn", _("Webhooks are being made anew"), came, "test")
        return
    if not hooks:
        yield Line("webhooks", "neutral", _("Webhooks"), f"{came} {_checked(shop)}")
        return
    missing = sum(state == "missing" for _topic, state in hooks)
    words = {"active": _("on"), "missing": _("missing"), "repaired": _("was off, on again")}
    tones = {"active": "ok", "missing": "danger", "repaired": "info"}
    marks = tuple((tones.get(state, "neutral"), f"{topic}: {words.get(state, state)}") for topic, state in hooks)
    if missing:
        title = ngettext("%(n)s webhook is missing", "%(n)s webhooks are missing", missing) % {"n": missing}
        yield Line("webhooks", "bad", title, f"{came} {_checked(shop)}", "test", marks)
    else:
        title = ngettext("%(n)s webhook is on", "%(n)s webhooks are on", len(hooks)) % {"n": len(hooks)}
        yield Line("webhooks", "ok", title, f"{came} {_checked(shop)}", "", marks)


def _checked(shop: Shop) -> str:
    return _("Checked: %(when)s.") % {"when": _ago(shop.last_check_at)}


def _read(shop: Shop) -> Line:
    late = shop.state == Shop.State.ACTIVE and (shop.last_pull_at or shop.connected_at) < timezone.now() - _LATE
    gaps = ngettext("%(n)s order was found by it alone.", "%(n)s orders were found by it alone.", shop.gaps_healed) % {
        "n": shop.gaps_healed
    }
    detail = _ago(shop.last_pull_at) if not shop.gaps_healed else f"{_ago(shop.last_pull_at)} · {gaps}"
    return Line(
        "reading", "warn" if late else "ok", _("Regular reading of the orders"), detail, "fetch" if late else ""
    )


def _news(shop: Shop) -> Line:
    waiting, said = sweep.waiting(shop), list(sweep.said(shop).values_list("news_failures", flat=True))
    stuck = sum(failures > 0 for failures in said)
    if stuck:
        title = ngettext("%(n)s order was not taken by the shop", "%(n)s orders were not taken by the shop", stuck)
        return Line("news", "bad", title % {"n": stuck}, _("See below why."), "tell")
    if waiting:
        title = ngettext("%(n)s order is being told to the shop", "%(n)s orders are being told to the shop", waiting)
        return Line("news", "warn" if shop.news_failures else "ok", title % {"n": waiting}, "", "tell")
    if said:
        title = ngettext(
            "%(n)s order is not in the shop just as it was sent",
            "%(n)s orders are not in the shop just as they were sent",
            len(said),
        )
        return Line("news", "warn", title % {"n": len(said)}, _("See below why."))
    return Line("news", "ok", _("The shop knows how its orders stand"), _("Tracking and states are all told."))


def _stock(shop: Shop) -> Iterator[Line]:
    if not shop.stock_on:
        return
    behind = stock.count_behind(shop)
    if behind:
        title = ngettext("%(n)s stock figure is being told", "%(n)s stock figures are being told", behind)
        yield Line("stock", "warn" if shop.news_failures else "ok", title % {"n": behind}, "", "tell")
    else:
        compared = _("Compared: %(when)s.") % {"when": _ago(shop.compared_at)}
        yield Line("stock", "ok", _("The shop shows the stock of the warehouse"), compared)


def _prices(shop: Shop) -> Iterator[Line]:
    """Whether our prices can stand in the shop, and those that somebody changed there."""
    refusal = selling.refusal(shop.facts)
    if refusal:
        yield Line("prices", "bad", _("No price is told and nothing is published"), str(refusal))
        return
    asked = drift.asked(shop).count()
    if asked:
        title = ngettext("%(n)s price was changed in the shop", "%(n)s prices were changed in the shop", asked)
        yield Line("prices", "warn", title % {"n": asked}, _("Say in Products whose they are."), "listings")


def _proof(shop: Shop, proof: OrderProof | None) -> Line:
    if proof is None:
        return Line("proof", "neutral", _("No order lost"), _("The first proof comes within a day."), "proofs")
    if not proof.is_clean:
        return Line("proof", "warn", _("The daily proof found something to look at"), _ago(proof.at), "proofs")
    same = ngettext(
        "%(n)s order of the last days compared.", "%(n)s orders of the last days compared.", proof.theirs
    ) % {"n": proof.theirs}
    return Line("proof", "ok", _("No order lost"), f"{same} {_ago(proof.at)}", "proofs")
