"""A parcel as GLS's XML, one `Parcel` for each piece, and what its answer says was made of it."""

from __future__ import annotations

import base64
import binascii
import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from xml.etree.ElementTree import Element

from core.money import ZERO, BadAmount
from shipping.couriers import checks, markup
from shipping.couriers.base import (
    Access,
    Booked,
    BookedCollo,
    CodMode,
    Collo,
    Known,
    Label,
    LabelFormat,
    ParcelToBook,
    Warned,
)
from shipping.couriers.errors import OutcomeUnknown, ParcelRefused
from shipping.couriers.figures import comma, from_dot, kilos
from shipping.couriers.fitting import Limits, cut, door, fitted, limits_of
from shipping.couriers.gls.client import account, no
from shipping.couriers.markup import word

LIMITS = Limits(name=35, street=35, city=30, email=70, phone=16, note=80, reference=600)
MOST_COLLI = 99
_NOTE = 40  # on the label, and as much for the driver
NO_NUMBER = "999999999"
COD_CODES = {
    CodMode.CASH: "CONT",
    CodMode.CIRCULAR_CHEQUE: "AC",
    CodMode.BANK_CHEQUE: "AB",
    CodMode.POSTAL_CHEQUE: "AP",
    CodMode.ANY_CHEQUE: "ASS",
}
_ACCENTS = {ord(letter): f"{plain}'" for letter, plain in zip("àèéìòùÀÈÉÌÒÙ", "aeeiouAEEIOU", strict=True)}


def signs(text: str) -> str:
    """As GLS advises: an accent is an apostrophe, & is e."""
    return " ".join(re.sub(r"\s*&\s*", " e ", text).translate(_ACCENTS).split())


def counter(number: int, piece: int) -> str:
    """Nine digits that name a piece for GetPdf; alike whenever they are reckoned, so that a label whose answer was lost
    can be asked for."""
    return f"{(number * 100 + piece) % 1_000_000_000}"


def add_parcel(access: Access, parcel: ParcelToBook) -> str:
    pieces = (_piece(access, parcel, at, collo) for at, collo in enumerate(parcel.colli, start=1))
    return f"<Info>{account(access)}{''.join(pieces)}</Info>"


def _piece(access: Access, parcel: ParcelToBook, at: int, collo: Collo) -> str:
    limits = limits_of(access, LIMITS)
    # One sign is kept for the comma that GLS wants before the house number.
    room = replace(limits, street=(limits.street or 35) - 1)
    put = fitted(parcel.recipient, parcel.note, room, before=signs)
    street, number = door(put.street, 10)
    notes = textwrap.wrap(put.note, _NOTE)
    now, zpl = access.said("labels", "now") == "now", access.label_format == LabelFormat.ZPL
    fields: list[tuple[str, object]] = [
        ("CodiceContrattoGls", access.said("contract")),
        ("RagioneSociale", put.company or put.name),
        ("Indirizzo", f"{street}, {number}" if number else put.street),
        ("Localita", put.city),
        ("Zipcode", parcel.recipient.postcode.strip()),
        ("Provincia", parcel.recipient.province.strip().upper()),
        ("Bda", str(parcel.number)[-11:]),
        ("Colli", 1),
        ("PesoReale", kilos(collo.weight_g, sign=",")),
        ("NoteSpedizione", notes[0] if notes else ""),
        ("NoteAggiuntive", notes[1] if len(notes) > 1 else ""),
        ("TipoPorto", access.said("port", "F")),
        ("TipoCollo", 0),
        ("RiferimentoCliente", cut(parcel.reference, limits.reference, limits)),
        ("ContatoreProgressivo", counter(parcel.number, at)),
        ("Email", put.email),
        ("Cellulare1", put.phone),
        ("PersonaRiferimento", put.name[:50] if put.company else ""),
        ("ServiziAccessori", ",".join(parcel.services)[:50]),
        ("GeneraPdf", (6 if zpl else 4) if now else (5 if zpl else 3)),
        ("FormatoPdf", access.said("paper", "A6")),
        ("TipoSpedizione", "N" if parcel.recipient.country == "IT" else "P"),
    ]
    if volumetric := _volumetric(access, collo):
        fields.append(("PesoVolume", volumetric))
    if at == 1:  # on every piece it would be collected as many times
        if parcel.cod is not None:
            fields += [
                ("ImportoContrassegno", comma(parcel.cod)),
                ("ModalitaIncasso", checks.cod_code(access, COD_CODES, parcel.cod_mode)),
            ]
        if parcel.value is not None:
            fields.append(("Assicurazione", comma(parcel.value)))
    return f"<Parcel>{markup.tags(fields)}</Parcel>"


def _volumetric(access: Access, collo: Collo) -> str:
    factor = access.said("volumetric")
    if not factor.isdigit() or not collo.volume_cm3:
        return ""
    return kilos(collo.volume_cm3 * int(factor) // 1000, sign=",")


def booked(access: Access, parcel: ParcelToBook, root: Element) -> Booked:
    """Raises CourierLogin, CourierSettings (a lone DescrizioneErrore), ParcelRefused (no piece was made)."""
    made = [piece for piece in root.iter("Parcel") if word(piece, "NumeroSpedizione")]
    if not made:
        if words := word(root, "DescrizioneErrore") or (root.text or "").strip():
            raise no(words)
        notes = [word(piece, "NoteSpedizione") for piece in root.iter("Parcel")]
        if any(notes):
            raise ParcelRefused(text=next(filter(None, notes)))
        raise OutcomeUnknown(reason="InfoLabel")
    number = word(made[0], "NumeroSpedizione")
    if number == NO_NUMBER:
        raise ParcelRefused(text=word(made[0], "NoteSpedizione") or number)
    labels = list(_labels(made))
    colli = [
        BookedCollo(word(piece, "ContatoreProgressivo") or counter(parcel.number, at), word(piece, "Barcode2D"))
        for at, piece in enumerate(made, start=1)
    ]
    first = made[0]
    branch = word(first, "SiglaMittente") or access.credentials.get("sede", "")
    return Booked(
        known=Known(parcel.reference, number, parcel.number, tuple(colli), {"sede": branch}),
        labels=tuple(labels) if len(labels) == len(parcel.colli) else (),
        labels_later=len(labels) != len(parcel.colli),
        routing={
            name: word(first, tag)
            for name, tag in (
                ("depot", "SiglaSedeDestino"),
                ("depot_name", "DescrizioneSedeDestino"),
                ("zone", "CodiceZona"),
            )
            if word(first, tag)
        },
        warnings=tuple(_warnings(parcel, made)),
    )


def _labels(pieces: list[Element]) -> Iterator[Label]:
    for piece in pieces:
        name = word(piece, "ContatoreProgressivo")
        for tag, kind in (("PdfLabel", LabelFormat.PDF), ("Zpl", LabelFormat.ZPL)):
            if data := unpacked(word(piece, tag)):
                yield Label(kind, data, name)
                break


def unpacked(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _warnings(parcel: ParcelToBook, made: list[Element]) -> Iterator[Warned]:
    first = made[0]
    note = word(first, "NoteSpedizione")
    if not word(first, "SiglaSedeDestino") or word(first, "DescrizioneSedeDestino").casefold() == "gls check":
        yield Warned("gls_check", "street", parcel.recipient.street, text=note)
    numbers = {word(piece, "NumeroSpedizione") for piece in made}
    if len(numbers) > 1:
        yield Warned("several_numbers", given=", ".join(sorted(numbers)), serious=True)
    if len(made) < len(parcel.colli):
        yield Warned("pieces_missing", asked=str(len(parcel.colli)), given=str(len(made)), text=note, serious=True)
    total = word(first, "TotaleColli")
    due, asked = _due(first), parcel.cod or ZERO
    more = total.isdigit() and int(total) > len(parcel.colli)
    if more or word(first, "ProgressivoCollo") not in ("", "1"):
        yield Warned("merged", "colli", str(len(parcel.colli)), total, text=note, serious=True)
    if due is not None and due != asked:
        yield Warned("other_amount", "cod", f"{asked:.2f}", f"{due:.2f}", serious=True)


def _due(piece: Element) -> Decimal | None:
    try:
        text = word(piece, "TotaleImportodaIncassare")
        return from_dot(text) if text else None
    except BadAmount:
        return None
