"""The journeys' own ground: server, worker and browser work together on the test's database."""

import time

from mci.operation import heartbeat
from tests import processes
from tests.journeys.eyes import faults


def test_a_real_worker_obeys_a_real_beat(celery_worker_process):
    end = time.monotonic() + 20
    while heartbeat.silent(heartbeat.readings()) and time.monotonic() < end:
        time.sleep(0.1)
    assert heartbeat.silent(heartbeat.readings()) == {}, "beat and the workers of every queue are heard"


def test_the_browser_reaches_the_server_that_sees_our_rows(browser_page, owner, sign_in, web):
    answer = browser_page.request.get("/readyz")
    assert answer.json()["database"] == "ok"
    assert answer.json()["migrations"] == "ok"
    sign_in(browser_page, owner)
    browser_page.goto("/")
    assert "/accounts/login" not in browser_page.url


def test_the_eyes_see_what_is_wrong(browser_page, owner, sign_in):
    sign_in(browser_page, owner)
    browser_page.goto("/orders/new/")
    assert faults(browser_page) == []
    browser_page.evaluate(
        """() => {
            document.querySelector("label[for=id_street]").remove();
            const main = document.querySelector("main");
            main.append(document.createElement("img"));
            main.append(document.createElement("div"));
            main.lastElementChild.style.width = "3000px";
            main.lastElementChild.style.height = "1px";
        }"""
    )
    found = faults(browser_page)
    assert {fault.split(":")[0] for fault in found} >= {"label", "image-alt", "wider than the window"}


def test_a_worker_is_gone_from_the_database_when_the_next_comes(worker_forks, transactional_db):
    for _time in range(2):
        with worker_forks() as seen:
            processes.wait_for(seen, lambda: "no session of the worker is seen")
        assert not seen()
