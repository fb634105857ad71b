"""Pictures of the products, drawn for the demo (drawings/): no photograph of anybody, nothing to download."""

from pathlib import Path

_DRAWINGS = Path(__file__).with_name("drawings")
_FALLBACK = '<rect x="120" y="120" width="180" height="180" rx="24" fill="var(--colour)"/>'


def picture(art: str, hue: int) -> str:
    """An SVG of 420 × 420: a soft ground in the product's colour, and its shape."""
    file = _DRAWINGS / f"{art}.svg"
    shape = file.read_text(encoding="utf-8") if art.isalpha() and file.exists() else _FALLBACK
    for name, colour in (("colour", f"hsl({hue} 46% 44%)"), ("dark", "#2d2a26"), ("pale", "#ffffff")):
        shape = shape.replace(f"var(--{name})", colour)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 420" width="420" height="420">
<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1">
<stop offset="0" stop-color="hsl({hue} 52% 94%)"/><stop offset="1" stop-color="hsl({hue} 38% 84%)"/>
</linearGradient></defs>
<rect width="420" height="420" fill="url(#g)"/>
<ellipse cx="210" cy="362" rx="140" ry="12" fill="#000" opacity=".08"/>
{shape}</svg>
"""
