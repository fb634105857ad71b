"""What the REST API answers about products, variations, categories and the settings that products depend on."""

from collections.abc import Callable
from typing import Any

from . import order_list
from .errors import RestError
from .rest import Call, paged

Doc = dict[str, Any]


def list_products(call: Call) -> Any:
    """By SKU or id variations are found too; else they are not in the list."""
    skus, ids = order_list.list_of(call.request, "sku"), order_list.list_of(call.request, "include")
    whole = call.request.param("sku")  # a SKU may have a comma in it
    search = call.request.param("search").lower()
    newest_first = call.request.param("order", "desc") == "desc"
    store = call.shop.products
    found = [
        doc
        for doc in sorted(store.everything(), key=lambda doc: doc["id"], reverse=newest_first)
        if (not skus or doc["sku"] in (*skus, whole)) and (not ids or str(doc["id"]) in ids)
        if (skus or ids or not doc.get("parent")) and search in doc["name"].lower()
    ]
    return [store.present(doc, call.home) for doc in paged(call, found, "products")]


def get_product(call: Call) -> Any:
    doc = call.shop.products.get(call.id)
    if doc is None:
        raise RestError("woocommerce_rest_product_invalid_id", "Invalid ID.", 404)
    return call.shop.products.present(doc, call.home)


def create_product(call: Call) -> Any:
    call.status = 201
    return _written(call, call.shop.products.create(call.given))


def change_product(call: Call) -> Any:
    return _written(call, call.shop.products.change(call.id, call.given))


def batch_products(call: Call) -> Any:
    store = call.shop.products
    return _batch(
        call,
        create=lambda item: _written(call, store.create(item)),
        update=lambda id_, item: _written(call, store.change(id_, item)),
    )


def _written(call: Call, doc: Doc) -> Doc:
    """What a write answers with: two keys more than a read."""
    shown = call.shop.products.present(doc, call.home)
    links = shown.pop("_links")
    return {
        **shown,
        "permalink_template": f"{call.home}/product/%pagename%/",
        "generated_slug": doc["slug"],
        "_links": links,
    }


def list_variations(call: Call) -> Any:
    _parent(call)
    newest_first = call.request.param("order", "desc") == "desc"
    ids = order_list.list_of(call.request, "include")
    found = sorted(call.shop.products.variations(call.id), key=lambda doc: doc["id"], reverse=newest_first)
    found = [doc for doc in found if not ids or str(doc["id"]) in ids]
    part = paged(call, found, f"products/{call.id}/variations")
    return [call.shop.products.present_variation(doc, call.home) for doc in part]


def batch_variations(call: Call) -> Any:
    _parent(call)
    store = call.shop.products
    return _batch(
        call,
        create=lambda item: store.present_variation(store.create(item, parent=call.id), call.home),
        update=lambda id_, item: store.present_variation(store.change(id_, item, parent=call.id), call.home),
    )


def _parent(call: Call) -> Doc:
    doc = call.shop.store.get("product", call.id)
    if doc is None:
        raise RestError("woocommerce_rest_product_invalid_id", "Invalid ID.", 404)
    return doc


def list_categories(call: Call) -> Any:
    found = paged(call, sorted(call.shop.categories.all(), key=lambda doc: doc["id"]), "products/categories")
    return [call.shop.categories.present(doc, call.home) for doc in found]


def batch_categories(call: Call) -> Any:
    store = call.shop.categories

    def unknown(_id: int, _item: Doc) -> Doc:
        raise RestError("woocommerce_rest_term_invalid", "Resource does not exist.", 404)

    return _batch(call, create=lambda item: store.present(store.create(item), call.home), update=unknown)


def _batch(call: Call, *, create: Callable[[Doc], Doc], update: Callable[[int, Doc], Doc]) -> Any:
    """At most 100 in all. The status is 200 even when an entry failed: its `error` says so."""
    if sum(len(call.given.get(part) or []) for part in ("create", "update", "delete")) > 100:
        text = "Unable to accept more than 100 items for this request."
        raise RestError("woocommerce_rest_request_entity_too_large", text, 413)
    answer: dict[str, list[Any]] = {}
    for kind in ("create", "update"):
        for item in call.given.get(kind) or []:
            id_ = int(item.get("id") or 0)
            try:
                done = create(item) if kind == "create" else update(id_, item)
            except RestError as error:
                done = {"id": id_, "error": error.body()}
            answer.setdefault(kind, []).append(done)
    return answer


def settings_of(call: Call) -> Any:
    """A page of settings: /settings/{group}."""
    group = call.request.path.rstrip("/").rpartition("/")[2]
    if group not in call.shop.settings:
        raise RestError("rest_setting_setting_group_invalid", "Invalid setting group.", 404)
    return [_setting(id_, value) for id_, value in call.shop.settings[group].items()]


def taxes(call: Call) -> Any:
    if call.shop.taxes.hidden:
        raise RestError("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 403)
    return paged(call, call.shop.taxes.rates, "taxes")


def _setting(id_: str, value: str) -> Doc:
    return {"id": id_, "label": "", "description": "", "type": "select", "value": value}


def setting(call: Call) -> Any:
    """One setting: /settings/{group}/{id}."""
    group, _, id_ = call.request.path.rstrip("/").partition("/settings/")[2].partition("/")
    if id_ not in call.shop.settings.get(group, {}):
        raise RestError("rest_setting_setting_invalid", "Invalid setting.", 404)
    return _setting(id_, call.shop.settings[group][id_])
