"""Who makes the demo's goods, and what must be said of them where they are sold (EU 2023/988). All invented."""

from __future__ import annotations

import random
from collections.abc import Iterable

from django.utils.text import slugify

from catalog.models import Maker

_STREETS = ("Via dell’Industria", "Via delle Officine", "Viale Europa", "Via Artigiani", "Strada Provinciale")
_TOWNS = ("20871 Vimercate (MB)", "36061 Bassano del Grappa (VI)", "41012 Carpi (MO)", "59100 Prato (PO)")
_FAR = ("3F, 88 Xingang East Road, Haizhu, Guangzhou 510335, China", "No. 17 Yongjia Road, Ningbo 315040, China")
_WARNINGS = {
    "Casa": "Tenere lontano da fonti di calore e fiamme libere.",
    "Cucina": "Tenere fuori dalla portata dei bambini durante l’uso.\nLavare prima del primo utilizzo.",
    "Illuminazione": "Scollegare dalla rete prima di sostituire la lampadina.\nSolo per uso interno, se non indicato.",
    "Fai da te": "Indossare guanti e occhiali di protezione.\nTenere fuori dalla portata dei bambini.",
    "Giardino": "Indossare guanti durante l’uso.\nRiporre in luogo asciutto.",
    "Elettronica": "Usare solo con l’alimentatore indicato.\nNon smaltire con i rifiuti domestici (RAEE).",
    "Bambini": "Attenzione! Non adatto a bambini di età inferiore a 36 mesi: contiene parti piccole.",
    "Benessere": "Non usare su pelle irritata o lesa.",
    "Animali": "Controllare regolarmente lo stato del prodotto e sostituirlo se danneggiato.",
    "Dispensa": "Conservare in luogo fresco e asciutto. Gli allergeni sono indicati in etichetta.",
}


def make(brands: Iterable[str]) -> dict[str, Maker]:
    """A maker for each brand; one in four is outside the EU and has a responsible person within it."""
    found = {}
    for brand in sorted(set(brands)):
        chance = random.Random(brand)
        site = f"{slugify(brand)}.example"
        if chance.random() < 0.25:
            found[brand] = Maker(
                name=f"{brand} Trading Co., Ltd.",
                address=chance.choice(_FAR),
                contact=f"safety@{site}",
                eu_name="Euroconforme S.r.l.",
                eu_address="Via Monte Napoleone 8, 20121 Milano (MI), Italia",
                eu_contact="gpsr@euroconforme.example",
            )
        else:
            found[brand] = Maker(
                name=f"{brand} S.r.l.",
                address=f"{chance.choice(_STREETS)} {chance.randint(1, 90)}, {chance.choice(_TOWNS)}, Italia",
                contact=f"info@{site}",
            )
    Maker.objects.bulk_create(found.values())
    return found


def warnings(category: str) -> str:
    """What is said of the goods of a category; nothing of those that need no warning."""
    return _WARNINGS.get(category, "")
