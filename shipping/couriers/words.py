"""What codes of ours are called for a reader, and the letter for a courier that takes no instruction by call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from shipping.couriers.base import Act, CodMode, Flag, Instruction, Known
from shipping.couriers.figures import comma

ACTS: Mapping[Act, str | Promise] = {
    Act.REDELIVER: gettext_lazy("Deliver again"),
    Act.OTHER_ADDRESS: gettext_lazy("Deliver to another address"),
    Act.NEW_DATE: gettext_lazy("Deliver on another day"),
    Act.PHONE_FIRST: gettext_lazy("Telephone before delivering"),
    Act.TO_DEPOT: gettext_lazy("The recipient collects it at the depot"),
    Act.TO_POST_OFFICE: gettext_lazy("The recipient collects it at a post office"),
    Act.TO_LOCKER: gettext_lazy("The recipient collects it at a locker"),
    Act.TO_SHOP: gettext_lazy("The recipient collects it at a shop"),
    Act.BACK: gettext_lazy("Send it back"),
    Act.ABANDON: gettext_lazy("Give it up: the courier destroys it"),
    Act.PART_AND_BACK: gettext_lazy("Deliver a part, send back the rest"),
    Act.PART_AND_ABANDON: gettext_lazy("Deliver a part, give up the rest"),
    Act.COD_CANCEL: gettext_lazy("Collect nothing"),
    Act.COD_AMEND: gettext_lazy("Collect another amount"),
}
COD_MODES: Mapping[CodMode, str | Promise] = {
    CodMode.CASH: gettext_lazy("Cash"),
    CodMode.BANK_CHEQUE: gettext_lazy("Bank cheque"),
    CodMode.CIRCULAR_CHEQUE: gettext_lazy("Circular cheque"),
    CodMode.POSTAL_CHEQUE: gettext_lazy("Postal cheque"),
    CodMode.ANY_CHEQUE: gettext_lazy("Cheque of any kind"),
}
FLAGS: Mapping[Flag, str | Promise] = {
    Flag.ATTEMPT: gettext_lazy("Tried in vain"),
    Flag.COLLECT: gettext_lazy("To be collected by the recipient"),
    Flag.REFUSED: gettext_lazy("Refused"),
    Flag.COD_UNPAID: gettext_lazy("The money was not at the door"),
    Flag.ACTION: gettext_lazy("Somebody has to act"),
    Flag.CLOCK: gettext_lazy("The days of the giacenza count"),
    Flag.CLAIM: gettext_lazy("The days of a claim count"),
    Flag.PERSON: gettext_lazy("To be looked at"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


def letter(known: Known, instruction: Instruction, *, sender: str, customer_code: str = "") -> Letter:
    """What the desk sends to a courier that takes no instruction by call (BRT, those by file). Italian, whoever reads
    the page: it is for the courier's branch. Amounts are EUR, VAT included."""
    with override("it"):
        lines = [
            _("Parcel %(number)s, our reference %(reference)s.")
            % {"number": known.number, "reference": known.reference},
            _("Instruction: %(act)s.") % {"act": ACTS[instruction.act]},
        ]
        to = instruction.address
        if to is not None:
            name = ", ".join(filter(None, [to.company, to.name]))
            place = f"{to.postcode} {to.city} {to.province}".strip()
            street = ", ".join(filter(None, [to.street, to.street2]))
            lines.append(_("New address: %(address)s.") % {"address": f"{name}, {street}, {place}"})
        if instruction.on is not None:
            lines.append(_("On %(day)s.") % {"day": f"{instruction.on:%d/%m/%Y}"})
        if instruction.place:
            lines.append(_("Place: %(place)s.") % {"place": instruction.place})
        if instruction.phone:
            lines.append(_("Recipient’s telephone: %(phone)s.") % {"phone": instruction.phone})
        if instruction.act == Act.COD_CANCEL or instruction.cod == 0:
            lines.append(_("Nothing is to be collected."))
        elif instruction.cod is not None:
            lines.append(_("Amount to collect: %(amount)s EUR.") % {"amount": comma(instruction.cod)})
        if instruction.note:
            lines.append(_("Note: %(note)s") % {"note": " ".join(instruction.note.split())})
        end = " ".join(filter(None, [sender, customer_code]))
        return Letter(
            _("Instruction for the held parcel %(number)s") % {"number": known.number}, "\n".join([*lines, "", end])
        )
