"""The reseller's page of their own papers: logo and line, with a slip to look at."""

from __future__ import annotations

import base64
import io

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import PortalRequest, member_required
from accounts.models import Member
from core import lines
from core.address import Address
from shipping.papers.errors import BadLogo
from shipping.papers.logo import MOST_BYTES, logo
from shipping.papers.packing_slip import PackingSlip, SlipLine, write_packing_slips
from shipping.papers.words import Party
from shipping.parcels import paper_style as styles


class StyleForm(lines.Form):
    """A logo, and a line to the customer. A picture that cannot be printed is refused here, not at the printer."""

    line = forms.CharField(
        label=gettext_lazy("Line for your customers"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("On the slip in each parcel, for example: Thank you! Questions: help@example.com"),
    )
    picture = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/png,image/webp,image/jpeg"}),
        help_text=gettext_lazy("PNG, WebP or JPEG, at most 2 MB. It is printed up to 60 × 25 mm."),
    )
    without = forms.BooleanField(label=gettext_lazy("Without a logo"), required=False)

    def clean_picture(self) -> bytes | None:
        """The picture's bytes, looked at; None when none was chosen."""
        sent = self.cleaned_data["picture"]
        if not sent:
            return None
        data = bytes(sent.read(MOST_BYTES + 1))
        try:
            logo(data)
        except BadLogo as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None
        return data


@member_required
def paper_style(request: PortalRequest) -> HttpResponse:
    """shipping:paper_style. Who is no owner only looks."""
    style = styles.style_of(request.dropshipper.pk)
    may = request.member.role == Member.Role.OWNER
    form = StyleForm(initial={"line": style.line})
    status = 200
    if request.method == "POST":
        form = StyleForm(request.POST, request.FILES)
        if not may:
            messages.error(request, _("Only an owner can change how the papers look."))
            return redirect("shipping:paper_style")
        if form.is_valid():
            said = form.cleaned_data
            picture = b"" if said["without"] else said["picture"]
            styles.save(request.dropshipper.pk, line=said["line"], picture=picture, by=request.user.pk)
            messages.success(request, _("Saved. The next slips are printed like this."))
            return redirect("shipping:paper_style")
        status = 422
    return render(
        request,
        "shipping/paper_style.html",
        {"form": form, "style": style, "may": may, "shown": _shown(bytes(style.logo))},
        status=status,
    )


@require_safe
@member_required
def paper_sample(request: PortalRequest) -> HttpResponse:
    """shipping:paper_sample: a slip as it would be printed now, for goods and a customer that do not exist."""
    style = styles.style_of(request.dropshipper.pk)
    slip = PackingSlip(
        reference="MCI-000000",
        order_number="1001",
        reseller=Party(request.dropshipper.name),
        recipient=Address(
            name="Maria Rossi", street="Via Garibaldi 12", postcode="10122", city="Torino", province="TO", country="IT"
        ),
        date=timezone.localdate(),
        lines=(SlipLine("ABC-1", _("An article of yours"), 2),),
        line=style.line,
        logo=bytes(style.logo),
    )
    out = io.BytesIO()
    write_packing_slips([slip], out)
    headers = {"Content-Disposition": 'inline; filename="slip.pdf"'}
    return HttpResponse(out.getvalue(), content_type="application/pdf", headers=headers)


def _shown(data: bytes) -> str:
    """The logo as it is printed, for the page; "" for none."""
    if not data:
        return ""
    out = io.BytesIO()
    try:
        logo(data)._image.save(out, "PNG")
    except BadLogo:
        return ""
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
