"""Who may open a page. Every view of the portal wears one of these decorators, which see to `request.dropshipper`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django_htmx.middleware import HtmxDetails

from accounts.models import Dropshipper, Member, User
from core.inbound import redirects


class PortalRequest(HttpRequest):
    """A request behind `member_required`: someone who works for an active dropshipper. For annotations only."""

    user: User
    member: Member
    dropshipper: Dropshipper
    htmx: HtmxDetails
    menu: str  # where the order that is shown comes from: its list is lit in the menu (mci/pages/shell.py)


class StaffRequest(HttpRequest):
    """A request behind `permission_required`: one of the supplier's people. For annotations only."""

    user: User
    htmx: HtmxDetails


View = Callable[..., HttpResponseBase]


SESSION_OVER = 401  # what htmx requests are answered; the page says so and stays as it is (static/mci/mci.js)


def to_login(request: HttpRequest) -> HttpResponse:
    """The sign-in page, which comes back here. An htmx request leaves the page as it is, with all that is typed in it:
    the page is told that the session is over."""
    if getattr(request, "htmx", None):
        return HttpResponse(status=SESSION_OVER, headers={"HX-Reswap": "none"})
    # After a POST there is no page to come back to: the referring one is better than a 405.
    return redirect_to_login(request.get_full_path() if request.method in ("GET", "HEAD") else referring_page(request))


def referring_page(request: HttpRequest) -> str:
    """Where the form stood: a path of ours, "/" when the browser does not say."""
    base = f"{request.scheme}://{request.get_host()}/"
    came_from = request.headers.get("Referer", "")
    page = "/" + came_from[len(base) :] if came_from.startswith(base) else "/"
    return page if redirects.is_ours(request, page) else "/"  # "//evil.example/" begins with a slash too


def signed_in(view: View) -> View:
    """Anyone with an account, whatever the state of the company."""

    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        return view(request, *args, **kwargs)

    return guard


def member_required(view: View) -> View:
    """An active dropshipper's member, in any role. A company that waits or is suspended sees its state instead."""

    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        dropshipper: Dropshipper | None = getattr(request, "dropshipper", None)
        if dropshipper is None:
            if request.user.is_staff and request.method == "GET" and not getattr(request, "htmx", False):
                return redirect("mci:dashboard")
            raise PermissionDenied
        if not dropshipper.is_active:
            return redirect("accounts:waiting")
        return view(request, *args, **kwargs)

    return guard


def role_required(*roles: str) -> Callable[[View], View]:
    """`@role_required("accounting")`: that role, or the owner. Others get a 403 that says so."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            member: Member | None = getattr(request, "member", None)
            if member is not None and member.role not in (Member.Role.OWNER, *roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return member_required(guard)

    return decorate


def permission_required(read: str, *, act: str | Sequence[str] = ()) -> Callable[[View], View]:
    """`@permission_required("orders.see_desk")`: the supplier's people who were given that permission, as
    "room.codename". Whoever posts needs one of `act` instead, where it is named. Others get a 403.

    The view carries `needs`: what reading and what posting ask for (tests/mci/test_who_may.py walks all views)."""
    acts = (act,) if isinstance(act, str) else tuple(act)
    needs = {"read": (read,), "act": acts or (read,)}

    def decorate(view: View) -> View:
        @wraps(view)
        def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            wanted = needs["read" if request.method in ("GET", "HEAD") else "act"]
            if not any(request.user.has_perm(permission) for permission in wanted):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded = staff_required(guard)
        guarded.needs = needs  # type: ignore[attr-defined]
        return guarded

    return decorate


def must_have(request: HttpRequest, permission: str) -> None:
    """For a page of several acts: a 403 to those who may not do this one."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def sees_customers(request: PortalRequest) -> bool:
    """Whether this member is shown the customers' streets, phones and e-mails: the accounting works without them."""
    return request.member.role != Member.Role.ACCOUNTING


def staff_required(view: View) -> View:
    """The supplier's own people, whatever they may do: for the overview alone. Desks ask for a permission."""

    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guard
