"""Looking a host's name up, once and within the time that is left; every answer must be public.

The system's own look-up cannot be ended: it runs in a thread that may be left behind. So that a server of names which
never answers does not gather threads without end, only a few wait at a time."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Sequence

MOST_WAITING = 16
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_waiting = threading.BoundedSemaphore(MOST_WAITING)


class NotPublic(Exception):
    """One of the addresses of a name leads to where no shop is."""


def public_address(host: str, port: int, *, blocked: Sequence[Network], within_s: float) -> str:
    """The address to call, as text. All of the name's must be public and in none of the `blocked` networks: one that
    leads inside is no mistake. Raises
    NotPublic; socket.gaierror for a name that is not known; TimeoutError."""
    found = [_plain(text) for text in _look_up(host, port, within_s)]
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    for address in found:
        if not is_public(address, blocked):
            raise NotPublic(str(address))
    return str(found[0])


def is_public(address: Address, blocked: Sequence[Network]) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    return not any(address in net for net in blocked if net.version == address.version)


def _plain(text: str) -> Address:
    address = ipaddress.ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def _look_up(host: str, port: int, within_s: float) -> Sequence[str]:
    if not _waiting.acquire(blocking=False):
        raise TimeoutError("too many names are being looked up")
    found: list[str] = []
    trouble: list[OSError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(str(address[0]) for _family, _type, _proto, _name, address in answers)
        except OSError as error:
            trouble.append(error)
        except UnicodeError:  # a name that no server could be asked for
            trouble.append(socket.gaierror(socket.EAI_NONAME, "not a name"))
        finally:
            _waiting.release()

    thread = threading.Thread(target=ask, name="names", daemon=True)
    thread.start()
    thread.join(within_s)
    if thread.is_alive():
        raise TimeoutError("the name was not looked up in time")
    if trouble:
        raise trouble[0]
    return found
