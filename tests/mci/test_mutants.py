"""`make mutants` on a package of two lines: what a test notices, what none does, what hangs, what is exempt."""

from __future__ import annotations

import json
import os
import random
import time
from itertools import islice
from pathlib import Path

import pytest

from bench.mutants import change, exempt, plugin, rooms
from bench.mutants.ground import Tree
from bench.mutants.passes import Passes
from bench.mutants.report import Report
from bench.mutants.run import CannotJudge, Run

PRICE = '''"""Words."""
FREE_FROM = 100


def total(net, fee):
    if net >= FREE_FROM:
        fee = 0
    return net + fee


def halves(net):
    while net > 1:
        net = net / 2
    return net


def unheard(net):
    return net
'''
TESTS = """
from shop.price import halves, total


def test_a_small_order_pays_the_fee():
    assert total(50, 7) == 57


def test_a_large_one_does_not():
    assert total(200, 7) == 200


def test_halves():
    assert halves(8) == 1
"""


def planting(folder: Path) -> Tree:
    for path, text in {"shop/__init__.py": "", "shop/price.py": PRICE, "tests/test_price.py": TESTS}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return Tree(folder, {**environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return planting(tmp_path)


@pytest.fixture(scope="module")
def passes(tmp_path_factory: pytest.TempPathFactory) -> Passes:
    tree = planting(tmp_path_factory.mktemp("noted"))
    (tree.folder / "notes").mkdir()
    noted = tree.pytest("tests", **{plugin.NOTES: str(tree.folder / "notes"), plugin.SOURCES: "shop/price.py"})
    assert noted.code == 0, noted.output
    return Passes(json.loads(note.read_text())["tests"] for note in (tree.folder / "notes").iterdir())


def planted(removed: str, added: str) -> change.Mutant:
    source = change.Source("shop/price.py", PRICE)
    every = [mutant for number in range(len(source.changes)) if (mutant := source.mutant(number))]
    (found,) = {mutant.diff: mutant for mutant in every if mutant.diff == f"-{removed}\n+{added}"}.values()
    return found


def test_the_lines_know_the_tests_that_pass_over_them(passes: Passes) -> None:
    small, large, halves = (
        f"tests/test_price.py::test_{name}" for name in ("a_small_order_pays_the_fee", "a_large_one_does_not", "halves")
    )
    assert set(passes.over("shop/price.py", [6]).tests) == {small, large}
    assert passes.over("shop/price.py", [7]).tests == (large,)
    assert set(passes.over("shop/price.py", [2], at_import=True).tests) == {small, large, halves}
    assert passes.over("shop/price.py", [18]).tests == ()
    # What has definitions alone is passed over by nobody: its room is asked, the tests of its name first.
    named = Passes([{"tests/shop/test_errors.py::test_a": (0.1, {}), "tests/shop/test_price.py::test_b": (0.1, {})}])
    asked = named.over("shop/errors.py", [3], at_import=True).tests
    assert asked == ("tests/shop/test_errors.py::test_a", "tests/shop/test_price.py::test_b")
    assert named.over("shop/errors.py", [3]).tests == ()


def test_of_a_file_that_runs_before_any_test_its_room_is_asked() -> None:
    near, nearer, far = "tests/shop/test_price.py::a", "tests/shop/test_codes.py::b", "tests/else/test_codes.py::c"
    passes = Passes([{node: (0.1, {}) for node in (far, near, nearer)}])
    assert passes.over("shop/codes.py", [3], at_import=True).tests == (nearer, near)
    assert passes.over("shop/codes.py", [3]).tests == ()


@pytest.mark.long
def test_one_is_noticed_one_is_not_one_hangs_and_one_nobody_passes_over(
    tree: Tree, passes: Passes, capsys: pytest.CaptureFixture[str]
) -> None:
    noticed = planted("    return net + fee", "    return net - fee")
    not_noticed = planted("    if net >= FREE_FROM:", "    if net > FREE_FROM:")
    nobody = planted("    return net", "    return None")
    hangs = planted("        net = net / 2", "        net = net * 2")
    spared = planted("        fee = 0", "        fee = 1")
    rows = [exempt.Exemption("shop/price.py", "fee = 0", r"fee = 1$", "equivalent", "a fee of one is none")]
    report = Report({"shop/price.py": "shop"})
    run = Run(passes, rows, report, count=9, until=time.monotonic() + 300)
    run.all(iter([noticed, not_noticed, nobody, spared]), [tree])
    run.slack = 3.0
    run.all(iter([hangs]), [tree])

    assert (report.noticed["shop"], report.survived["shop"], dict(report.spared)) == (2, 2, {"equivalent": 1})
    said = capsys.readouterr().out
    assert "noticed   shop/price.py:8  tests/test_price.py::test_a_small_order_pays_the_fee" in said
    assert "noticed   shop/price.py:13  it hangs" in said
    told = report.text(7)
    assert "-    if net >= FREE_FROM:\n+    if net > FREE_FROM:\n  2 of the 2 tests that pass over it" in told
    assert "no test passes over it" in told
    assert "1 equivalent. SEED=7" in told
    assert (tree.folder / "shop" / "price.py").read_text() == PRICE


def test_a_test_that_fails_by_itself_is_no_notice(tree: Tree, passes: Passes) -> None:
    (tree.folder / "tests" / "test_price.py").write_text("import nowhere\n")
    run = Run(passes, [], Report({"shop/price.py": "shop"}), count=1, until=time.monotonic() + 300)
    with pytest.raises(CannotJudge):
        run.all(iter([planted("    return net + fee", "    return net - fee")]), [tree])


def test_a_seed_draws_the_same_again_and_time_and_number_are_bounds(passes: Passes, tree: Tree) -> None:
    def drawn(seed: int) -> list[str]:
        sources = [change.Source("shop/price.py", PRICE)]
        return [mutant.diff for mutant in islice(change.sample(sources, random.Random(seed)), 6)]

    assert drawn(3) == drawn(3)
    assert len({tuple(drawn(seed)) for seed in range(5)}) > 1
    mutants = change.sample([change.Source("shop/price.py", PRICE)], random.Random(1))
    for count, minutes in ((0, 60.0), (5, -1.0)):
        report = Report({"shop/price.py": "shop"})
        Run(passes, [], report, count=count, until=time.monotonic() + minutes).all(mutants, [tree])
        assert not report.noticed + report.survived


def test_words_types_and_how_rows_are_fetched_are_left_alone() -> None:
    text = """
from x import y

def act(rows: Optional[int], log):
    "Words."
    log.info("said", 1)
    raise Refused(_("Not now, %(name)s"), rows.select_related("a", "b"))
"""
    changes = {mutant.diff for mutant in change.sample([change.Source("a.py", text)], random.Random(1))}
    assert not [diff for diff in changes if "XX" in diff or "Optional" in diff]
    assert any(diff.endswith("+    pass") for diff in changes)


def test_what_is_exempt_says_why_and_rooms_and_tests_are_there() -> None:
    for row in exempt.table():
        assert row.kind in exempt.KINDS
        assert len(row.reason) > 20
        assert row.line in (rooms.ROOT / row.file).read_text(), "this line is no longer there: take its row out"
    found = rooms.sources()
    assert set(found.values()) == set(rooms.ROOMS)
    assert len(list(rooms.asked())) > 100
    file, _, test = rooms.OF_MODELS.partition("::")
    assert f"def {test}(" in (rooms.ROOT / file).read_text()
    assert rooms.is_of_tables("orders/models/order.py")
    assert not rooms.is_of_tables("orders/problems.py")
