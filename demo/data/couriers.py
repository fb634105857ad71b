"""Three invented couriers with their prices. Islands, supplements and what is not served are rows, not code."""

from __future__ import annotations

from decimal import Decimal

from shipping.models import Courier, Method, Rate, Zone, ZoneArea

ZONES: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "italia": ("Italia", [("IT", "", "")]),
    "calabria": ("Calabria", [("IT", code, "") for code in ("CS", "CZ", "KR", "RC", "VV")]),
    "isole": (
        "Sicilia e Sardegna",
        [("IT", code, "") for code in "AG CL CT EN ME PA RG SR TP CA NU OR SS SU".split()],
    ),
    # Capri, Ischia, Procida, Elba, Giglio, Ponza, Ventotene, Tremiti, Eolie, Egadi, Pantelleria, Lampedusa,
    # La Maddalena, Carloforte; Venice's lagoon.
    "disagiate": (
        "Isole minori e laguna di Venezia",
        [
            ("IT", "", prefix)
            for prefix in (
                "80071 80073 80074 80075 80076 80077 80079 57030 57031 57032 57033 57034 57036 57037 57038 57039 58012 "
                "04027 04031 71051 98050 98055 91023 91017 92031 07024 09014 3012 3013 3014"
            ).split()
        ],
    ),
    # Outside the customs or VAT territory: no method has a rate there.
    "extradoganale": ("Livigno e Campione d'Italia", [("IT", "", "23041"), ("IT", "", "22061"), ("IT", "", "23030")]),
    "san-marino": ("San Marino e Vaticano", [("SM", "", ""), ("VA", "", "")]),
    "europa": ("Europa occidentale", [(code, "", "") for code in "FR DE AT BE NL LU ES PT SI".split()]),
}
# code, name, COD cap, tracking, what its fields hold: name, street, city, e-mail, note
COURIERS = (
    (
        *("espresso-nord", "Espresso Nord", "999.00", "https://segui.espressonord.example/{tracking}"),
        (70, 35, 35, 70, 70),
    ),
    (
        *("freccia-italia", "Freccia Italia", "1999.99", "https://frecciaitalia.example/spedizioni/{tracking}"),
        (35, 35, 30, 40, 40),
    ),
    ("tirreno", "Tirreno Logistica", "3000.00", "https://tracking.tirreno.example/?n={tracking}", (35, 40, 30, 50, 30)),
)
KG = (2, 5, 10, 20, 30)
# code, courier, name, days, heaviest kg, COD (fixed, percent, minimum) or None, return or None,
# zone → price for each weight of KG; a zone in capitals: no COD there
METHODS = (
    (
        "nord-standard",
        "espresso-nord",
        "24/48 ore",
        (1, 2),
        30,
        ("1.50", "1.00", "2.50"),
        "5.00",
        {
            "italia": "5.20 6.10 7.60 10.90 14.50",
            "calabria": "5.90 6.90 8.60 12.10 16.00",
            "isole": "6.80 8.20 10.40 14.80 19.50",
            "DISAGIATE": "12.90 14.60 18.20 25.00 33.00",
        },
    ),
    (
        "freccia-standard",
        "freccia-italia",
        "48/72 ore",
        (2, 3),
        30,
        ("2.00", "0.80", "2.90"),
        None,
        {
            "italia": "4.60 5.40 6.80 9.90 13.20",
            "calabria": "5.20 6.10 7.70 11.00 14.60",
            "ISOLE": "6.20 7.50 9.60 13.90 18.40",
        },
    ),
    (
        "tirreno-economy",
        "tirreno",
        "Economy",
        (3, 5),
        30,
        ("0.00", "1.50", "2.00"),
        None,
        {
            "italia": "3.90 4.70 6.00 8.80 11.90",
            "calabria": "4.50 5.40 6.90 9.90 13.30",
            "isole": "5.60 6.80 8.80 12.70 16.90",
            "disagiate": "10.50 12.20 15.40 21.00 28.00",
            "SAN-MARINO": "7.90 9.20 11.50 15.90 20.50",
        },
    ),
    (
        "nord-mattina",
        "espresso-nord",
        "Entro le 12",
        (1, 1),
        20,
        None,
        None,
        {"italia": "9.80 11.40 14.20 19.80"},
    ),
    (
        "tirreno-europa",
        "tirreno",
        "Europa",
        (4, 7),
        30,
        None,
        "14.00",
        {"europa": "11.90 14.50 18.90 27.50 36.00"},
    ),
)


def make() -> dict[str, Method]:
    """Couriers, methods, zones and rates; the methods by code."""
    zones = {}
    for code, (name, areas) in ZONES.items():
        zones[code] = Zone.objects.create(code=code, name=name)
        ZoneArea.objects.bulk_create(
            [ZoneArea(zone=zones[code], country=c, province=p, postcode_prefix=prefix) for c, p, prefix in areas]
        )
    couriers = {
        code: Courier.objects.create(
            code=code,
            name=name,
            cod_cap=Decimal(cap),
            tracking_url=url,
            name_limit=limits[0],
            street_limit=limits[1],
            city_limit=limits[2],
            email_limit=limits[3],
            note_limit=limits[4],
            text_form="ascii",
        )
        for code, name, cap, url, limits in COURIERS
    }
    made, rates = {}, []
    for position, (code, courier, name, days, heaviest, cod, back, prices) in enumerate(METHODS):
        fixed, percent, least = (Decimal(text) for text in cod or ("0", "0", "0"))
        made[code] = Method.objects.create(
            courier=couriers[courier],
            code=code,
            name=name,
            days_min=days[0],
            days_max=days[1],
            max_weight_g=heaviest * 1000,
            cod_allowed=cod is not None,
            cod_fee_fixed=fixed,
            cod_fee_percent=percent,
            cod_fee_min=least,
            return_net=Decimal(back) if back else None,
            position=position,
        )
        for zone, nets in prices.items():
            rates += [
                Rate(
                    method=made[code],
                    zone=zones[zone.lower()],
                    max_weight_g=kg * 1000,
                    net=Decimal(net),
                    cod_allowed=zone.islower(),
                )
                for kg, net in zip(KG, nets.split(), strict=False)
            ]
    Rate.objects.bulk_create(rates)
    return made
