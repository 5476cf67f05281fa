"""The pages and the API: what they show, and what they let nobody do."""

import pytest

from controller.core.hold import NoPull
from controller.core.outcome import Applied, Cause, Failed, Planned
from controller.core.plan import Action, AttributeChange, Plan, ResourceChange
from controller.core.run import Ended, Held
from controller.core.verdict import Risk, Verdict

SCRIPT = "<script>alert('x')</script>"
PLAN = Plan((ResourceChange(f'box.this["{SCRIPT}"]', Action.CREATE, {}),), "1.15.0")


def test_the_first_page_lists_requests_and_runs(site):
    run = site.end_run(Ended(Applied({"endpoint": "orders.example"})))
    page = site.get("/").text

    assert "dev/box/orders" in page
    assert "provisioned" in page
    assert f'href="/runs/{run}"' in page


def test_an_empty_site_says_what_to_do(site):
    page = site.get("/")

    assert page.status_code == 200
    assert "No request yet" in page.text


def test_a_run_shows_its_outputs_and_hides_hidden_ones(site):
    run = site.end_run(Ended(Applied({"endpoint": "orders.example", "note": None})))
    page = site.get(f"/runs/{run}").text

    assert "orders.example" in page
    assert "(hidden)" in page


@pytest.mark.parametrize(
    "state",
    [
        Ended(Applied({SCRIPT: SCRIPT})),
        Ended(Failed("apply", Cause.MISTAKE, SCRIPT, SCRIPT, (SCRIPT,), (SCRIPT,))),
        Ended(Planned(PLAN, Verdict(Risk.LOW, (SCRIPT,)), (SCRIPT,))),
        Held((NoPull(SCRIPT),), PLAN),
    ],
    ids=lambda state: type(getattr(state, "outcome", state)).__name__,
)
def test_hostile_text_is_shown_and_never_run(site, state):
    run = site.end_run(state, log=SCRIPT)
    for path in (f"/runs/{run}", "/", "/requests/dev/box/orders"):
        assert "<script" not in site.get(path).text
    assert "&lt;script&gt;" in site.get(f"/runs/{run}").text


def test_a_run_shows_its_plan_and_leads_to_its_pull(site):
    shown = AttributeChange("size", '"small"', '"large"')
    hidden = AttributeChange("password", None, None)
    resource = ResourceChange("module.this.box.this", Action.UPDATE, {}, attributes=(shown, hidden))
    run = site.end_run(Held((NoPull("c" * 40),), Plan((resource,))))
    page = site.get(f"/runs/{run}").text

    assert "module.this.box.this" in page and "&#34;large&#34;" in page
    assert '<code>password</code></td><td colspan="2">(hidden)</td>' in page
    assert 'href="https://github.com/acme/infrastructure/pull/7"' in page
    assert 'href="/pulls/7"' in page


def test_a_pull_lists_its_runs_and_leads_to_github(site):
    run = site.end_run(Ended(Applied({})))
    page = site.get("/pulls/7").text

    assert f'href="/runs/{run}"' in page
    assert 'href="https://github.com/acme/infrastructure/pull/7"' in page


def test_times_say_their_zone(site):
    site.end_run(Ended(Applied({})))

    assert " UTC</time>" in site.get("/").text


def test_what_is_not_there_is_a_page_for_people_and_json_for_programs(site):
    assert "<h1>Not found</h1>" in site.get("/runs/4711").text
    assert site.get("/api/v1/runs/4711").json()["detail"]


def test_hostile_paths_and_teams_are_escaped(site):
    site.open_run(path=f"requests/{SCRIPT}/x.yaml", team=SCRIPT)

    assert "<script" not in site.get("/").text + site.get("/requests/dev/box/orders").text


def test_no_page_may_load_or_run_anything_of_others(site):
    run = site.end_run(Ended(Applied({})))
    for path in ("/", f"/runs/{run}", "/healthz", "/api/v1/runs", "/nothing"):
        headers = site.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/runs/4711",
        "/requests/dev/box/none",
        "/catalog",
        "/pulls/4711",
        "/style.js",
    ],
)
def test_what_is_not_there_is_not_found(site, path):
    assert site.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/runs/99999999999999999999999",
        "/runs/-1",
        "/api/v1/runs/99999999999999999999999",
        "/api/v1/runs?before=99999999999999999999999",
        "/api/v1/runs?pull=99999999999999999999999",
        "/api/v1/runs/1/log?after=99999999999999999999999",
        "/api/v1/events?run=99999999999999999999999",
        "/?before=99999999999999999999999",
        "/?after=%00",
        "/api/v1/requests?after=%00&status=%00",
        "/api/v1/runs?request=nonsense",
        "/api/v1/runs?limit=0",
        "/api/v1/runs?limit=100000",
        "/runs/one",
    ],
)
def test_no_question_breaks_the_site(site, path):
    assert site.get(path).status_code in {200, 404, 422}


def test_the_style_comes_from_here(site):
    answer = site.get("/style.css")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")


def test_long_lists_are_paged_to_their_end(site):
    for number in range(53):
        site.open_run(f"orders-{number:02}")
    first = site.get("/").text
    assert "dev/box/orders-49" in first
    assert "/?after=dev.box.orders-49" in first

    second = site.get("/?after=dev.box.orders-49").text
    assert "/requests/dev/box/orders-52" in second
    assert "More requests" not in second
    assert "Older runs" in first

    older = site.get("/?before=4").text
    assert 'href="/runs/3"' in older
    assert 'href="/runs/4"' not in older


class TestApi:
    def test_requests_are_paged_by_key_and_found_by_status(self, site):
        for name in ("a", "b", "c"):
            site.open_run(name)
        site.end_run(Ended(Applied({"endpoint": "x"})), "d")
        first = site.get("/api/v1/requests?limit=2").json()
        rest = site.get("/api/v1/requests", params={"after": "dev.box.b", "limit": 2}).json()

        assert [request["id"]["name"] for request in first + rest] == ["a", "b", "c", "d"]
        (done,) = site.get("/api/v1/requests?status=provisioned").json()
        assert done["outputs"] == {"endpoint": "x"}

    def test_runs_are_paged_by_number_and_found_by_request_and_pull(self, site):
        runs = [site.open_run(name) for name in ("a", "b", "c")]

        def numbers(query):
            return [view["run"]["id"] for view in site.get(f"/api/v1/runs?{query}").json()]

        assert numbers("limit=2") == runs[:0:-1]
        assert numbers(f"before={runs[1]}") == runs[:1]
        assert numbers("request=dev/box/b") == numbers("request=dev.box.b") == runs[1:2]
        assert numbers("pull=7") == runs[::-1]
        assert numbers("pull=8") == []

    def test_one_run_its_log_and_its_events(self, site):
        run = site.end_run(Ended(Applied({})), log="hello\n")

        assert site.get(f"/api/v1/runs/{run}").json()["run"]["state"]["outcome"]["type"] == "applied"
        assert site.get(f"/api/v1/runs/{run}/log").json() == [[1, "hello\n"]]
        assert site.get(f"/api/v1/runs/{run}/log?after=1").json() == []
        events = site.get(f"/api/v1/events?run={run}").json()
        assert events[0]["after"] == "ended:applied"
        assert site.get("/api/v1/runs/99/log").status_code == 404

    def test_workers_are_listed(self, site):
        site.greet()

        (worker,) = site.get("/api/v1/workers").json()
        assert (worker["name"], worker["terraform"]) == ("w:1", "Terraform v1.15.0")

    def test_openapi_is_served_and_names_what_may_be_read(self, site):
        schema = site.get("/api/v1/openapi.json").json()

        assert "/api/v1/runs/{run}" in schema["paths"]
        assert "/webhooks/github" not in schema["paths"]
        assert {method for path in schema["paths"].values() for method in path} == {"get"}

    def test_no_interactive_docs_are_served(self, site):
        assert site.get("/docs").status_code == site.get("/redoc").status_code == 404

    def test_the_api_writes_nothing(self, site):
        run = site.open_run()
        for method in ("post", "put", "patch", "delete"):
            assert getattr(site.client, method)(f"/api/v1/runs/{run}").status_code == 405


@pytest.mark.parametrize("path", ["/", "/runs/1", "/api/v1/runs", "/api/v1/requests", "/metrics"])
def test_while_the_ledger_is_away_the_site_says_so(site, path):
    site.break_ledger()
    answer = site.get(path)

    assert answer.status_code == 503
    assert "ledger" in answer.text
    assert "SELECT" not in answer.text
