"""Carriers that the store makes a tracking address for, when their name is written as it knows it (capitals count)."""

from urllib.parse import quote

_ADDRESSES = {
    "BRT": "https://vas.brt.it/vas/sped_numspe_par.htm?nSpediz={}",
    "GLS Italy": "https://www.gls-italy.com/it/servizi-per-destinatari/ricerca-spedizione?match={}",
    "GLS": "https://gls-group.eu/EU/en/parcel-tracking?match={}",
    "Poste Italiane": "https://www.poste.it/cerca/index.html#/risultati-spedizioni/{}",
    "DHL Express": "https://www.dhl.com/it-it/home/tracking.html?tracking-id={}",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr={}",
    "UPS": "https://www.ups.com/track?tracknum={}",
    "TNT": "https://www.tnt.com/express/it_it/site/tracking.html?cons={}",
}


def address(company: str | None, number: str | None) -> str | None:
    """None: the carrier is not known by this name, and the customer gets no link."""
    pattern = _ADDRESSES.get(company or "")
    return pattern.format(quote(number, safe="")) if pattern and number else None
