"""Pages of the store: Django's template engine on its own, without any of MCI's settings, tags or translations."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template import Context, Engine

from demo.shops.web import Request, Response, html
from demo.shops.woocommerce.pages import euro

if TYPE_CHECKING:
    from .shop import Shop

ENGINE = Engine(dirs=[str(Path(__file__).with_name("html"))], autoescape=True)
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data: http: https:; form-action 'self'{forms}; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def page(
    shop: "Shop",
    request: Request,
    name: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    forms: str = "",
) -> Response:
    """Renders html/<name>.html. Numbers are given as text: the engine would format them by the process's locale.
    `forms`: further places that a form's answer may lead to."""
    shared = {"home": shop.home(request), "shop_name": shop.name, "path": request.path}
    text = ENGINE.get_template(f"{name}.html").render(Context({**shared, **(context or {})}, use_l10n=False))
    response = html(text, status)
    response.headers += [
        ("Content-Security-Policy", _POLICY.format(forms=f" {forms}" if forms else "")),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ]
    return response


__all__ = ["euro", "page"]
