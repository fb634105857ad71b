"""What is not as it should be behind the pages: for /readyz and the staff's overview."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from mci.operation import backlog, heartbeat

OK = "ok"


@dataclass(frozen=True, slots=True)
class Watch:
    """Seconds by name. `silent`: who was not heard (None: never); `skewed`: whose clock is off the database's, and how
    far ahead; `late`: how long the oldest due row waits. Only what is beyond its bound."""

    silent: dict[str, float | None] = field(default_factory=dict)
    skewed: dict[str, float] = field(default_factory=dict)
    late: dict[str, float] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        return not (self.silent or self.skewed or self.late)


def look() -> Watch:
    """2 queries. Raises DatabaseError."""
    heard = heartbeat.readings()
    skewed = {name: found.skew for name, found in heard.items() if abs(found.skew) > heartbeat.MAX_SKEW_S}
    return Watch(heartbeat.silent(heard), skewed, backlog.late())


_MACHINES = {
    heartbeat.BEAT: _("the clockwork (beat)"),
    "money": _("Sincronizza of many orders"),
    "intake": _("reading what the shops sent"),
    "shops": _("speaking to the shops"),
    "house": _("sealing and nightly work"),
}
_WORK = {
    "deliveries": _("A message of a shop has waited to be read for %(minutes)s min."),
    "runs": _("A Sincronizza of many orders has waited to begin for %(minutes)s min."),
    "news": _("A shop has waited to be told of a parcel for %(minutes)s min."),
    "pulls": _("A shop has waited to be read for %(minutes)s min."),
}


def sentences() -> list[str]:
    """What the staff should know, in the reader's language; empty when all is well (2 queries)."""
    found = look()
    said = []
    for name, age in found.silent.items():
        what = {"machine": _MACHINES[name], "minutes": _minutes(age or 0)}
        never = _("Not heard yet: %(machine)s. Is its process running?")
        said.append((never if age is None else _("Silent for %(minutes)s min: %(machine)s.")) % what)
    for name, skew in found.skewed.items():
        what = {"machine": _MACHINES.get(name, name), "seconds": f"{skew:+.0f}"}
        said.append(_("A clock is off by %(seconds)s s: %(machine)s.") % what)
    said.extend(_WORK[kind] % {"minutes": _minutes(age)} for kind, age in found.late.items())
    return [str(sentence) for sentence in said]


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / 60))


def words(*, starting: bool) -> dict[str, str]:
    """For /readyz: beat, workers, clocks, backlog. What is only late is excused while this process is `starting`: so
    may be all the others."""
    try:
        found = look()
    except DatabaseError:
        return dict.fromkeys(("beat", "workers", "clocks", "backlog"), "unknown")
    queues = {name: age for name, age in found.silent.items() if name != heartbeat.BEAT}
    beat = "starting" if starting else _silence(found.silent.get(heartbeat.BEAT))
    workers = "starting" if starting else ", ".join(f"{name} {_silence(age)}" for name, age in queues.items())
    return {
        "beat": beat if heartbeat.BEAT in found.silent else OK,
        "workers": workers if queues else OK,
        "clocks": ", ".join(f"{name} {skew:+.0f} s" for name, skew in found.skewed.items()) or OK,
        "backlog": "starting"
        if starting and found.late
        else ", ".join(f"{kind} {age:.0f} s" for kind, age in found.late.items()) or OK,
    }


def _silence(age: float | None) -> str:
    return "silent" if age is None else f"silent for {age:.0f} s"
