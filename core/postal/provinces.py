"""Italy's provinces as shops and people write them: today's letters, names, and letters that are no longer in use.

Nothing here asks the database: what a letter means is told by the postcode."""

from __future__ import annotations

import re
import unicodedata

# Letters → names. The first is the official one; the others are what people and shop systems write.
NAMES: dict[str, tuple[str, ...]] = {
    code: tuple(names.split("|"))
    for code, names in (
        line.split(" ", 1)
        for line in """\
AG Agrigento
AL Alessandria
AN Ancona
AO Valle d'Aosta/Vallée d'Aoste|Aosta|Valle d'Aosta|Vallée d'Aoste|Aosta Valley
AP Ascoli Piceno|Ascoli
AQ L'Aquila|Aquila
AR Arezzo
AT Asti
AV Avellino
BA Bari
BG Bergamo
BI Biella
BL Belluno
BN Benevento
BO Bologna
BR Brindisi
BS Brescia
BT Barletta-Andria-Trani|BAT|Barletta|Andria|Trani
BZ Bolzano/Bozen|Bolzano|Bozen|Alto Adige|Südtirol|South Tyrol|Alto Adige/Südtirol
CA Cagliari
CB Campobasso
CE Caserta
CH Chieti
CL Caltanissetta
CN Cuneo
CO Como
CR Cremona
CS Cosenza
CT Catania
CZ Catanzaro
EN Enna
FC Forlì-Cesena|Forlì|Cesena
FE Ferrara
FG Foggia
FI Firenze|Florence
FM Fermo
FR Frosinone
GE Genova|Genoa
GO Gorizia
GR Grosseto
IM Imperia
IS Isernia
KR Crotone
LC Lecco
LE Lecce
LI Livorno|Leghorn
LO Lodi
LT Latina
LU Lucca
MB Monza e della Brianza|Monza|Monza e Brianza|Monza Brianza|Brianza
MC Macerata
ME Messina
MI Milano|Milan
MN Mantova|Mantua
MO Modena
MS Massa-Carrara|Massa|Carrara|Massa e Carrara
MT Matera
NA Napoli|Naples
NO Novara
NU Nuoro
OR Oristano
PA Palermo
PC Piacenza
PD Padova|Padua
PE Pescara
PG Perugia
PI Pisa
PN Pordenone
PO Prato
PR Parma
PT Pistoia
PU Pesaro e Urbino|Pesaro|Urbino|Pesaro-Urbino
PV Pavia
PZ Potenza
RA Ravenna
RC Reggio Calabria|Reggio di Calabria
RE Reggio nell'Emilia|Reggio Emilia
RG Ragusa
RI Rieti
RM Roma|Rome|Roma Capitale
RN Rimini
RO Rovigo
SA Salerno
SI Siena
SO Sondrio
SP La Spezia|Spezia
SR Siracusa|Syracuse
SS Sassari
SU Sud Sardegna|South Sardinia
SV Savona
TA Taranto
TE Teramo
TN Trento|Trentino
TO Torino|Turin
TP Trapani
TR Terni
TS Trieste
TV Treviso
UD Udine
VA Varese
VB Verbano-Cusio-Ossola|VCO|Verbania|Verbano Cusio Ossola
VC Vercelli
VE Venezia|Venice
VI Vicenza
VR Verona
VT Viterbo
VV Vibo Valentia|Vibo""".splitlines()
    )
}
LETTERS = frozenset(NAMES)

SARDINIA = frozenset({"CA", "NU", "OR", "SS", "SU"})
SICILY = frozenset({"AG", "CL", "CT", "EN", "ME", "PA", "RG", "SR", "TP"})
CALABRIA = frozenset({"CS", "CZ", "KR", "RC", "VV"})

# No longer in use, but still in the lists of shop systems: what they are taken for where no postcode says better.
_FORMER = {
    "OT": "SS",  # Sardinia, 2005 to 2016
    "CI": "SU",
    "VS": "SU",
    "MD": "SU",
    "OG": "NU",
    "FO": "FC",  # until 1999
    "PS": "PU",
}
_FORMER_NAMES = {
    **dict.fromkeys(("Olbia-Tempio", "Olbia Tempio", "Olbia", "Gallura", "Gallura Nord-Est Sardegna"), "OT"),
    **dict.fromkeys(("Carbonia-Iglesias", "Carbonia", "Iglesias", "Sulcis Iglesiente", "Sulcis"), "CI"),
    **dict.fromkeys(("Medio Campidano", "Sanluri", "Villacidro"), "VS"),
    **dict.fromkeys(("Ogliastra", "Tortolì", "Lanusei"), "OG"),
}
# Younger provinces and the letters that a shop whose list is older offers in their place.
_OLDER: dict[str, frozenset[str]] = {
    letters: frozenset(older.split())
    for letters, older in (
        *(("MB", "MI"), ("LO", "MI"), ("FM", "AP"), ("BT", "BA FG"), ("RN", "FO"), ("BI", "VC"), ("VB", "NO")),
        *(("LC", "CO BG"), ("KR", "CZ"), ("VV", "CZ"), ("PO", "FI")),
    )
}
# The beginnings of the postcodes of each province; the longest one counts.
_POSTCODES = {
    entry[:-2]: entry[-2:]
    for entry in re.findall(
        r"\d+[A-Z]{2}",
        """
00RM 01VT 02RI 03FR 04LT 05TR 06PG 07SS 08NU 09SU 0907OR 0908OR 0909OR 0917OR 0912CA 0913CA 09012CA 09018CA 09028CA
09032CA 09033CA 09042CA 09044CA 09045CA 09047CA 09048CA 09067CA 09068CA 09069CA 10TO 11AO 12CN 13VC 138BI 139BI 14AT
15AL 16GE 17SV 18IM 19SP 20MI 208MB 209MB 21VA 22CO 23SO 238LC 239LC 24BG 25BS 26CR 268LO 269LO 27PV 28NO 288VB 289VB
29PC 30VE 31TV 32BL 33UD 3307PN 3308PN 3309PN 3317PN 34TS 3407GO 3417GO 35PD 36VI 37VR 38TN 39BZ 40BO 41MO 42RE 43PR
44FE 45RO 46MN 47FC 478RN 479RN 48RA 50FI 51PT 52AR 53SI 54MS 55LU 56PI 57LI 58GR 59PO 60AN 61PU 62MC 63AP 638FM 639FM
64TE 65PE 66CH 67AQ 70BA 71FG 72BR 73LE 74TA 75MT 76BT 80NA 81CE 82BN 83AV 84SA 85PZ 86CB 8607IS 8608IS 8609IS 8617IS
87CS 88CZ 888KR 889KR 89RC 898VV 899VV 90PA 91TP 92AG 93CL 94EN 95CT 96SR 97RG 98ME""",
    )
}
# Regions, by name and as ISO 3166-2 numbers them: IT-25 is Lombardy, not a province.
_REGIONS: dict[str, frozenset[str]] = {
    name: frozenset(letters.split())
    for names, letters in (
        ("21|piemonte|piedmont", "AL AT BI CN NO TO VB VC"),
        ("23", "AO"),
        ("25|lombardia|lombardy", "BG BS CO CR LC LO MB MI MN PV SO VA"),
        ("32|trentino alto adige|trentino alto adige sudtirol|trentino sud tirol|trentino south tyrol", "BZ TN"),
        ("34|veneto", "BL PD RO TV VE VI VR"),
        ("36|friuli venezia giulia|friuli", "GO PN TS UD"),
        ("42|liguria", "GE IM SP SV"),
        ("45|emilia romagna", "BO FC FE MO PC PR RA RE RN"),
        ("52|toscana|tuscany", "AR FI GR LI LU MS PI PO PT SI"),
        ("55|umbria", "PG TR"),
        ("57|marche|the marches", "AN AP FM MC PU"),
        ("62|lazio|latium", "FR LT RI RM VT"),
        ("65|abruzzo|abruzzi", "AQ CH PE TE"),
        ("67|molise", "CB IS"),
        ("72|campania", "AV BN CE NA SA"),
        ("75|puglia|apulia|puglie", "BA BR BT FG LE TA"),
        ("77|basilicata", "MT PZ"),
        ("78|calabria", " ".join(CALABRIA)),
        ("82|sicilia|sicily", " ".join(SICILY)),
        ("88|sardegna|sardinia", " ".join(SARDINIA)),
    )
    for name in names.split("|")
}
_FIVE = re.compile(r"\d{5}", re.ASCII)
_BEFORE = re.compile(
    r"^(?:regione|citta metropolitana|libero consorzio(?: comunale)?|provincia(?: autonoma)?|prov|province)"
    r"(?: (?:di|del|della|dell|de))? "
)


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z]+", plain))


_BY_NAME = {_plain(name): letters for letters, names in NAMES.items() for name in names}
_BY_NAME |= {_plain(name): letters for name, letters in _FORMER_NAMES.items()}


def read(text: str) -> str:
    """The two letters that `text` says, today's or former ones; "" when it says no province. `MI`, `it-mi`, `(mi)`,
    `Milano`, `Provincia di Milano` and `Milan` are MI."""
    written = text.strip()
    letters = re.sub(r"^IT[-_ ](?=[A-Z])|[^A-Z]", "", unicodedata.normalize("NFKC", written).upper())
    if len(letters) == 2 and (letters in LETTERS or letters in _FORMER):
        return letters
    named = re.search(r"[(\[/–-]\s*([A-Za-z]{2})\s*[)\]]?$", written)
    if named and (named[1].upper() in LETTERS or named[1].upper() in _FORMER):  # "Napoli (NA)", "Napoli - NA"
        return named[1].upper()
    name = _plain(written)
    return _BY_NAME.get(name) or _BY_NAME.get(_BEFORE.sub("", name), "")


def of_postcode(postcode: str) -> str:
    """The province of an Italian postcode, as near as the postcode alone can tell; "" for another."""
    postcode = postcode.strip()
    if not _FIVE.fullmatch(postcode):
        return ""
    return next((_POSTCODES[postcode[:n]] for n in (5, 4, 3, 2) if postcode[:n] in _POSTCODES), "")


def today(text: str, postcode: str) -> str:
    """Today's letters for a province as it is written, by the postcode where the letters alone do not tell (former
    ones, those of an older list, the name of the region); "" when `text` says no province. Letters that contradict the
    postcode are left: that is a question, not a writing."""
    letters, here = read(text), of_postcode(postcode)
    if not letters:
        return here if here in _region(text) else ""
    if letters in _OLDER.get(here, ()):
        return here
    if letters in _FORMER:
        return here if here in SARDINIA and _FORMER[letters] in SARDINIA else _FORMER[letters]
    return letters


def for_price(text: str, postcode: str) -> str:
    """The letters by which a courier's price is found: as `today`, but a postcode of an island is never priced as the
    mainland, whatever the letters say. "" when nothing tells."""
    letters, here = today(text, postcode), of_postcode(postcode)
    island = next((region for region in (SARDINIA, SICILY) if here in region), None)
    return here if island is not None and letters not in island else letters


def contradicts(letters: str, postcode: str) -> bool:
    """Whether today's `letters` and the postcode lie in parts of Italy with different prices: Sardinia, Sicily,
    Calabria, the rest."""
    here = of_postcode(postcode)
    if letters not in LETTERS or not here:
        return False
    return any((letters in region) != (here in region) for region in (SARDINIA, SICILY, CALABRIA))


def _region(text: str) -> frozenset[str]:
    number = re.fullmatch(r"(?:IT-?)?(\d\d)", text.strip().upper())
    return _REGIONS.get(number[1] if number else _BEFORE.sub("", _plain(text)), frozenset())
