"""The packing bench: scan an order, scan its goods, close the parcel, scan the courier's number. By scanner alone: the
order's own number once more closes the parcel, as it was priced where nobody weighed it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import StaffRequest, permission_required
from catalog import shelves
from core import lines
from core.errors import DomainError
from core.requests import whole_number
from orders import queries
from orders.fulfilment import parcels, tracking_numbers, undo
from orders.models import Order, Packing
from orders.pages import scanning
from orders.pages.print_run import form_of
from orders.warehouse import packing as acts
from orders.warehouse import waves
from orders.warehouse.packing import Size
from shipping.models import Courier, Shipment

LAST = "bench_packed"  # in the session: the parcel that was closed here last, for its label, its number and the undo
SIZES = "bench_sizes"  # in the session: the order that is packed, and its pieces as far as they are typed


class PieceForm(lines.Form):
    """Pieces of one shipment, a line each: kilograms, then the sides in centimetres."""

    pieces = forms.CharField(
        label=gettext_lazy("Pieces: kg, and the sides in cm"),
        max_length=4000,
        # Sent with each scan too (the form of the scans), so that the next article does not wipe what was weighed.
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocomplete": "off", "form": "bench-scan"}),
        help_text=gettext_lazy("One piece a line: 1,25 40x30x20. The first one bears what is collected."),
    )

    def clean_pieces(self) -> list[Size]:
        """Raises ValidationError with the line that cannot be read."""
        found = []
        for line in self.cleaned_data["pieces"].splitlines():
            if line.strip():
                found.append(_size(line))
        return found


def _size(line: str) -> Size:
    words = line.lower().replace(",", ".").replace("×", "x").replace("kg", " ").replace("cm", " ").split()
    sides = [side for word in words[1:] for side in word.split("x") if side]
    try:
        weight, *rest = [float(word) for word in [words[0], *sides]]
        millimetres = [round(side * 10) for side in rest]
        if len(rest) not in (0, 3) or not all(0 < number < 10_000 for number in (weight, *rest)):
            raise ValueError
    except (ValueError, IndexError, OverflowError):
        words_ = gettext_lazy("This line says no piece: %(line)s")
        raise forms.ValidationError(words_, code="bad_piece", params={"line": line.strip()[:60]}) from None
    return Size(round(weight * 1000), *millimetres)


@require_safe
@permission_required("orders.see_desk")
def bench(request: StaffRequest) -> HttpResponse:
    """orders:bench: nothing is being packed; scan an order."""
    last = _last(request)
    context = {
        "said": scanning.said(request),
        "last": last,
        "last_step": undo.step_of(last) if last else "",
        "asks_number": bool(last and last.shipment and last.shipment.state == "packed" and _may(request, "ship")),
        "mine": Packing.objects.filter(by=request.user.pk).select_related("order").order_by("touched_at")[:20],
        "may": _may(request, "pack"),
        **form_of(request),
    }
    return render(request, "orders/bench.html", context)


def _may(request: StaffRequest, what: str) -> bool:
    return request.user.has_perm(f"orders.{what}_parcel")


def _last(request: StaffRequest) -> Order | None:
    pk = request.session.get(LAST)
    return Order.objects.select_related("shipment__method__courier").filter(pk=pk).first() if pk else None


def _named_by_page(request: StaffRequest) -> Order | None:
    """The parcel that the sent page asked the courier's number of; None where it asked none, or it is not closed."""
    pk = whole_number(request.POST.get("last", ""))
    found = Order.objects.select_related("shipment").filter(pk=pk).first() if pk is not None else None
    return found if found and found.shipment and found.shipment.state != Shipment.State.TO_PICK else None


@require_POST
@permission_required("orders.pack_parcel")
def bench_scan(request: StaffRequest) -> HttpResponse:
    """orders:bench_scan: an order to pack, or the courier's number of the parcel that this page showed as closed last
    (`last`; another window may have closed another since). A pick list opens its wave, a courier's code its day."""
    text = scanning.scanned(request)
    if (wave := waves.by_number(text)) is not None:
        return redirect("orders:wave", wave.pk)
    if (courier := Courier.objects.filter(code__iexact=text).first()) is not None:
        return redirect("orders:manifest_day", courier.code)
    try:
        order = queries.by_scan(text)
    except Http404:
        return _number(request, text)
    last = _last(request)
    if last is not None and last.pk == order.pk:
        scanning.say(request, _("%(number)s is packed: scan the courier's number, or the next order.") % _named(order))
        return redirect("orders:bench")
    try:
        acts.begin(order.pk, by=request.user.pk)
    except DomainError as error:
        scanning.say(request, str(error), good=False)
        return redirect("orders:bench")
    request.session.pop(LAST, None)
    return redirect("orders:bench_order", order.pk)


def _named(order: Order) -> dict[str, str]:
    return {"number": order.number}


def _number(request: StaffRequest, text: str) -> HttpResponse:
    """Of the parcel that the page named; what stands for goods or a shelf is no courier's number, whatever it looks
    like."""
    last = _named_by_page(request)
    goods = shelves.is_shelf(text) or bool(shelves.goods(text))
    if last is None or goods or not _may(request, "ship"):
        words = _("%(text)s is no order: scan the order first.") if text else _("Scan an order.")
        scanning.say(request, words % {"text": text}, good=False)
        return redirect("orders:bench")
    try:
        number = tracking_numbers.number(text)
        parcels.mark_shipped(last.pk, tracking_number=number, by=request.user.pk, at_the_desk=True)
    except DomainError as error:
        scanning.say(request, f"{last.number}: {error}", good=False)
    else:
        if request.session.get(LAST) == last.pk:
            request.session.pop(LAST)
        scanning.say(request, _("%(number)s leaves as %(text)s. The next order.") % {"text": number, **_named(last)})
    return redirect("orders:bench")


@require_safe
@permission_required("orders.pack_parcel")
def bench_order(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:bench_order: what goes into this parcel."""
    return _order_page(request, queries.access_any_order(pk), None)


def _order_page(
    request: StaffRequest, order: Order, form: PieceForm | None, said: scanning.Said | None = None
) -> HttpResponse:
    packing = Packing.objects.filter(order=order).select_related("by").first()
    if packing is None or packing.by_id != request.user.pk or order.shipment is None:
        if packing is not None:
            words = _("%(who)s is at %(number)s.") % {"who": packing.by, **_named(order)}
            said = said or scanning.Said(words, good=False)
        if said is not None:
            scanning.say(request, said.words, good=said.good)
        return redirect("orders:bench")
    found = acts.items(order, packing)
    context = {
        "order": order,
        "items": found,
        "left": sum(item.remaining for item in found),
        "seen": acts.count(found),
        "said": said or scanning.said(request),
        "form": form or PieceForm(initial={"pieces": _typed(request, order) or _priced(order.shipment)}),
    }
    return render(request, "orders/bench_order.html", context, status=422 if form else 200)


def _priced(shipment: Shipment) -> str:
    return f"{shipment.weight_g / 1000:.3f}".rstrip("0").rstrip(".").replace(".", ",")


def _typed(request: StaffRequest, order: Order) -> str:
    kept = request.session.get(SIZES) or [0, ""]
    return str(kept[1]) if kept[0] == order.pk else ""


def _keep_typed(request: StaffRequest, order: Order) -> PieceForm | None:
    """What the page of a scan says of the pieces, where a person weighed them."""
    typed = request.POST["pieces"][:4000] if "pieces" in request.POST else _typed(request, order)
    if order.shipment is None or typed.strip() in ("", _priced(order.shipment)):
        request.session.pop(SIZES, None)
        return None
    request.session[SIZES] = [order.pk, typed]
    return PieceForm({"pieces": typed})


@require_POST
@permission_required("orders.pack_parcel")
def bench_item(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:bench_item: a scanned article; the order's own number closes the parcel, with the pieces as they were
    weighed, or as it was priced."""
    order, text = queries.access_any_order(pk), scanning.scanned(request)
    weighed = _keep_typed(request, order)
    if not (shelves.is_shelf(text) or shelves.goods(text)):
        try:
            named = queries.by_scan(text)
        except Http404:
            named = None
        if named is not None and named.pk == order.pk:
            if weighed is not None and not weighed.is_valid():
                return _order_page(request, order, weighed)
            return _close(request, order, weighed)
        if named is not None:
            words = _("You are at %(number)s: close it or leave it (F4) before the next order.")
            scanning.say(request, words % _named(order), good=False)
            return redirect("orders:bench_order", pk)
    try:
        item = acts.scan(
            order.pk, text, by=request.user.pk, quantity=scanning.quantity(request), seen=scanning.seen(request)
        )
    except DomainError as error:
        scanning.say(request, str(error), good=False)
    else:
        scanning.say(request, f"{item.variant.sku}: {item.scanned} / {item.wanted}")
    return redirect("orders:bench_order", pk)


@require_POST
@permission_required("orders.pack_parcel")
def bench_close(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:bench_close: with the pieces as they were weighed."""
    order, form = queries.access_any_order(pk), PieceForm(request.POST)
    if not form.is_valid():
        return _order_page(request, order, form)
    return _close(request, order, form)


def _close(request: StaffRequest, order: Order, form: PieceForm | None) -> HttpResponse:
    """With the pieces of the form, as it was priced where there is none. What was weighed stays after a refusal."""
    sizes: list[Size] = form.cleaned_data["pieces"] if form else []
    shown = request.POST.get("collect")
    try:
        acts.close(order.pk, sizes, by=request.user.pk, shown=shown, as_priced=form is None)
    except DomainError as error:
        if form is not None:
            return _order_page(request, order, form, scanning.Said(str(error), good=False))
        scanning.say(request, str(error), good=False)
        return redirect("orders:bench_order", order.pk)
    request.session[LAST] = order.pk
    request.session.pop(SIZES, None)
    scanning.say(request, _("%(number)s is packed. Scan the courier's number, or the next order.") % _named(order))
    return redirect("orders:bench")


@require_POST
@permission_required("orders.pack_parcel")
def bench_leave(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:bench_leave."""
    acts.leave(queries.access_any_order(pk).pk, by=request.user.pk)
    messages.info(request, _("Left: whoever comes may pack it."))
    return redirect("orders:bench")
