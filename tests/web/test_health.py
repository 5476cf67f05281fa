"""What machines watch."""

from datetime import timedelta

import pytest

from controller.core.outcome import Applied
from controller.core.run import Ended
from controller.errors import LedgerError


def test_a_living_process_is_healthy_whatever_ails_the_rest(site):
    site.break_ledger()
    site.queue.is_down = True

    assert (site.get("/healthz").status_code, site.get("/healthz").text) == (200, "ok")


def test_an_installation_that_can_work_is_ready(site):
    site.greet()
    site.reconcile_once()
    answer = site.get("/readyz")

    assert answer.status_code == 200
    assert set(answer.json().values()) == {"ok"}


@pytest.mark.parametrize("ailing", ["ledger", "broker", "default_branch", "workers"])
def test_each_ailment_is_named_and_alone(site, ailing):
    if ailing != "workers":
        site.greet()
    if ailing == "ledger":
        site.views.counts = _raise_ledger
    site.queue.is_down = ailing == "broker"
    if ailing != "default_branch":
        site.reconcile_once()
    answer = site.get("/readyz")

    assert answer.status_code == 503
    assert [name for name, finding in answer.json().items() if finding != "ok"] == [ailing]


def test_workers_without_terraform_are_an_ailment_unless_another_has_it(site):
    site.greet("w:1", "there is no Terraform")

    assert "w:1: there is no Terraform" in site.get("/readyz").json()["workers"]

    site.greet("w:2")
    site.reconcile_once()
    answer = site.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["workers"] == "ok, but w:1: there is no Terraform"
    ailments = {card["name"]: card["ailment"] for card in site.get("/api/v1/workers").json()}
    assert ailments == {"w:1": "there is no Terraform", "w:2": ""}


def test_a_worker_that_fell_silent_a_minute_ago_is_none(site):
    site.greet()
    site.reconcile_once()
    site.later = timedelta(seconds=61)
    answer = site.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["workers"] == "none was heard of in the last minute"


def test_where_every_worker_ails_each_says_why(site):
    site.greet("w:1", "there is no Terraform")
    site.greet("w:2", "the disk is full")
    answer = site.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["workers"] == "w:1: there is no Terraform; w:2: the disk is full"


def test_a_ledger_that_is_gone_ails_all_that_needs_it_and_breaks_nothing(site):
    site.break_ledger()
    answer = site.get("/readyz")

    assert answer.status_code == 503
    assert "ok" not in (answer.json()["ledger"], answer.json()["workers"])


def test_metrics_count_what_the_ledger_holds(site):
    site.end_run(Ended(Applied({})))
    site.open_run("users")
    text = site.get("/metrics").text

    assert 'infrautomater_requests{state="provisioned"} 1.0' in text
    assert 'infrautomater_runs{state="waiting"} 1.0' in text
    assert 'infrautomater_calls{state="unsent"}' in text


def _raise_ledger():
    raise LedgerError("the ledger's database failed")
