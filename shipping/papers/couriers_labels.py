"""A courier's own labels: passed through as they are, many of them as one file."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import BinaryIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from shipping.papers.errors import BadLabelFile, NothingToPrint

MOST_BYTES = 10 * 1024 * 1024  # a file
MOST_PAGES = 100
# What acts by itself or leads elsewhere has no place on a label.
_LIVELY = ("/Annots", "/AA", "/A", "/Metadata")


def checked(data: bytes) -> bytes:
    """`data`, unchanged, when it is a PDF that can be printed; raises BadLabelFile."""
    _read(data)
    return data


def write_merged(files: Iterable[bytes], out: BinaryIO) -> int:
    """All pages of `files` in their order as one PDF into `out`; how many. Ours (label.py) may be among them. Raises
    BadLabelFile for one that is no PDF, and then nothing is written; NothingToPrint when there is none."""
    writer = PdfWriter()
    for data in files:
        try:
            for page in _read(data).pages:
                for name in _LIVELY:
                    page.pop(name, None)
                writer.add_page(page)
        except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadLabelFile(reason=type(error).__name__) from None
    if not writer.pages:
        raise NothingToPrint
    writer.compress_identical_objects()
    writer.write(out)
    return len(writer.pages)


def _read(data: bytes) -> PdfReader:
    if not data.startswith(b"%PDF-"):
        raise BadLabelFile(reason="no PDF")
    if len(data) > MOST_BYTES:
        raise BadLabelFile(reason="too long")
    try:
        reader = PdfReader(io.BytesIO(data))
        pages = 0 if reader.is_encrypted else len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadLabelFile(reason=type(error).__name__) from None
    if reader.is_encrypted:
        raise BadLabelFile(reason="encrypted")
    if not 0 < pages <= MOST_PAGES:
        raise BadLabelFile(reason="pages")
    return reader
