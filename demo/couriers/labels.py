"""Small real labels: a PDF of one page (A6) and a ZPL, with the number in them."""

import base64
from collections.abc import Sequence


def _plain(text: str) -> str:
    plain = text.encode("latin-1", "replace").decode("latin-1")
    return plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def pdf(lines: Sequence[str], *, width: int = 298, height: int = 420) -> bytes:
    """One page with these lines, in points; as plain as a PDF can be, and whole: every reader opens it."""
    rows = " ".join(f"({_plain(line)}) Tj 0 -22 Td" for line in lines)
    content = f"BT /F1 14 Tf 24 {height - 40} Td {rows} ET".encode("latin-1")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R"
            " /Resources << /Font << /F1 5 0 R >> >> >>"
        ).encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)
    return bytes(out)


def zpl(lines: Sequence[str], barcode: str) -> bytes:
    """100×150 mm with a Code 128 (GLS's symbology; that of the others is not known)."""
    rows = "".join(f"^FO40,{60 + 50 * at}^A0N,36,36^FD{line}^FS" for at, line in enumerate(lines))
    return f"^XA^CI28{rows}^FO40,500^BY3^BCN,160,Y,N,N^FD{barcode}^FS^XZ".encode()


def packed(data: bytes) -> str:
    return base64.b64encode(data).decode()
