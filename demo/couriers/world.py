"""The couriers together, with a page that lists their parcels and lets something happen to them."""

import datetime as dt
import html as markup
from typing import Any
from urllib.parse import parse_qsl

from demo.couriers.brt import Brt
from demo.couriers.gls import Gls
from demo.couriers.parcels import ROME
from demo.couriers.poste import Poste
from demo.couriers.serving import Served, Service
from demo.shops.web import Request, Response, html, redirect


class FakeCouriers(Served):
    """BRT, GLS and Poste as one service. `ahead`: how far its clock is before the machine's."""

    def __init__(self, **kwargs: Any) -> None:
        self.ahead = dt.timedelta()
        self.brt, self.gls, self.poste = Brt(self.now), Gls(self.now), Poste(self.now)
        self.services: dict[str, Service] = {one.slug: one for one in (self.brt, self.gls, self.poste)}
        super().__init__(**kwargs)

    def now(self) -> dt.datetime:
        return dt.datetime.now(ROME) + self.ahead

    def page(self, request: Request, first: str) -> Response:
        if first == "push" and request.method == "POST":
            form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
            service: Any = self.services.get(form.get("courier", ""))
            if service is None or service.shelf.number(form.get("number", "")) is None:
                return html("<h1>404</h1>", 404)
            service.shelf.push(form["number"], form.get("code", ""), form.get("text", ""), back=bool(form.get("back")))
            return redirect("/")
        if first:
            return html("<h1>404</h1>", 404)
        rows = []
        for slug, any_service in self.services.items():
            shelf: Any = getattr(any_service, "shelf", ())
            for parcel in shelf:
                last = parcel.events[-1].text if parcel.events else parcel.state
                cells = (slug, parcel.number, parcel.reference, parcel.name, parcel.city, f"{parcel.cod:.2f}", last)
                rows.append("<tr>" + "".join(f"<td>{markup.escape(cell)}</td>" for cell in cells) + "</tr>")
        push = (
            '<form method="post" action="/push"><input name="courier" placeholder="brt">'
            '<input name="number" placeholder="number"><input name="code" placeholder="code">'
            '<input name="text" placeholder="text"><label><input type="checkbox" name="back"> on the way back</label>'
            "<button>Let it happen</button></form>"
        )
        return html(f"<title>Couriers</title><h1>Couriers</h1>{push}<table>{''.join(rows)}</table>")
