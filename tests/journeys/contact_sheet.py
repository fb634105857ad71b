"""`python -m tests.journeys.contact_sheet folder`: index.html, which shows all pictures of the folder together: a row a
page and state, a column a width and theme."""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

NAME = re.compile(r"(?P<page>.+)-(?P<look>\d{3,4}-(?:light|dark))")
STYLE = """body { font: 14px system-ui; margin: 16px; background: #888 }
th { text-align: left; vertical-align: top; max-width: 16em; overflow-wrap: anywhere }
td { vertical-align: top; padding: 4px }
img { height: 420px; max-width: 760px; object-fit: cover; object-position: top; border: 1px solid #333 }"""


def sheet(folder: Path) -> str:
    """The page; which pictures it names lie beside it."""
    pages: dict[str, dict[str, str]] = {}
    for picture in sorted(folder.glob("*.png")):
        if found := NAME.fullmatch(picture.stem):
            pages.setdefault(found["page"], {})[found["look"]] = picture.name
    looks = sorted(
        {look for made in pages.values() for look in made}, key=lambda look: (-int(look.split("-")[0]), look)
    )
    rows = [
        f"<tr><th>{escape(page)}</th>"
        + "".join(
            f"<td>{f'<a href={made[look]}><img loading=lazy src={made[look]} alt=></a>' if look in made else ''}</td>"
            for look in looks
        )
        + "</tr>"
        for page, made in sorted(pages.items())
    ]
    head = "<tr><th></th>" + "".join(f"<th>{look}</th>" for look in looks) + "</tr>"
    title = f"<title>{len(pages)} pages</title><meta charset=utf-8><style>{STYLE}</style>"
    return f"<!doctype html>{title}<table>{head}{''.join(rows)}</table>"


if __name__ == "__main__":
    where = Path(sys.argv[1])
    (where / "index.html").write_text(sheet(where))
    sys.stdout.write(f"{len(list(where.glob('*.png')))} pictures: {where / 'index.html'}\n")
