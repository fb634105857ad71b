"""Every amount that a reseller reads says what it is: net, with VAT, VAT itself, or money that only moves (a balance, a
guarantee, a top-up, what is taken at a door). By its own label, its column, or the page's line under the heading."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest

from tests import cast
from tests.journeys import world as worlds
from tests.journeys.addresses import SELLER
from tests.mci.test_pages_in_states import client_of

pytestmark = pytest.mark.django_db

AMOUNT = re.compile(r"\d[\d.]*[,.]\d\d\s?€")
TAX = re.compile(r"\b(nett[oaie]|net|IVA|VAT|lord[oaie]|gross)\b", re.IGNORECASE)
# Money that only moves has no VAT of its own. Each says which money it is.
MOVES = re.compile(
    r"saldo|disponibil|trattenut|garanzi|ricaric|bonific|portafoglio|mancan|contrassegn|alla porta|riscuot|incass"
    r"|balance|available|held|guarantee|top.?up|transfer|wallet|missing|\bCOD\b|at the door|collect"
    r"|cliente paga|customer pays|paga il cliente",
    re.IGNORECASE,
)
VOID = {
    *("area", "base", "br", "col", "hr", "img", "input", "link"),
    *("meta", "source", "use", "path", "line", "rect", "circle"),
}
UNSEEN = {"svg", "script", "style", "template"}
# What an amount may take its word from: no more than this much around it.
NEAR = 3


@dataclass(eq=False)
class Node:
    tag: str
    attributes: dict[str, str]
    parent: Node | None
    children: list[Node | str] = field(default_factory=list)

    def text(self) -> str:
        if self.tag in UNSEEN:
            return ""
        own = " ".join(child if isinstance(child, str) else child.text() for child in self.children)
        return " ".join(f"{own} {self.attributes.get('aria-label', '')} {self.attributes.get('title', '')}".split())

    def all(self, *tags: str) -> list[Node]:
        found = [self] if self.tag in tags else []
        for child in self.children:
            found += child.all(*tags) if isinstance(child, Node) else []
        return found

    def up(self, *tags: str) -> Node | None:
        node: Node | None = self
        while node is not None and node.tag not in tags:
            node = node.parent
        return node


class Tree(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = self.here = Node("root", {}, None)
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Node(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(made)
        if tag not in VOID:
            self.here = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        node: Node | None = self.here
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None and node.parent is not None:
            self.here = node.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def before(node: Node, tag: str) -> str:
    """The text of the last `tag` before a node among its siblings."""
    assert node.parent is not None
    place = node.parent.children.index(node)
    earlier = [one for one in node.parent.children[:place] if isinstance(one, Node) and one.tag == tag]
    return earlier[-1].text() if earlier else ""


def column(cell: Node) -> str:
    """The heading of a cell's column, and of its row."""
    table, row = cell.up("table"), cell.parent
    if table is None or row is None:
        return ""
    cells = [one for one in row.children if isinstance(one, Node) and one.tag in ("td", "th")]
    place = sum(int(one.attributes.get("colspan", "1")) for one in cells[: cells.index(cell)])
    heads = [head for top in table.all("thead")[:1] for head in top.all("th")]
    rows = " ".join(one.text() for one in cells if one.tag == "th")
    return f"{heads[place].text() if place < len(heads) else ''} {rows}"


def labels(node: Node) -> str:
    """All that an amount in `node` may take its word from."""
    said = [node.text()]
    if choice := node.up("option"):
        group = choice.up("optgroup")
        said += [choice.text(), group.attributes.get("label", "") if group else ""]
    elif cell := node.up("td"):
        said += [cell.text(), column(cell)]
    elif value := node.up("dd"):
        said += [value.text(), before(value, "dt")]
    else:
        around: Node | None = node
        for _n in range(NEAR):
            around = around.parent if around is not None else None
            if around is not None and around.tag not in ("main", "ul", "ol", "section", "root"):
                said.append(around.text())
    return " ".join(said)


def unsaid(page: str) -> list[str]:
    """The amounts of a page that do not say what they are, each with what stands around it."""
    tree = Tree(page)
    mains = tree.root.all("main")
    if not mains:
        return []
    leads = [node.text() for node in mains[0].all("div") if "ph-t" in node.attributes.get("class", "").split()]
    if any(TAX.search(lead) for lead in leads):
        return []
    found = []

    def walk(node: Node) -> None:
        if node.tag in UNSEEN:
            return
        for child in node.children:
            if isinstance(child, Node):
                walk(child)
            elif AMOUNT.search(child):
                around = labels(node)
                if not TAX.search(around) and not MOVES.search(around):
                    found.append(f"{' '.join(child.split())!r} in <{node.tag}>: {around[:140]!r}")

    walk(mains[0])
    return found


@pytest.mark.long
def test_every_amount_of_every_page_says_what_it_is(settings: Any) -> None:
    settings.MEDIA_ROOT = "/nonexistent"
    owner, has = worlds.build("seller")
    client, wrong, seen = client_of(owner), [], 0
    for name, addresses in SELLER.items():
        for address in addresses:
            answer = client.get(address.format(**has))
            if answer.status_code == 200 and not answer.streaming:
                text = answer.content.decode()
                seen += len(AMOUNT.findall(text))
                wrong += [f"{name} {address}: {one}" for one in unsaid(text)]
    assert seen > 300  # the pages are full of them
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("page", "is_said"),
    [
        ("<table><thead><tr><th>Prezzo</th></tr></thead><tr><td>12,00 €</td></tr></table>", False),
        ("<table><thead><tr><th>Prezzo netto</th></tr></thead><tr><td>12,00 €</td></tr></table>", True),
        (
            "<table><thead><tr><th>Netto</th><th>Prezzo</th></tr></thead><tr><td>1</td><td>2,00 €</td></tr></table>",
            False,
        ),
        ("<dl><dt>Margine</dt><dd>+1,00 €</dd></dl>", False),
        ("<dl><dt>Margine, IVA inclusa</dt><dd>+1,00 €</dd></dl>", True),
        ("<dl><dt>Netto</dt><dd>1,00 €</dd><dt>Margine</dt><dd>2,00 €</dd></dl>", False),
        ("<p>Costa 1.234,56 € ciascuno</p>", False),
        ("<p>Saldo 1.234,56 €</p>", True),
        ("<div class='ph-t'>Tutti gli importi con IVA</div><p>12,00 €</p>", True),
        ("<p>Tempo: 12:00</p>", True),
    ],
)
def test_the_reader_of_pages_tells_a_bare_amount(page: str, is_said: bool) -> None:
    """The control: what the walk above would find."""
    assert (unsaid(f"<main>{page}</main>") == []) is is_said


def test_the_catalogue_is_net_and_says_both(settings: Any) -> None:
    """The house's rule: prices of the catalogue are net, and the reseller is shown net, VAT and gross."""
    from tests.catalog import goods

    goods.variant(product=goods.product("Lampada", slug="lampada"), net_price="10.00", retail_price="29.90")
    page = client_of(cast.member(cast.dropshipper())).get("/catalog/lampada/").content.decode().split("<main")[1]
    for said in ("10,00", "2,20", "12,20", "29,90", "17,70"):
        assert said in page
