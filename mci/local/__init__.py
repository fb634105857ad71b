"""The portal on one machine, nothing installed: PostgreSQL and Redis from wheels, web, worker, beat, demo shop.

`make run` is `python -m mci.local.run`; the tests use `mci.local.servers`. Nothing here runs in production, and nothing
here reads Django's settings: it decides the environment that the settings read.
"""
