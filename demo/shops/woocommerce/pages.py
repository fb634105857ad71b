"""Pages of the shop: Django's template engine on its own, without any of MCI's settings, tags or translations."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template import Context, Engine

from demo.shops.web import Request, Response, html

if TYPE_CHECKING:
    from .shop import Shop

HTML = Path(__file__).with_name("html")
ENGINE = Engine(dirs=[str(HTML)], autoescape=True)
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data: http: https:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def euro(amount: Decimal | str) -> str:
    """`1.234,56 €`, whatever the locale of the process."""
    text = f"{Decimal(amount):,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return f"{text}\u00a0€"


def page(
    shop: "Shop", request: Request, name: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> Response:
    """Renders html/<name>.html. Numbers are given as text: the engine would format them by the process's locale."""
    home = shop.home(request)
    shared = {"home": home, "shop_name": shop.name, "path": request.path}
    text = shop.templates.get_template(f"{name}.html").render(Context({**shared, **(context or {})}, use_l10n=False))
    response = html(text, status)
    response.headers += [
        ("Content-Security-Policy", _POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ]
    return response
