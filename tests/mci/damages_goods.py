"""Ways to break what must always be true of orders, goods and parcels: see tests/mci/damages.py."""

from __future__ import annotations

from tests.mci.damages import ENTRY, POSTING, Damage

COPY_SALE = (
    "DROP INDEX wallet_entry_one_sale;"
    "INSERT INTO wallet_entry (kind, key, request_hash, reference, dropshipper_id, memo, at)"
    " SELECT kind, 'again', request_hash, reference, dropshipper_id, memo, at FROM wallet_entry"
    " WHERE key = 'order:{prepaid}:sale';"
    "INSERT INTO wallet_posting (entry_id, account_id, amount) SELECT " + ENTRY.format("again") + ", account_id, amount"
    " FROM wallet_posting WHERE entry_id = " + ENTRY.format("order:{prepaid}:sale") + ";"
)
FREE_COD = (
    "ALTER TABLE orders_order DROP CONSTRAINT orders_order_cod_amount;"
    "ALTER TABLE shipping_shipment DROP CONSTRAINT shipping_shipment_cash;"
)
FREE_STOCK = (
    "ALTER TABLE catalog_stock DROP CONSTRAINT catalog_stock_reserved;"
    "ALTER TABLE catalog_stock DROP CONSTRAINT catalog_stock_enough;"
)
ORDER = "UPDATE orders_order SET {} WHERE id = {}"
PARCEL = "UPDATE shipping_shipment SET {} WHERE reference = 'order:{}'"

GOODS: dict[str, Damage] = {
    "an external order has at most one order": {
        "twice in the inbox": (
            (
                "ALTER TABLE connectors_inboxorder DROP CONSTRAINT connectors_inbox_once;"
                "UPDATE connectors_inboxorder SET external_id = '7731'"
            ),
            "external order 7731: 2 rows; order {prepaid}",
        ),
    },
    "a dispatched order has its shipment and exactly one sale in the books, of its cost": {
        "without money": (
            "UPDATE wallet_entry SET reference = 'order:0' WHERE reference = 'order:{prepaid}'",
            "0 sales in the books",
        ),
        "with another's parcel": (PARCEL.format("reference = 'order:0'", "{prepaid}"), "shipment order:0"),
        "with the parcel of another reseller": (PARCEL.format("dropshipper_id = {other}", "{prepaid}"), "of {other}"),
        "charged otherwise than it cost": (ORDER.format("cost = cost + 0.01", "{prepaid}"), "1 sales in the books"),
        "charged twice": (COPY_SALE, "order {prepaid} (dispatched) of dropshipper {seller}"),
        "charged for nothing": (ORDER.format("cost = 0", "{prepaid}"), "1 sales in the books; cost 0.00"),
        "prepaid by a COD sale": (
            "UPDATE wallet_entry SET kind = 'cod_sale' WHERE key = 'order:{prepaid}:sale'",
            "0 sales in the books",
        ),
    },
    "the frozen figures of a dispatched order add up, to its lines and to what was held": {
        "more pieces": (
            "UPDATE orders_orderline SET quantity = quantity + 1 WHERE order_id = {prepaid}",
            "{prepaid}: g",
        ),
        "another price": ("UPDATE orders_orderline SET unit_net = 1.11 WHERE order_id = {cod}", "order {cod}: goods"),
        "a line that is not ours any more": (
            (
                "UPDATE orders_orderline SET ignored = true WHERE id = (SELECT min(id) FROM orders_orderline"
                " WHERE order_id = {prepaid})"
            ),
            "order {prepaid}: goods",
        ),
        "parts that are not the cost": (ORDER.format("vat = vat + 0.01", "{cod}"), "order {cod}: goods"),
        "a guarantee that nobody holds": (ORDER.format("guarantee = 5.17", "{prepaid}"), "guarantee 5.17, held 0"),
        "another guarantee": (ORDER.format("guarantee = guarantee - 0.01", "{cod}"), "order {cod}: goods"),
    },
    "money and parcels exist only for dispatched orders": {
        "money of none": (
            "UPDATE wallet_entry SET reference = 'order:0' WHERE reference = 'order:{prepaid}'",
            "that is gone: order:0",
        ),
        "money of one that was not sent": (
            "UPDATE wallet_entry SET reference = 'order:{ready}' WHERE key = 'order:{prepaid}:sale'",
            "of an order that is ready: order:{ready}",
        ),
        "COD of one that was not sent": (
            "UPDATE wallet_entry SET reference = 'order:{ready}' WHERE key = 'order:{cod}:sale'",
            "of an order that is ready: order:{ready}",
        ),
        "a parcel of none": (
            "ALTER TABLE orders_order DROP CONSTRAINT orders_order_dispatched_whole;"
            + ORDER.format("shipment_id = NULL", "{gone}"),
            "of an order that is gone: order:{gone}",
        ),
    },
    "of an order that was cancelled nothing is left in any account": {
        "never given back": (ORDER.format("state = 'cancelled'", "{prepaid}"), "order {prepaid}: "),
        "given back less a cent": (
            POSTING.format("-0.01", "wallet", "order:{cancelled}:sale:reversal")
            + ";"
            + POSTING.format("0.01", "sales", "order:{cancelled}:sale:reversal"),
            "order {cancelled}: -0.01 left in wallet",
        ),
    },
    "0 ≤ reserved ≤ on hand": {
        "below nothing": (FREE_STOCK + "UPDATE catalog_stock SET reserved = -1 WHERE variant_id = {C}", "reserved -1"),
        "more than there are": (
            FREE_STOCK + "UPDATE catalog_stock SET reserved = on_hand + 1 WHERE variant_id = {C}",
            "on hand 67, reserved 68",
        ),
    },
    "stock is the sum of its moves: on hand, and what open reservations hold": {
        "pieces from nowhere": (
            "UPDATE catalog_stock SET on_hand = on_hand + 1 WHERE variant_id = {C}",
            "68 but moves 67",
        ),
        "of what never had any": (
            "UPDATE catalog_stock SET on_hand = 1 WHERE variant_id = {F}",
            "on hand 1 but moves 0",
        ),
        "held by nobody": (
            "UPDATE catalog_stock SET reserved = reserved + 1 WHERE variant_id = {C}",
            "reserved 1 but open reservations 0",
        ),
        "a move that is gone": ("DELETE FROM catalog_stockmove WHERE kind = 'shipped'", "but moves"),
    },
    "each reservation holds what its order's lines say, until the parcel leaves or is cancelled": {
        "outlived its parcel": (
            PARCEL.format("state = 'shipped'", "{prepaid}"),
            "order:{prepaid}, variant {A}: reserved 3",
        ),
        "let go while the parcel waits": (
            "DELETE FROM catalog_stockmove WHERE reference = 'order:{prepaid}' AND variant_id = {B}",
            "order:{prepaid}, variant {B}: reserved 0, lines 2 (waiting)",
        ),
        "fewer than the lines": (
            "UPDATE catalog_stockmove SET reserved_change = 2 WHERE reference = 'order:{prepaid}' AND variant_id = {A}",
            "order:{prepaid}, variant {A}: reserved 2, lines 3 (waiting)",
        ),
        "let go while it is packed": (
            "DELETE FROM catalog_stockmove WHERE reference = 'order:{packed}' AND variant_id = {B}",
            "order:{packed}, variant {B}: reserved 0, lines 2 (waiting)",
        ),
        "held for one that was cancelled while its parcel waits": (
            ORDER.format("state = 'cancelled'", "{prepaid}"),
            "order:{prepaid}, variant {A}: reserved 3, lines 0 (not waiting)",
        ),
        "held for one that was cancelled": (
            "DELETE FROM catalog_stockmove WHERE reference = 'order:{cancelled}' AND reserved_change < 0",
            "order:{cancelled}, variant",
        ),
    },
    "COD booked is what the customer owes at the door, in EUR, below the law's limit (a courier's cap may change)": {
        "another currency": (FREE_COD + ORDER.format("currency = 'USD'", "{cod}"), "211.37 USD"),
        "an amount that nobody knows": (FREE_COD + ORDER.format("to_collect = NULL", "{cod}"), "to collect None EUR"),
        "another amount": (ORDER.format("to_collect = to_collect - 0.01", "{cod}"), "order {cod}: to collect 211.36"),
        "another at the parcel": (PARCEL.format("cod_amount = 211.36", "{cod}"), "parcel 211.36, books 211.37"),
        "another in the books": (
            POSTING.format("0.01", "cod_in_transit", "order:{cod}:sale")
            + ";"
            + POSTING.format("-0.01", "cod_due", "order:{cod}:sale"),
            "parcel 211.37, books 211.36",
        ),
        "nothing at all": (
            FREE_COD + ORDER.format("to_collect = 0", "{cod}") + ";" + PARCEL.format("cod_amount = 0", "{cod}") + ";"
            "UPDATE wallet_entry SET kind = 'adjustment' WHERE key = 'order:{cod}:sale'",
            "to collect 0.00 EUR, parcel 0.00, books 0",
        ),
        "over the law": (
            FREE_COD
            + ORDER.format("to_collect = 5000", "{cod}")
            + ";"
            + PARCEL.format("cod_amount = 5000", "{cod}")
            + ";"
            + POSTING.format("-4788.63", "cod_in_transit", "order:{cod}:sale"),
            "to collect 5000.00 EUR, parcel 5000.00, books 5000.00",
        ),
        "in the books of one that is prepaid": (ORDER.format("payment = 'prepaid'", "{cod}"), "books 211.37"),
        "at the parcel of one that is prepaid": (
            PARCEL.format("cod_amount = 7.31, cash = 'booked'", "{prepaid}"),
            "parcel 7.31, books 0",
        ),
        "only in the books of one that is prepaid": (
            ORDER.format("payment = 'prepaid'", "{cod}") + ";" + PARCEL.format("cod_amount = 0, cash = ''", "{cod}"),
            "parcel 0.00, books 211.37",
        ),
    },
    "COD booked = remitted + reversed, and what is open is a parcel whose cash is still out": {
        "called remitted without the money": (PARCEL.format("cash = 'remitted'", "{cod}"), "order:{cod} (to_pick): "),
        "of no parcel": (PARCEL.format("reference = 'x'", "{cod}"), "order:{cod} (no parcel)"),
        "remitted more than was booked": (
            POSTING.format("0.01", "cod_in_transit", "order:{remitted}:remittance"),
            "0.01 left in cod_in_transit",
        ),
        "remitted more than was booked, still out": (
            PARCEL.format("cash = 'collected'", "{remitted}")
            + ";"
            + POSTING.format("0.01", "cod_in_transit", "order:{remitted}:remittance"),
            "order:{remitted} (delivered): 0.01 left in cod_in_transit, cash collected",
        ),
        "less to come than nothing": (
            PARCEL.format("cash = 'collected'", "{remitted}")
            + ";"
            + POSTING.format("-0.01", "cod_due", "order:{remitted}:remittance"),
            "-0.01 left in cod_due, cash collected",
        ),
        "still to collect, and remitted": (
            PARCEL.format("cash = 'collected'", "{remitted}"),
            "0.00 left in cod_in_transit, cash collected",
        ),
        "said to be on the road, and remitted": (
            PARCEL.format("cash = 'booked'", "{remitted}"),
            "0.00 left in cod_in_transit, cash booked",
        ),
        "a guarantee that was kept": (
            POSTING.format("0.01", "held", "order:{remitted}:release"),
            "0.01 left in held, cash remitted",
        ),
    },
    "the transport documents of a year are numbered from 1 without gaps": {
        "one is gone": (
            "DELETE FROM orders_transportdocument WHERE order_id = {packed}",
            "1 documents, numbers 2 to 2",
        ),
        "one was left out": (
            "UPDATE orders_transportdocument SET number = number + 1 WHERE order_id = {prepaid}",
            "2 documents, numbers 1 to 3",
        ),
    },
}
