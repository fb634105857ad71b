"""What the GPSR (EU 2023/988, art. 19) wants shown where a product is offered: its maker with addresses, who answers
for it in the EU, warnings. The same block stands on our product page and goes to the shops."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalog.models import Product


def html(product: Product) -> SafeString:
    """The block without a title, in the language that is on; empty when nothing is known. Costs a query unless the
    maker was selected with the product."""
    rows: list[tuple[str, SafeString]] = []
    maker = product.maker
    if maker is not None:
        rows.append((_("Maker"), _lines(maker.name, maker.address, maker.contact)))
        if maker.eu_name:
            rows.append((_("Responsible person in the EU"), _lines(maker.eu_name, maker.eu_address, maker.eu_contact)))
    warnings = [line.strip() for line in product.warnings.splitlines() if line.strip()]
    if warnings:
        rows.append((_("Warnings"), _lines(*warnings)))
    if not rows:
        return SafeString("")
    return format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows))


def section(product: Product) -> SafeString:
    """The block under its title, for a shop's page; empty when nothing is known."""
    body = html(product)
    return format_html("<h3>{}</h3>{}", _("Product safety"), body) if body else body


def _lines(*lines: str) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))
