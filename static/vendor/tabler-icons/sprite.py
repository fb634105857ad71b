"""Makes icons.svg, our sprite, from the package @tabler/icons: `python sprite.py <package>/icons/outline < icons.txt > icons.svg`."""

import re
import sys
from pathlib import Path

source = Path(sys.argv[1])
print('<svg xmlns="http://www.w3.org/2000/svg">')
for name in sys.stdin.read().split():
    text = (source / f"{name}.svg").read_text()
    inner = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL).group(1)
    inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", inner)
    print(f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(inner.split())}</symbol>')
print("</svg>")
