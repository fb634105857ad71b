"""The entry form's part that reads a pasted order: the text with what was made of it, and what a person must choose."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from orders.paste import filling
from orders.paste.cleaning import MOST


def asked(do: str, what: str, post: QueryDict, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """`read`: the text is read into what is empty; `take:field|value`: one of several that it names. The context of
    orders/_pasted_order.html."""
    text = post.get("whole", "")
    if not text.strip() or len(text) > MOST:
        return {}
    pasted = filling.read(text)
    chosen, _bar, value = what.partition("|")
    filled: list[str] = []
    if do == "read":
        filled = filling.fill(post, rows, pasted)
    elif any(
        value == one for choice in filling.choices(pasted) if choice.field == chosen for one, _shown in choice.values
    ):
        filling.take(post, chosen, value)
    return {
        "pasted": pasted,
        "pasted_marks": filling.marks(pasted),
        "pasted_choices": [
            choice for choice in filling.choices(pasted) if not (do == "take" and choice.field == chosen)
        ],
        "pasted_filled": len(filled),
    }
