"""Files of orders: 5,000 rows read, checked and made into orders, against ten times what 500 take: both are linear."""

from __future__ import annotations

import time
from itertools import count

from accounts.models import User
from bench.report import Result
from bench.sincronizza import Stage
from orders.imports import acts, reading, taking, work
from orders.models import Import

ROWS = 5000
_HEAD = "Numero ordine;Destinatario;Indirizzo e civico;CAP;Città;Provincia;Telefono;SKU;Quantità"
_numbers = count(1)


def measure(*, rounds: int) -> list[Result]:
    stage, by = Stage("imports", "09999990584"), User.objects.create(email="imports@bench.example").pk
    times: dict[str, list[float]] = {
        name: [] for name in ("read", "read small", "check", "make", "small", "small make")
    }
    for _round in range(min(rounds, 2)):
        for size, names in ((ROWS // 10, ("read small", "small", "small make")), (ROWS, ("read", "check", "make"))):
            data = _file(size, stage.variants[0].sku)
            scale = ROWS / size
            started = time.perf_counter()
            reading.read(data)
            times[names[0]].append(scale * 1000 * (time.perf_counter() - started))
            batch, _new = taking.take(data, name="bench", marketplace="", dropshipper_id=stage.seller.pk, by=by)
            times[names[1]].append(scale * _worked(batch))
            acts.start(batch.key, by=by, dropshipper_id=stage.seller.pk)
            times[names[2]].append(scale * _worked(batch))
    return [
        Result(f"file of {ROWS:,}: read", "ms", times["read"], times["read small"], "10 × of 500", at_most=1.5),
        Result(f"file of {ROWS:,}: checked", "s", times["check"], times["small"], "10 × of 500", at_most=1.5),
        Result(f"file of {ROWS:,}: imported", "s", times["make"], times["small make"], "10 × of 500", at_most=1.5),
    ]


def _worked(batch: Import) -> float:
    started = time.perf_counter()
    work.advance(batch.pk)
    return time.perf_counter() - started


def _file(size: int, sku: str) -> bytes:
    rows = [_HEAD]
    for number in (next(_numbers) for _n in range(size)):
        rows.append(f"B-{number};Persona {number};Via Roma {number};10122;Torino;TO;333{number:07d};{sku};1")
    return "\r\n".join(rows).encode()
