"""Which code is damaged, and which tests are asked."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "var" / "mutants"  # the map of what tests pass over, the copies of the tree, the reports

ROOMS: dict[str, tuple[str, ...]] = {
    "wallet": ("wallet/**/*.py",),
    "orders": ("orders/**/*.py",),
    "catalog/stock": ("catalog/stock.py",),
    "shipping/quotes": ("shipping/tariffs/quotes.py",),
    "connectors: intake": ("connectors/intake/receive.py", "connectors/intake/deliveries.py"),
    "connectors: inbox": ("connectors/intake/upsert.py", "connectors/intake/page.py"),
    "connectors: news": ("connectors/news/sweep.py",),
    "connectors: stock": ("connectors/listings/stock.py", "connectors/listings/stock_sql.py"),
    "connectors: prices": (
        "connectors/listings/prices/drift.py",
        "connectors/listings/prices/formula.py",
        "connectors/listings/prices/levels.py",
        "connectors/listings/prices/rules.py",
        "connectors/intake/figures.py",
    ),
    "connectors: privacy": ("connectors/intake/privacy.py", "connectors/intake/traces.py"),
    "platforms: payment": (
        "connectors/platforms/payment_words.py",
        "connectors/platforms/*/deposits.py",
        "connectors/platforms/*/paid.py",
        "connectors/platforms/*/payment.py",
        "connectors/platforms/*/statuses.py",
    ),
    "platforms: orders": (
        "connectors/platforms/*/orders.py",
        "connectors/platforms/*/order_*.py",
        "connectors/platforms/*/lines.py",
        "connectors/platforms/*/refunds.py",
        "connectors/platforms/*/sums.py",
    ),
    "core/sealed": ("core/sealed.py",),
}

# Edges and words: they fetch, call one act and say what happened. Their pages are crawled and looked at by people.
EDGES = (
    "*/__init__.py",
    "*/admin.py",
    "*/apps.py",
    "*/chart.py",
    "*/field_names.py",
    "*/icons.py",
    "*/payment_reasons.py",
    "*/*forms.py",
    "*/migrations/*",
    "*/pages/*",
    "*/templatetags/*",
    "*/*urls.py",
    "*/*_words.py",
)
EDGES_THAT_ACT = (
    "connectors/platforms/payment_words.py",
    "orders/pages/desk.py",
    "orders/pages/export.py",
    "orders/pages/run.py",
    "wallet/pages/desk.py",
)

# The tests that are asked. Not those that drive a browser or other processes, or crawl all pages: too slow here.
ASKED = (
    "tests/catalog/*",
    "tests/connectors/*",
    "tests/orders/*",
    "tests/shipping/*",
    "tests/wallet/*",
    "tests/core/test_money.py",
    "tests/core/test_sealed.py",
    "tests/mci/test_exports.py",
    "tests/mci/test_reencrypt.py",
    "tests/mci/test_retention.py",
    "tests/mci/test_two_clocks.py",
    "tests/mci/test_verify.py",
)
# What a model says of its tables runs before any test: the test that compares it with the migrations is asked first.
MODELS = ("*/models.py", "*/models/*.py")
OF_MODELS = "tests/test_house.py::test_every_change_of_a_model_has_its_migration"
NOT_ASKED = ("tests/connectors/test_kills.py",)


def sources(root: Path = ROOT) -> dict[str, str]:
    """The path of every file that is damaged, with its room."""
    found: dict[str, str] = {}
    for room, patterns in ROOMS.items():
        for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
            name = path.relative_to(root).as_posix()
            if name in EDGES_THAT_ACT or not any(fnmatch(name, edge) for edge in EDGES):
                found.setdefault(name, room)
    return found


def is_of_tables(path: str) -> bool:
    return any(fnmatch(path, pattern) for pattern in MODELS)


def asked(root: Path = ROOT) -> Iterator[str]:
    for path in sorted((root / "tests").rglob("test_*.py")):
        name = path.relative_to(root).as_posix()
        if name not in NOT_ASKED and any(fnmatch(name, pattern) for pattern in ASKED):
            yield name
