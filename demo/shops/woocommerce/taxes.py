"""The shop's tax table: a rate of Italy for each of the classes that a new store has, but not for all goods."""

from typing import Any

Doc = dict[str, Any]
_FIRST = (("standard", "22.0000"), ("reduced-rate", "10.0000"))


class Taxes:
    """`rates`: rows of the table as the REST API writes them; a test may change them. `hidden`: the owner of the key
    may not see them."""

    def __init__(self) -> None:
        self.hidden = False
        self.rates: list[Doc] = []
        for name, rate in _FIRST:
            self.add(name, rate)

    def add(self, tax_class: str, rate: str, *, country: str = "IT", priority: int = 1, **more: Any) -> None:
        """Keys of the API: state, postcodes, cities, compound…"""
        self.rates.append(
            {
                "id": len(self.rates) + 1,
                "country": country,
                "state": "",
                "postcode": "",
                "city": "",
                "rate": rate,
                "name": "IVA",
                "priority": priority,
                "compound": False,
                "shipping": True,
                "order": 0,
                "class": tax_class,
                "postcodes": [],
                "cities": [],
                **more,
            }
        )
