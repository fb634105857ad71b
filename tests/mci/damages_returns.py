"""Ways to break what must always be true of returns, losses and claims: see tests/mci/damages.py."""

from __future__ import annotations

from tests.mci.damages import Damage

LINES = "UPDATE orders_caseline SET {} WHERE case_id = {}"
CASE = "UPDATE orders_case SET {} WHERE id = {}"
FREE = "ALTER TABLE orders_caseline DROP CONSTRAINT orders_caseline_pieces;"

RETURNS: dict[str, Damage] = {
    "no piece is in two cases, nor in a case of another order": {
        "more pieces than were sent": (FREE + LINES.format("pieces = 77", "{back_case}"), "of order {came_back}: "),
        **{
            f"more pieces than were sent, in a case that is {state}": (
                FREE
                + LINES.format("pieces = 77", "{back_case}")
                + ";"
                + CASE.format(f"state = '{state}'", "{back_case}"),
                "of order {came_back}: ",
            )
            for state in ("asked", "approved", "arrived", "waiting")
        },
        "of another order": (CASE.format("order_id = {prepaid}", "{back_case}"), "of order {came_back}: "),
    },
    "a settled case is in the books once, with its total": {
        "another total": (
            "ALTER TABLE orders_case DROP CONSTRAINT orders_case_sum;"
            + CASE.format("total = total + 0.01", "{back_case}"),
            "case {back_case} of order {came_back}: total ",
        ),
        "not in the books": (
            "UPDATE wallet_entry SET key = 'x' WHERE key = 'order:{came_back}:return:{back_case}:credit'",
            "case {back_case} of order {came_back}: total ",
        ),
        "a loss of another total": (
            "ALTER TABLE orders_case DROP CONSTRAINT orders_case_sum;"
            + CASE.format("total = total + 0.01", "{lost_case}"),
            "case {lost_case} of order {lost}: total 0.01, booked 0",
        ),
    },
    "what a case brought back into stock is what it says": {
        "fewer": (LINES.format("restock = 0", "{back_case}"), "case {back_case}: 0 pieces as new, "),
        "before it was settled": (CASE.format("state = 'arrived'", "{back_case}"), "case {back_case}: "),
    },
    "what a courier paid for a claim is in the books once": {
        "another amount": (
            "UPDATE orders_claim SET paid = 1.23 WHERE case_id = {lost_case}",
            "of case {lost_case}: paid 1.23, booked 7.77",
        ),
        "never": (
            "UPDATE wallet_entry SET key = 'x' WHERE key = 'order:{lost}:return:{lost_case}:paid'",
            "of case {lost_case}: paid 7.77, booked 0",
        ),
    },
}
