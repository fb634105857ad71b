"""What can be said of a parcel before anybody is asked: what a courier would refuse, take for something else, or carry
without the money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.money import CASH_LIMIT
from shipping.couriers.base import Access, CodMode, ParcelToBook
from shipping.couriers.errors import CodOverCap, CourierSettings, NotForThisCourier
from shipping.couriers.figures import dot, in_cents
from shipping.errors import CodOverLaw

if TYPE_CHECKING:
    from shipping.couriers.contract import Courier


def settings(courier: Courier, access: Access) -> None:
    """Raises CourierSettings with all that is missing."""
    missing = [str(one.label) for one in courier.credentials if one.needed and not access.credentials.get(one.name)]
    missing += [str(one.label) for one in courier.settings if one.needed and not access.said(one.name, one.usual)]
    if missing:
        raise CourierSettings(courier=courier.name, text=", ".join(missing))


def parcel(courier: Courier, access: Access, parcel: ParcelToBook) -> None:
    """Raises CourierSettings, NotForThisCourier, CodOverCap, CodOverLaw."""
    settings(courier, access)
    to = parcel.recipient
    if not (to.name or to.company) or not to.street.strip() or not to.city.strip() or not to.postcode.strip():
        raise NotForThisCourier(text=_("name, street, postcode and city are needed"))
    if not 1 <= len(parcel.colli) <= courier.most_colli:
        raise NotForThisCourier(text=_("it takes %(most)s pieces at most") % {"most": courier.most_colli})
    if any(collo.weight_g <= 0 for collo in parcel.colli):
        raise NotForThisCourier(text=_("a piece has no weight"))
    if parcel.cod is not None:
        if in_cents(parcel.cod) <= 0:  # a COD parcel without an amount would be given away
            raise NotForThisCourier(text=_("the amount to collect is not known"))
        if parcel.cod_mode == CodMode.CASH and parcel.cod > CASH_LIMIT:
            raise CodOverLaw(amount=dot(parcel.cod))
        cap = access.cod_caps.get(parcel.cod_mode)
        if cap is not None and parcel.cod > cap:
            raise CodOverCap(amount=dot(parcel.cod), cap=dot(cap))


def cod_code(access: Access, usual: Mapping[CodMode, str], mode: CodMode) -> str:
    """The courier's code of a way to pay: what staff said (contract `cod_modes`), else the folder's. Raises
    NotForThisCourier where it has none."""
    own = access.contract.get("cod_modes")
    codes = {**usual, **(own if isinstance(own, Mapping) else {})}
    if mode not in codes:
        raise NotForThisCourier(text=_("it does not collect in this way (%(mode)s)") % {"mode": mode})
    return str(codes[mode])
