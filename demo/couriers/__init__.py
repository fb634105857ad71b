"""Faithful imitations of couriers, made from public facts, for the tests and the demo. Each does on demand what its
original is known to do on a bad day."""

from demo.couriers.world import FakeCouriers

__all__ = ["FakeCouriers"]
