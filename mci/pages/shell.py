"""What the shell around every page shows: menu with counts, balance, set-up. A part is read only when it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper, Member
from accounts.pages import kept
from connectors.platforms import platforms
from mci.pages import figures, setup
from wallet.queries import balances

Text = str | Promise
ROLE = Member.Role

# Other lines of the menu whose pages lie below the address of this one.
_BELOW = {
    "wallet:overview": ("wallet:cod",),
    "shipping:list": ("shipping:paper_style",),
    "orders:list": ("orders:cases", "orders:imports"),
    "orders:desk": ("orders:returns", "orders:waves", "orders:bench", "orders:manifests", "orders:shelves"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the menu. `count` is of things to do; red (`hot`) only for trouble."""

    label: Text
    url: str
    icon: str = ""
    mark: str = ""
    slug: str = ""
    current: bool = False
    count: int | str = 0
    count_label: Text = ""
    hot: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    title: Text
    items: list[Item] = field(default_factory=list)


class Shell:
    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = getattr(request, "user", None)
        member: Member | None = getattr(request, "member", None)
        self.member = member
        self.dropshipper: Dropshipper | None = member.dropshipper if member and member.dropshipper.is_active else None

    @property
    def theme(self) -> str:
        if self.user is not None and self.user.is_authenticated:
            return str(self.user.theme)
        cookie = self.request.COOKIES.get("mci_theme", "auto")
        return cookie if cookie in ("light", "dark") else "auto"

    @property
    def who(self) -> str:
        """By which a page knows that its own reader is back (accounts/pages/kept.py)."""
        return kept.who(self.user) if self.user is not None and self.user.is_authenticated else ""

    @property
    def is_desk(self) -> bool:
        """The supplier's side: staff who work for no reseller."""
        return self.dropshipper is None and bool(self.user and self.user.is_authenticated and self.user.is_staff)

    @property
    def subtitle(self) -> str:
        return self.dropshipper.name if self.dropshipper else str(self.user)

    def _may(self, *roles: str) -> bool:
        return self.member is not None and self.member.role in (ROLE.OWNER, *roles)

    def _item(self, label: Text, name: str, *args: Any, **look: Any) -> list[Item]:
        url = reverse(name, args=args)
        path, source = self.request.path, getattr(self.request, "menu", "manual")
        current = path == url if url == "/" else path.startswith(url)
        if source != "manual" and name in ("orders:list", "connectors:inbox"):
            current = source in args  # an order lies below /orders/, its list may be an inbox
        others = _BELOW.get(name, ())
        current = current and not any(path.startswith(reverse(one)) for one in others)
        if name == "accounts:settings":  # a page of the settings that lies below the parcels
            current = current or path.startswith(reverse("shipping:paper_style"))
        return [Item(label, url, current=current, **look)]

    @cached_property
    def sections(self) -> list[Section]:
        if self.is_desk:
            found = self._desk()
        elif self.dropshipper:
            found = self._portal(self.dropshipper)
        else:
            found = []
        return [section for section in found if section.items]

    def _portal(self, dropshipper: Dropshipper) -> list[Section]:
        open_by_source = figures.open_orders(dropshipper.pk)
        to_do = _("to do")
        orders = self._item(
            _("Dropshipping Shop"),
            "orders:list",
            icon="shopping-cart",
            count=open_by_source.get("manual", 0),
            count_label=to_do,
        )
        for platform in platforms():
            orders += self._item(
                platform.inbox_title,
                "connectors:inbox",
                platform.slug,
                mark=platform.mark,
                slug=platform.slug,
                count=open_by_source.get(platform.slug, 0),
                count_label=to_do,
            )
        if self._may(ROLE.ORDERS):
            orders += self._item(_("Import"), "orders:imports", icon="upload")
        orders += self._item(_("Shipments"), "shipping:list", icon="truck-delivery")
        orders += self._item(_("Returns"), "orders:cases", icon="truck-return")
        return [
            Section(
                "",
                self._item(_("Overview"), "mci:dashboard", icon="layout-dashboard")
                + self._item(_("Catalogue"), "catalog:list", icon="package"),
            ),
            Section(_("Orders"), orders),
            Section(
                _("Money"),
                self._item(_("Wallet"), "wallet:overview", icon="wallet")
                + (
                    self._item(_("Cash on delivery"), "wallet:cod", icon="cash-banknote")
                    if self._may(ROLE.ACCOUNTING)
                    else []
                ),
            ),
            Section(
                _("Set-up"),
                self._item(
                    _("Connected shops"),
                    "connectors:shops",
                    icon="building-store",
                    count=figures.broken_shops(dropshipper.pk),
                    count_label=_("with trouble"),
                    hot=True,
                )
                + self._item(_("Settings"), "accounts:settings", icon="settings"),
            ),
        ]

    def _desk(self) -> list[Section]:
        """The desks that this person may read; counts of what waits for those who may act on it."""
        counts, may = figures.desk(), self.user.has_perm
        waiting = _("waiting")

        def item(permission: str, label: Text, name: str, icon: str, count: int = 0) -> list[Item]:
            look = {"icon": icon, "count": count, "count_label": waiting}
            return self._item(label, name, **look) if may(permission) else []

        approves, credits_ = may("accounts.approve_dropshipper"), may("wallet.credit_topup")
        return [
            Section("", self._item(_("Overview"), "mci:dashboard", icon="layout-dashboard")),
            Section(
                _("Warehouse"),
                item("orders.see_desk", _("To prepare"), "orders:desk", "clipboard-list", counts.to_pick)
                + item("orders.see_desk", _("Waves"), "orders:waves", "list-check")
                + item("orders.see_desk", _("Packing bench"), "orders:bench", "package")
                + item("orders.see_desk", _("Manifests"), "orders:manifests", "truck")
                + item("orders.see_returns", _("Returns"), "orders:returns", "truck-return")
                + item("orders.see_desk", _("Shelves"), "orders:shelves", "map-pin"),
            ),
            Section(
                _("Money"),
                item(
                    "wallet.view_topup",
                    _("Top-ups"),
                    "wallet:topups_desk",
                    "transfer-in",
                    counts.top_ups if credits_ else 0,
                )
                + item(
                    "wallet.view_entry",
                    _("Adjustments"),
                    "wallet:adjustments",
                    "scale",
                    counts.adjustments if may("wallet.adjust") else 0,
                ),
            ),
            Section(
                _("Management"),
                item(
                    "accounts.view_dropshipper",
                    _("Dropshippers"),
                    "accounts:dropshippers",
                    "users",
                    (counts.applications if approves else 0)
                    + (counts.changes if may("accounts.change_dropshipper") else 0),
                )
                + item("catalog.view_product", _("Products"), "admin:catalog_product_changelist", "package")
                + (self._item(_("Administration"), "admin:index", icon="database") if self._administers() else []),
            ),
        ]

    def _administers(self) -> bool:
        """Whether the administration would show this person anything."""
        if self.user.is_superuser:
            return True
        shown = {f"{kind._meta.app_label}.view_{kind._meta.model_name}" for kind in admin.site._registry}
        return not shown.isdisjoint(self.user.get_all_permissions())

    @cached_property
    def account_items(self) -> list[Item]:
        if self.dropshipper is None:
            return [Item(_("Security"), reverse("accounts:security"), icon="shield-lock")]
        return [
            Item(_("Settings"), reverse("accounts:settings"), icon="settings"),
            Item(_("People"), reverse("accounts:members"), icon="users"),
            Item(_("Security"), reverse("accounts:security"), icon="shield-lock"),
        ]

    @cached_property
    def balance(self) -> Decimal | None:
        """EUR available in the wallet; None where there is no wallet to speak of."""
        return balances(self.dropshipper.pk).available if self.dropshipper else None

    @property
    def wallet_url(self) -> str:
        return reverse("wallet:overview")

    @property
    def search_url(self) -> str:
        """Where everything is searched (mci/search/reseller.py): of who has something to find."""
        return reverse("mci:search") if self.dropshipper or self.is_desk else ""

    @property
    def new_order_url(self) -> str:
        return reverse("orders:new") if self.dropshipper and self._may(ROLE.ORDERS) else ""

    @cached_property
    def setup(self) -> setup.Progress | None:
        """The set-up that is not done yet, in the sidebar until it is."""
        if self.dropshipper is None:
            return None
        progress = setup.progress(self.dropshipper)
        return None if progress.is_over else progress


def shell(request: HttpRequest) -> dict[str, Shell]:
    """The context processor."""
    return {"shell": Shell(request)}
