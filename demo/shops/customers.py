"""People who order in the demo: invented names, real towns with their postcodes, streets that every town has."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass

FIRST = (
    "Giulia Marco Chiara Luca Sofia Andrea Martina Matteo Francesca Alessandro Elena Davide Sara Simone Valentina "
    "Federico Alice Lorenzo Giorgia Riccardo Silvia Stefano Beatrice Antonio Ilaria Roberto Camilla Giovanni Noemi "
    "Emanuele Paola Filippo Laura Tommaso Serena Nicola Arianna Pietro Michela Daniele"
).split()
LAST = (
    "Rossi|Ferrari|Esposito|Bianchi|Romano|Colombo|Ricci|Marino|Greco|Bruno|Gallo|Conti|De Luca|Mancini|Costa|Giordano|"
    "Rizzo|Lombardi|Moretti|Barbieri|Fontana|Santoro|Mariani|Rinaldi|Caruso|Ferrara|Galli|Martini|Leone|Longo|Gentile|"
    "Martinelli|Vitale|Lombardo|Serra|Coppola|De Santis|D'Angelo|Marchetti|Parisi|Villa|Conte|Ferraro|Ferri|Fabbri|"
    "Bianco|Marini|Grasso|Valentini|Messina|Sala|De Angelis|Gatti|Pellegrini|Palumbo|Sanna|Farina|Rizzi|Monti|Però"
).split("|")
STREETS = (
    "Via Roma|Via Garibaldi|Via Mazzini|Corso Italia|Via Dante Alighieri|Via Cavour|Via Verdi|Viale della Repubblica|"
    "Via Matteotti|Via Marconi|Piazza San Marco|Via Leopardi|Via Manzoni|Via della Libertà|Corso Vittorio Emanuele II|"
    "Via XX Settembre|Via Trento|Via dei Mille|Viale Europa|Via Carducci|Vicolo Stretto|Via San Francesco|"
    "Via Giuseppe Di Vittorio|Via dell'Artigianato|Largo Europa|Via Aldo Moro|Via Galileo Galilei|Via Pascoli"
).split("|")
# Postcode, comune, provincia; those that come more than once have more people.
PLACES = (
    "20121 Milano MI|20131 Milano MI|20154 Milano MI|20900 Monza MB|24121 Bergamo BG|25121 Brescia BS|22100 Como CO|"
    "21100 Varese VA|26100 Cremona CR|27100 Pavia PV|10121 Torino TO|10137 Torino TO|28100 Novara NO|12100 Cuneo CN|"
    "15121 Alessandria AL|16121 Genova GE|16145 Genova GE|17100 Savona SV|18038 Sanremo IM|11100 Aosta AO|"
    "38122 Trento TN|39100 Bolzano BZ|37121 Verona VR|35121 Padova PD|36100 Vicenza VI|31100 Treviso TV|"
    "30173 Venezia VE|33100 Udine UD|34121 Trieste TS|40121 Bologna BO|40139 Bologna BO|41121 Modena MO|"
    "43121 Parma PR|42121 Reggio nell'Emilia RE|44121 Ferrara FE|47921 Rimini RN|48121 Ravenna RA|50121 Firenze FI|"
    "50143 Firenze FI|56121 Pisa PI|55100 Lucca LU|53100 Siena SI|52100 Arezzo AR|06121 Perugia PG|05100 Terni TR|"
    "60121 Ancona AN|61121 Pesaro PU|00183 Roma RM|00144 Roma RM|00195 Roma RM|00154 Roma RM|04100 Latina LT|"
    "65121 Pescara PE|67100 L'Aquila AQ|80121 Napoli NA|80137 Napoli NA|80131 Napoli NA|84121 Salerno SA"
    "|81100 Caserta CE|70121 Bari BA"
    "|70124 Bari BA|71121 Foggia FG|73100 Lecce LE|74121 Taranto TA|75100 Matera MT|85100 Potenza PZ|"
    "87100 Cosenza CS|89121 Reggio di Calabria RC|88100 Catanzaro CZ|90133 Palermo PA|90144 Palermo PA|95131 Catania CT"
    "|98121 Messina ME|97100 Ragusa RG|09124 Cagliari CA|07100 Sassari SS|30121 Venezia VE|80073 Capri NA"
).split("|")


@dataclass(frozen=True, slots=True)
class Customer:
    first: str
    last: str
    street: str
    postcode: str
    city: str
    province: str
    phone: str
    email: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


def customer(chance: random.Random) -> Customer:
    """Somebody; the same chance gives the same people."""
    first, last = chance.choice(FIRST), chance.choice(LAST)
    postcode, _space, place = chance.choice(PLACES).partition(" ")
    city, province = place[:-3], place[-2:]
    number = f"{chance.randint(1, 148)}{chance.choice(['', '', '', '/A', '/B', ' bis'])}"
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower()).encode("ascii", "ignore").decode()
    mail = f"{plain.replace(' ', '').replace(chr(39), '')}{chance.choice(['', '', chance.randint(70, 99)])}@example.it"
    phone = f"+39 3{chance.choice('2348')}{chance.randint(0, 9)} {chance.randint(1000000, 9999999)}"
    return Customer(first, last, f"{chance.choice(STREETS)} {number}", postcode, city, province, phone, mail)
