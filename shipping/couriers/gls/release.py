"""What GLS is told to do with a held parcel. This call wants the number with its branch before it, every other the bare
one."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from shipping.couriers import markup
from shipping.couriers.base import Access, Act, Instruction, Known
from shipping.couriers.errors import GoneAtCourier, NotInstructed, OutcomeUnknown, TooLate
from shipping.couriers.figures import comma
from shipping.couriers.fitting import Limits, cut, fitted
from shipping.couriers.gls.booking import signs
from shipping.couriers.gls.client import account, no, post

KINDS = {
    Act.REDELIVER: 1,
    Act.NEW_DATE: 1,
    Act.PHONE_FIRST: 1,
    Act.COD_CANCEL: 1,
    Act.COD_AMEND: 1,
    Act.OTHER_ADDRESS: 2,
    Act.BACK: 3,
    Act.ABANDON: 4,
    Act.TO_DEPOT: 7,
    Act.PART_AND_BACK: 8,
    Act.PART_AND_ABANDON: 9,
}
_LIMITS = Limits(name=20, street=30, city=30, note=65)
_AGAIN = (1, 2)  # kinds of a new delivery: they say who pays and when


def release(access: Access, known: Known, instruction: Instruction) -> str:
    """Raises GoneAtCourier, TooLate, NotInstructed, OutcomeUnknown (it may have been taken, and it is charged)."""
    xml = f"<Info>{account(access)}<Spedizione>{_fields(access, known, instruction)}</Spedizione></Info>"
    root = post(access, "ReleaseShipmentStock", {"XMLInfoReleaseShipmentStock": xml}, making=True)
    answer = next((word for row in root.iter("Spedizione") if (word := markup.word(row, "Svincolo"))), "")
    if not answer:
        if words := markup.word(root, "DescrizioneErrore"):
            raise no(words)
        raise OutcomeUnknown(reason="Svincolo")
    plain = answer.casefold()
    if plain == "ok":
        return answer
    if "scadut" in plain:
        raise TooLate(text=answer)
    if "non trovat" in plain:
        raise GoneAtCourier
    raise NotInstructed(text=answer)


def prefixed(access: Access, known: Known) -> str:
    branch = known.extra.get("sede") or access.credentials.get("sede", "")
    return known.number if known.number.startswith(branch) else f"{branch}{known.number}"


def _fields(access: Access, known: Known, instruction: Instruction) -> str:
    act = instruction.act
    if act not in KINDS:
        raise NotInstructed(text=str(act))
    kind = KINDS[act]
    digits = re.sub(r"\D", "", instruction.phone.removeprefix("+39"))[:15]
    fields: list[tuple[str, object]] = [
        ("NumeroSpedizione", prefixed(access, known)),
        ("TipoSvincolo", kind),
        ("TelefonoDestinatario", digits),
        ("Note", cut(signs(instruction.note), 65, _LIMITS)),
    ]
    if instruction.phone_first or act == Act.PHONE_FIRST:
        if not digits:
            raise NotInstructed(text=_("the recipient’s telephone is needed"))
        fields.append(("ConPreavvisoTelefonico", "S"))
    if kind in _AGAIN:
        ours = instruction.at_sender_cost
        fields += [("SpeseAdMittente", "S" if ours else "N"), ("SpeseAdDestinatario", "N" if ours else "S")]
        if instruction.on:
            fields.append(("DataRiconsegna", f"{instruction.on:%d/%m/%y}"))
        elif act == Act.NEW_DATE:
            raise NotInstructed(text=_("the new date is needed"))
    if act == Act.COD_CANCEL or instruction.cod == 0:
        fields.append(("AnnullandoCAssegno", "S"))
    elif instruction.cod is not None:
        fields += [("VariandoCAssegno", "S"), ("NuovoImportoCAssegno", comma(instruction.cod))]
    elif act == Act.COD_AMEND:
        raise NotInstructed(text=_("the amount to collect is not known"))
    if kind == 2:
        fields += _address(instruction)
    return markup.tags(fields)


def _address(instruction: Instruction) -> list[tuple[str, object]]:
    if instruction.address is None:
        raise NotInstructed(text=_("the new address is needed"))
    put = fitted(instruction.address, "", _LIMITS, before=signs)
    return [
        ("CognomeNome", put.company or put.name),
        ("NuovoIndirizzo", put.street),
        ("NuovaLocalita", put.city),
        ("NuovoZipcode", instruction.address.postcode.strip()[:5]),
        ("NuovaProvincia", instruction.address.province.strip().upper()[:2]),
    ]
