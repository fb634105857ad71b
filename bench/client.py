"""A small keep-alive client for loopback: bounded in count and time, in a process of its own."""

from __future__ import annotations

import http.client
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import NamedTuple

Request = tuple[str, Sequence[tuple[str, str]], bytes]  # path, headers, body


class Load(NamedTuple):
    """Requests per second and the 99th percentile of the answer time (ms)."""

    rate: float
    p99: float


def post(port: int, requests: Sequence[Request], *, clients: int) -> Load:
    """Sends each request once, shared among `clients` connections; every answer must be 200."""
    wires = [_wire(port, request) for request in requests]
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(clients, 2)) as pool:
        shares = [wires[n::clients] for n in range(clients)]
        groups = [shares[n :: min(clients, 2)] for n in range(min(clients, 2))]
        pool.map(_ready, range(min(clients, 2)))
        started = time.perf_counter()
        times = [t for group in pool.starmap(_clients, [(port, group) for group in groups]) for t in group]
        elapsed = time.perf_counter() - started
    return Load(len(wires) / elapsed, quantiles(times, n=100)[98] * 1000)


def _wire(port: int, request: Request) -> bytes:
    path, headers, body = request
    head = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def _ready(_n: int) -> None:
    """Starts the worker before the clock."""


def _clients(port: int, shares: Sequence[Sequence[bytes]]) -> list[float]:
    times: list[list[float]] = [[] for _ in shares]
    errors: list[BaseException] = []

    def run(n: int) -> None:
        try:
            times[n] = _client(port, shares[n])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(shares))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [t for share in times for t in share]


def _client(port: int, wires: Sequence[bytes]) -> list[float]:
    times = []
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for wire in wires:
            started = time.perf_counter()
            connection.sendall(wire)
            _read(connection.recv)
            times.append(time.perf_counter() - started)
    return times


def _read(receive: Callable[[int], bytes]) -> None:
    answer = b""
    while b"\r\n\r\n" not in answer:
        chunk = receive(65536)
        if not chunk:
            raise ConnectionError("The server closed the connection.")
        answer += chunk
    head, _sep, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise AssertionError(head.split(b"\r\n")[0].decode())
    if b"transfer-encoding: chunked" in head.lower():
        while not body.endswith(b"0\r\n\r\n"):
            body += receive(65536)
        return
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += receive(65536)


class Send(NamedTuple):
    """`at`: seconds from the beginning. `good`: the status of an answer that is one."""

    at: float
    kind: str
    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    good: int


class Answered(NamedTuple):
    kind: str
    ms: float
    status: int  # 0: none came
    good: bool


# ---- at their times


def at_their_times(port: int, schedules: Sequence[Sequence[Send]], *, threads: int) -> list[Answered]:
    """Sends each at its time, whether or not the one before was answered; each schedule by a process with so many
    connections."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(len(schedules)) as pool:
        pool.map(_ready, range(len(schedules)))
        start_at = time.monotonic() + 1.0
        jobs = [pool.apply_async(_senders, (port, list(one), threads, start_at)) for one in schedules]
        return [answer for job in jobs for answer in job.get(timeout=180)]


def _senders(port: int, schedule: Sequence[Send], threads: int, start_at: float) -> list[Answered]:
    waiting, lock, answers = iter(sorted(schedule, key=lambda send: send.at)), threading.Lock(), list[Answered]()

    def work() -> None:
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                send = next(waiting, None)
            if send is None:
                wire.close()
                return
            due = start_at + send.at
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                wire.request(send.method, send.path, send.body or None, dict(send.headers))
                answer = wire.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                wire.close()
                status = 0
            answers.append(Answered(send.kind, (time.monotonic() - due) * 1000, status, status == send.good))

    workers = [threading.Thread(target=work) for _number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers
