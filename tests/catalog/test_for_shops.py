"""What a shop needs of the catalogue: options, product safety, pictures that anybody can fetch."""

from __future__ import annotations

import pytest
from django.urls import reverse

from catalog import images, safety
from catalog.models import Maker, Product, ProductImage, Variant
from catalog.options import options_of
from tests.catalog import goods


def variants(*titles: str) -> list[Variant]:
    return [Variant(sku=f"S{number}", title=title) for number, title in enumerate(titles)]


@pytest.mark.parametrize(
    ("names", "titles", "wanted", "values"),
    [
        ("", ("",), (), ((),)),
        ("Colore", ("Nero",), (), ((),)),
        ("Colore / Taglia", ("Nero / S", "Nero / M"), ("Colore", "Taglia"), (("Nero", "S"), ("Nero", "M"))),
        ("Colore/Taglia", ("Nero / S", "Nero / M"), ("Colore", "Taglia"), (("Nero", "S"), ("Nero", "M"))),
        ("Misura", ("30 × 23", "40 × 30"), ("Misura",), (("30 × 23",), ("40 × 30",))),
        ("Colore / Taglia", ("Nero / S", "Blu"), ("Variant",), (("Nero / S",), ("Blu",))),
        ("Colore", ("Nero / S", "Blu"), ("Colore",), (("Nero / S",), ("Blu",))),
        ("", ("Nero", "Blu"), ("Variant",), (("Nero",), ("Blu",))),
        ("Colore", ("Nero", "nero"), ("Colore",), (("S0",), ("S1",))),
        ("Colore", ("", "Blu"), ("Colore",), (("S0",), ("Blu",))),
    ],
)
def test_every_variant_gets_values_of_its_own(
    names: str, titles: tuple[str, ...], wanted: object, values: object
) -> None:
    from django.utils import translation

    with translation.override("en"):
        found = options_of(Product(option_names=names), variants(*titles))
    assert (tuple(found.names), tuple(found.values)) == (wanted, values)


@pytest.mark.django_db
def test_the_safety_block_says_who_made_it_and_escapes_what_was_typed() -> None:
    maker = Maker(name="A & B <x>", address="Via Po 1", contact="a@b.example")
    html = safety.section(Product(maker=maker, warnings="Attento\n\n<b>Molto</b>"))
    assert html.startswith("<h3>")
    assert "A &amp; B &lt;x&gt;<br>Via Po 1<br>a@b.example" in html
    assert "Attento<br>&lt;b&gt;Molto&lt;/b&gt;" in html
    assert safety.section(Product()) == ""
    maker.eu_name, maker.eu_address, maker.eu_contact = "Euro S.r.l.", "Via Roma 2", "e@e.example"
    assert "Euro S.r.l.<br>Via Roma 2" in safety.html(Product(maker=maker))


@pytest.mark.django_db
def test_the_product_page_shows_it_or_says_that_it_is_missing(client_for, owner) -> None:  # type: ignore[no-untyped-def]
    maker = Maker.objects.create(name="Lumera S.r.l.", address="Via Po 1", contact="x@x.example")
    whole, bare = goods.variant(product=goods.product(maker=maker)).product, goods.variant().product
    client = client_for(owner)
    assert "Lumera S.r.l." in client.get(reverse("catalog:product", args=[whole.slug])).content.decode()
    assert "2023/988" in client.get(reverse("catalog:product", args=[bare.slug])).content.decode()


@pytest.mark.django_db
def test_the_responsible_person_is_told_whole(client_for, staff) -> None:  # type: ignore[no-untyped-def]
    client = client_for(staff)
    form = {"name": "Far Ltd", "address": "Canton", "contact": "f@far.example", "eu_name": "Euro S.r.l."}
    assert client.post(reverse("admin:catalog_maker_add"), form).status_code == 200
    assert not Maker.objects.exists()
    form |= {"eu_address": "Via Roma 2", "eu_contact": "e@e.example"}
    assert client.post(reverse("admin:catalog_maker_add"), form).status_code == 302
    assert Maker.objects.get().eu_contact == "e@e.example"


@pytest.mark.django_db
def test_pictures_are_served_to_anybody(client, settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.SITE_URL = "https://mci.example"
    assert images.public_url(ProductImage(file="products/1-1024.webp")) == (
        "https://mci.example/media/products/1-1024.webp"
    )
    product = goods.product()
    picture = images.add(product, goods.picture(), name="x")
    assert client.get(picture.file.url).status_code == 200
    images.remove(picture)
