"""The administration speaks the reader's language: what has a page there has a name in it."""

from __future__ import annotations

import pytest
from django.contrib.admin import site
from django.utils.functional import Promise
from django.utils.translation import override


@pytest.mark.parametrize("model", list(site._registry), ids=lambda model: model._meta.label)
def test_a_page_of_the_administration_has_a_name_of_its_own(model: type) -> None:
    for name in (model._meta.verbose_name, model._meta.verbose_name_plural):
        assert isinstance(name, Promise), f"{name!r} is made from the class"
        with override("en"):
            english = str(name)
        with override("it"):
            assert str(name) != english or english == "dropshipper"
