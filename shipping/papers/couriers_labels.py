"""A courier's own labels: passed through as they are, many of them as one file."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from shipping.papers.errors import BadLabelFile, NothingToPrint

MOST_BYTES = 10 * 1024 * 1024  # a file
MOST_PAGES = 100
# What a reader may meet in a file that is damaged or made to harm.
_FAULTS = (PyPdfError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError, zlib.error)
# What acts by itself or leads elsewhere has no place on a label.
_LIVELY = ("/Annots", "/AA", "/A", "/Metadata")


def checked(data: bytes) -> bytes:
    """`data`, unchanged, when it is a PDF that can be printed; raises BadLabelFile."""
    _read(data)
    return data


def write_merged(files: Iterable[bytes], out: BinaryIO) -> int:
    """All pages of `files` in their order as one PDF into `out`; how many. Ours (label.py) may be among them. Raises
    BadLabelFile for one that is no PDF, and then nothing is written; NothingToPrint when there is none."""
    writer, whole = PdfWriter(), io.BytesIO()
    for data in files:
        reader = _read(data)
        with _faults():
            for page in reader.pages:
                for name in _LIVELY:
                    page.pop(name, None)
                writer.add_page(page)
    with _faults():
        if not writer.pages:
            raise NothingToPrint
        writer.compress_identical_objects()
        writer.write(whole)
        pages = len(writer.pages)
    out.write(whole.getbuffer())
    return pages


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        raise BadLabelFile(reason=type(error).__name__) from None


def _read(data: bytes) -> PdfReader:
    if not data.startswith(b"%PDF-"):
        raise BadLabelFile(reason="no PDF")
    if len(data) > MOST_BYTES:
        raise BadLabelFile(reason="too long")
    with _faults():
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise BadLabelFile(reason="encrypted")
        if not 0 < len(reader.pages) <= MOST_PAGES:
            raise BadLabelFile(reason="pages")
    return reader
