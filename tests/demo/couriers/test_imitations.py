"""The imitations do what their originals are known to do: asked by hand, without our own adapters."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import fromstring

import pytest

from demo.couriers import FakeCouriers, poste_held
from demo.couriers.labels import pdf, zpl


@pytest.fixture
def world() -> Iterator[FakeCouriers]:
    with FakeCouriers() as world:
        yield world


def call(url: str, method: str = "GET", body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    client = headers.pop("POSTE_clientID", "")
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        plain = {name.replace("_", "-"): value for name, value in headers.items()}
        if client:
            plain["POSTE_clientID"] = client
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body or None, plain)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


# ---- BRT

BRT: dict[str, Any] = {
    "senderCustomerCode": "1020999",
    "departureDepot": "020",
    "deliveryFreightTypeCode": "DAP",
    "consigneeCompanyName": "Maria Rossi",
    "consigneeAddress": "Via Roma 12",
    "consigneeZIPCode": "20121",
    "consigneeCity": "Milano",
    "consigneeCountryAbbreviationISOAlpha2": "IT",
    "numericSenderReference": "12",
    "alphanumericSenderReference": "MCI-000012",
    "numberOfParcels": 1,
    "weightKG": 1.2,
    "isCODMandatory": "0",
}


def brt(
    world: FakeCouriers, name: str = "createData", path: str = "shipment", method: str = "POST", **changes: Any
) -> Any:
    account = changes.pop("account", {"userID": world.brt.user, "password": world.brt.password})
    body = {
        "account": account,
        name: {**BRT, **changes},
        "isLabelRequired": "1",
        "labelParameters": {"outputType": "PDF"},
    }
    url = f"{world.brt.url}/rest/v1/shipments/{path}"
    status, answer = call(url, method, json.dumps(body).encode(), Content_Type="application/json")
    assert status == 200  # always
    [found] = json.loads(answer).values()
    return found


def code(found: Any) -> int:
    return found["executionMessage"]["code"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"account": {"userID": "1020999", "password": "wrong"}}, -7),
        ({"account": {}}, -57),
        ({"senderCustomerCode": "7"}, -67),
        ({"consigneeZIPCode": "99999"}, -63),
        ({"consigneeAddress": "V. 1"}, -5),
        ({"consigneeCity": "x" * 36}, -5),
        ({"isCODMandatory": False}, -5),
        ({"isCODMandatory": "1"}, -5),
        ({"isCODMandatory": "1", "cashOnDelivery": "49,90"}, -5),
        ({"numberOfParcels": 31}, -5),
        ({"numericSenderReference": "MCI"}, -5),
        ({"isCODMandatory": "1", "cashOnDelivery": 49.9}, 0),
    ],
)
def test_brt_says_everything_with_200(changes, expected, world) -> None:
    assert code(brt(world, **changes)) == expected
    assert len(world.brt.shelf) == (1 if expected == 0 else 0)


def test_brt_takes_the_same_reference_twice_and_then_does_not_know_which(world) -> None:
    brt(world)
    brt(world)
    assert len(world.brt.shelf.of("MCI-000012")) == 2
    assert code(brt(world, "confirmData", method="PUT")) == -154
    assert code(brt(world, "deleteData", "delete", "PUT")) == -154


def test_brt_is_busy_then_confirms_then_says_that_it_did(world) -> None:
    brt(world)
    world.brt.busy = 1
    assert [code(brt(world, "confirmData", method="PUT")) for _ in range(3)] == [-153, 0, -102]
    assert code(brt(world, "confirmData", method="PUT", alphanumericSenderReference="mci-000012")) == -151


def test_brt_changes_a_city_and_warns(world) -> None:
    world.brt.corrections["20121"] = "MILANO CENTRO"
    found = brt(world)
    assert (code(found), found["consigneeCity"]) == (4, "MILANO CENTRO")
    label = base64.b64decode(found["labels"]["label"][0]["stream"])
    assert label.startswith(b"%PDF")
    assert found["labels"]["label"][0]["parcelID"].encode() in label
    assert len(found["labels"]["label"][0]["trackingByParcelID"]) == 15


def test_brt_tells_the_newest_first_and_pads_with_nothing(world) -> None:
    piece = brt(world)["labels"]["label"][0]["trackingByParcelID"]
    number = next(iter(world.brt.shelf)).number
    for event in ("700", "701", "G02", "G"):
        world.brt.shelf.push(number, event)
    login = {"userID": world.brt.user, "password": world.brt.password}
    found = json.loads(call(f"{world.brt.url}/rest/v1/tracking/parcelID/{piece}", **login)[1])["ttParcelIdResponse"]
    assert [one["evento"]["id"] for one in found["lista_eventi"]] == ["G", "G02", "701", "700", "", "", "", ""]
    assert found["contatore_eventi"] == 4
    unknown = json.loads(call(f"{world.brt.url}/rest/v1/tracking/parcelID/{'1' * 15}", **login)[1])
    assert unknown["ttParcelIdResponse"]["esito"] == -11


# ---- GLS

PIECE = {
    "CodiceContrattoGls": "0001",
    "RagioneSociale": "Maria Rossi",
    "Indirizzo": "Via Roma, 12",
    "Localita": "Milano",
    "Zipcode": "20121",
    "Provincia": "MI",
    "Bda": "12",
    "Colli": "1",
    "PesoReale": "1,2",
    "TipoPorto": "F",
    "GeneraPdf": "4",
    "ContatoreProgressivo": "1201",
}
LOGIN = (
    "<SedeGls>V1</SedeGls><CodiceClienteGls>123456</CodiceClienteGls><PasswordClienteGls>demo-gls</PasswordClienteGls>"
)


def gls(world: FakeCouriers, *pieces: dict[str, str], login: str = LOGIN) -> tuple[int, Any]:
    rows = "".join(
        f"<Parcel>{''.join(f'<{name}>{value}</{name}>' for name, value in {**PIECE, **piece}.items())}</Parcel>"
        for piece in pieces
    )
    return gls_call(world, "AddParcel", XMLInfoParcel=f"<Info>{login}{rows}</Info>")


def gls_call(world: FakeCouriers, method: str, **form: str) -> tuple[int, Any]:
    url = f"{world.gls.url}/label/{method}"
    status, answer = call(url, "POST", urlencode(form).encode(), Content_Type="application/x-www-form-urlencoded")
    return status, fromstring(answer)


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"ImportoContrassegno": "49.90", "ModalitaIncasso": "CONT"}, "Importo contrassegno non valido"),
        ({"ImportoContrassegno": "-5,00", "ModalitaIncasso": "CONT"}, "Importo contrassegno non valido"),
        ({"PesoReale": "0"}, "Peso non valido"),
        ({"PesoReale": "1.2"}, "Peso non valido"),
        ({"Colli": "0"}, "Numero colli non valido"),
        ({"ImportoContrassegno": "5,00", "ModalitaIncasso": "CONT", "SHOP_ID": "1"}, "Contrassegno non ammesso"),
    ],
)
def test_gls_answers_a_bad_parcel_with_a_note_alone(changes, note, world) -> None:
    status, root = gls(world, changes)
    assert status == 200
    assert [(child.tag, child.text) for child in root.find("Parcel")] == [("NoteSpedizione", note)]
    assert len(world.gls.shelf) == 0


def test_gls_ignores_a_tag_that_it_does_not_know(world) -> None:
    assert gls(world, {"ShopID": "1", "ImportoContrassegno": "5,00", "ModalitaIncasso": "CONT"})[1].findtext(
        "Parcel/TotaleImportodaIncassare"
    ) == ("5.00")


def test_gls_says_a_wrong_login_alone_and_stumbles_over_one_within_a_parcel(world) -> None:
    status, root = gls(world, {}, login=LOGIN.replace("demo-gls", "x"))
    assert (status, [child.tag for child in root]) == (200, ["DescrizioneErrore"])
    assert gls(world, {}, login="")[0] == 500


def test_an_amount_on_every_piece_is_collected_as_many_times(world) -> None:
    money = {"ImportoContrassegno": "10,00", "ModalitaIncasso": "CONT"}
    root = gls(world, money, {**money, "ContatoreProgressivo": "1202"})[1]
    assert [one.findtext("TotaleImportodaIncassare") for one in root] == ["10.00", "20.00"]


@pytest.mark.parametrize(("rule", "merged"), [("same", True), ("bda", False), ("", False)])
def test_gls_merges_by_the_rule_of_the_branch(rule, merged, world) -> None:
    world.gls.merge = rule
    numbers = {gls(world, {"Bda": bda})[1].findtext("Parcel/NumeroSpedizione") for bda in ("12", "13")}
    assert (len(numbers) == 1) == merged


def test_gls_takes_an_address_that_it_cannot_find(world) -> None:
    parcel = gls(world, {"Zipcode": "99999"})[1].find("Parcel")
    assert parcel.findtext("DescrizioneSedeDestino") == "GLS Check"
    assert not parcel.findtext("SiglaSedeDestino")
    assert parcel.findtext("NumeroSpedizione").isdigit()
    assert gls(world, {"Zipcode": "99998", "Bda": "13"})[1].findtext("Parcel/NumeroSpedizione") == "999999999"


def test_gls_closes_by_the_bare_number_once(world) -> None:
    number = gls(world, {})[1].findtext("Parcel/NumeroSpedizione")

    def close(asked: str) -> str:
        tag = "NumeroDiSpedizioneGLSDaConfermare"
        xml = f"<Info>{LOGIN}<Parcel><{tag}>{asked}</{tag}></Parcel></Info>"
        return gls_call(world, "CloseWorkDayByShipmentNumber", _xmlRequest=xml)[1].findtext("Parcel/esito")

    assert close(f"V1{number}").startswith("Spedizione inesistente")
    assert close(number) == "OK"
    assert close(number).startswith("Spedizione inesistente")


def test_gls_deletes_a_closed_parcel_and_carries_it(world) -> None:
    number = gls(world, {})[1].findtext("Parcel/NumeroSpedizione")
    world.gls.shelf.number(number).state = "closed"
    account = {"SedeGls": "V1", "CodiceClienteGls": "123456", "PasswordClienteGls": "demo-gls"}
    assert "avvenuta" in gls_call(world, "DeleteSped", NumSpedizione=number, **account)[1].findtext("DescrizioneErrore")
    assert world.gls.shelf.number(number).state == "closed"


def test_gls_prints_later(world) -> None:
    gls(world, {"GeneraPdf": "3"})
    account = {"SedeGls": "V1", "CodiceCliente": "123456", "Password": "demo-gls", "CodiceContratto": "0001"}
    answers = [gls_call(world, "GetPdf", ContatoreProgressivo="1201", **account)[1].text for _ in range(2)]
    assert not answers[0]
    assert base64.b64decode(answers[1]).startswith(b"%PDF")


def test_gls_tracks_in_latin_1_newest_first_and_the_way_back_apart(world) -> None:
    number = gls(world, {})[1].findtext("Parcel/NumeroSpedizione")
    for event in ("905", "5", "73", "66"):
        world.gls.shelf.push(number, event, "Verrà consegnata")
    world.gls.shelf.push(number, "906", back=True)
    url = f"{world.gls.url}/track?{urlencode({'locpartenza': 'V1', 'NumSped': number, 'CodCli': '123456'})}"
    body = call(url)[1]
    assert "Verrà".encode("latin-1") in body
    root = fromstring(body).find("SPEDIZIONE")
    assert [one.text for one in root.findall("TRACKING/Codice")] == ["66", "73", "5", "905"]
    assert [one.text for one in root.findall("SPEDIZIONEDIRIENTRO/TRACKING/Codice")] == ["906"]
    assert root.findtext("StatoSpedizione") == "Non consegnato"


# ---- Poste


def party(**changes: str) -> dict[str, str]:
    usual = {"nameSurname": "Maria Rossi", "address": "Via Roma", "streetNumber": "12", "zipCode": "20121"}
    return {**usual, "city": "Milano", "country": "ITA1", "countryName": "Italia", **changes}


def poste(world: FakeCouriers, path: str, body: Any, token: str | None = None) -> tuple[int, Any]:
    if token is None:
        login = {"clientId": "demo-client", "secretId": "demo-poste", "scope": "default", "grantType": "x"}
        answer = call(
            f"{world.poste.url}/user/sessions", "POST", json.dumps(login).encode(), POSTE_clientID="demo-client"
        )[1]
        token = json.loads(answer)["access_token"]
    status, answer = call(
        f"{world.poste.url}/postalandlogistics/parcel/{path}",
        "POST",
        json.dumps(body).encode(),
        Authorization=f"Bearer {token}",
        POSTE_clientID="demo-client",
    )
    return status, json.loads(answer) if answer.startswith(b"{") else answer


def waybill(world: FakeCouriers, token: str | None = None, **changes: Any) -> tuple[int, Any]:
    declared = [{"weight": 1200, "height": 10, "length": 30, "width": 20}]
    data = {"declared": declared, "services": {}, "sender": party(), "receiver": party(), **changes}
    data = {name: value for name, value in data.items() if value is not None}
    row = {"clientReferenceId": "MCI-000012", "printFormat": "1011", "product": "APT000902", "data": data}
    return poste(world, "waybill", {"costCenterCode": "CDC-DEMO", "waybills": [row]}, token)


def test_poste_wants_services_even_when_there_are_none(world) -> None:
    found = waybill(world, services=None)[1]
    assert found["result"]["errorCode"] == 100
    assert found["waybills"] == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"declared": [{"weight": 1200, "height": 0, "length": 30, "width": 20}]}, 100),
        ({"receiver": party(email="maria@")}, 101),
        ({"receiver": party(nameSurname='La "Bella"')}, 101),
        ({"receiver": party(streetNumber="128/BIS")}, 101),
        ({"services": {"APT000918": {"amount": "10,00", "paymentMode": "CON"}}}, 101),
        ({"services": {"APT000918": {"amount": "2999.01", "paymentMode": "CON"}}}, 143),
        ({"services": {"APT000918": {"amount": "10.00", "paymentMode": "CON"}, "APT000948": {}}}, 141),
        ({"services": {"APT000918": {"amount": "2999.00", "paymentMode": "CON"}}}, 0),
    ],
)
def test_poste_says_an_error_of_the_row_in_the_row(changes, expected, world) -> None:
    found = waybill(world, **changes)[1]
    assert found["result"]["errorCode"] == 0
    assert found["waybills"][0]["errorCode"] == expected
    assert len(world.poste.shelf) == (1 if expected == 0 else 0)


def test_poste_s_label_address_expires(world) -> None:
    world.poste.label_lasts = 1
    link = waybill(world)[1]["waybills"][0]["downloadURL"]
    assert call(link)[1].startswith(b"%PDF")
    assert call(link)[0] == 403


def test_poste_s_token_expires_and_too_many_calls_are_turned_away(world) -> None:
    assert waybill(world, token="old")[0] == 401
    world.poste.per_minute = 2
    assert waybill(world)[0] == 200
    assert waybill(world)[0] == 429


def test_poste_lists_held_parcels_by_swapped_names(world) -> None:
    number = waybill(world)[1]["waybills"][0]["code"]
    poste_held.hold(world.poste, number)
    today = world.now().date().isoformat()

    def listed(**changes: str) -> Any:
        body = {"costCenters": ["CDC-DEMO"], "startDate": today, "endDate": today, **changes}
        return poste(world, "depositsList", body)[1]

    assert listed(status="RIFDEST", depositReason="INGIACENZA")["deposits"]["item"][0]["shipmentId"] == number
    assert listed(status="INGIACENZA", depositReason="RIFDEST")["result"]["errorCode"] == "E0002"
    assert listed(status="DESTASS")["result"]["errorCode"] == "E0003"
    assert listed(startDate="2026-01-01")["result"]["errorCode"] == "E0004"


def test_poste_releases_once_and_not_too_late(world) -> None:
    number = waybill(world)[1]["waybills"][0]["code"]

    def release() -> str:
        body = {"releaseAct": {"releaseAction": "AZ0005"}, "shipmentId": {"item": [{"barcode": number}]}}
        return poste(world, "depositsRelease", body)[1]["releaseOutcome"]["item"][0]["errorCode"]

    assert release() == "E0008"
    poste_held.hold(world.poste, number)
    assert release() == ""
    assert release() == "E0009"
    world.poste.release_closed.add(number)
    assert release() == "E0007"


# ---- all of them


@pytest.mark.parametrize("slug", ["brt", "gls", "poste"])
def test_a_fault_comes_before_or_after_what_was_asked(slug, world) -> None:
    make = {"brt": lambda: brt(world), "gls": lambda: gls(world, {}), "poste": lambda: waybill(world)}[slug]
    fake = world.services[slug]
    name = {"brt": "*/shipment", "gls": "AddParcel", "poste": "waybill"}[slug]
    fake.faults.add(name, drop=True)
    with pytest.raises((http.client.HTTPException, OSError)):
        make()
    assert len(fake.shelf) == 0
    fake.faults.add(name, drop=True, after=True)
    with pytest.raises((http.client.HTTPException, OSError)):
        make()
    assert len(fake.shelf) == 1


def test_the_page_lists_parcels_and_lets_something_happen(world) -> None:
    brt(world)
    [parcel] = world.brt.shelf
    assert parcel.number.encode() in call(world.url + "/")[1]
    form = urlencode({"courier": "brt", "number": parcel.number, "code": "704", "text": "consegnata"}).encode()
    assert call(world.url + "/push", "POST", form)[0] == 302
    assert [event.code for event in parcel.events] == ["704"]
    assert call(world.url + "/push", "POST", b"courier=brt&number=1")[0] == 404


def test_labels_are_whole() -> None:
    data = pdf(["BRT", "Niccolò (Ù) \\ ok"])
    start = int(data.rpartition(b"startxref\n")[2].split()[0])
    assert data[start:].startswith(b"xref")
    for at in range(1, 6):
        place = int(data[start:].splitlines()[2 + at].split()[0])
        assert data[place:].startswith(b"%d 0 obj" % at)
    assert zpl(["GLS"], "V1660000001").endswith(b"^XZ")
