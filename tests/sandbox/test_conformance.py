"""Everything that the box answers and delivers is asked for once, and held against GitHub's description.

The witness of `tests/conftest.py` looks on: a tour calls at every endpoint, after everybody who is to be refused has been.
"""

from collections import Counter, defaultdict

import pytest

from controller.sandbox.webhooks.posting import SENT
from tests.sandbox.stops import ARRIVING, LEAVING, STAYING
from tests.sandbox.touring import BY_LINE, FOR_READERS, NEVER_MISSING, operation, stops, touring

pytestmark = pytest.mark.edge
REFUSED = (
    "a bad token", "no token", "no role", "too small a role", "nothing there", "no JSON", "no object",
    "a wrong type",
)  # fmt: skip
# The box has no push restrictions, and says so; GitHub no longer publishes that it answers this one.
NEVER_GIVEN = {"GET …/branches/{}/protection/restrictions"}
UNPUBLISHED = {"GET /organizations/{}/team/{}/members/{}"}
APPS_OWN = {"installation", "installation_repositories"}


@pytest.fixture(scope="module")
def tour(tmp_path_factory, witness):
    before = Counter(witness.description.seen)
    witness.taken()
    with touring(tmp_path_factory.mktemp("tour") / "box") as tour:
        for stop in (*stops(ARRIVING), *stops(STAYING), *stops(LEAVING)):
            tour.visit(stop)
            if paged(witness.description, stop.line):
                tour.leaf(stop)
        assert tour.box.settle()
    # The witness has heard of the last answer when the box is at rest.
    tour.held, tour.violations = witness.description.seen - before, witness.taken()
    return tour


def paged(description, line):
    """Whether GitHub says that it is a list, and comes in pages."""
    read, found = description._resolved, operation(description, line)[1]
    names = {read(one)["name"] for one in found.get("parameters", ())}
    content = read(found.get("responses", {}).get("200", {})).get("content", {})
    schema = read(content.get("application/json", {}).get("schema", {}))
    return "per_page" in names and schema.get("type") == "array"


def wrong(tour, why):
    assert tour.said[why]
    return [f"{stop}: {status}" for stop, status, right in tour.said[why] if status not in right]


def test_every_endpoint_gives_what_it_is_there_for(tour):
    assert not wrong(tour, "success")
    given = {stop.line for stop, status, _ in tour.said["success"] if status < 300}
    assert BY_LINE.keys() - given == NEVER_GIVEN


def test_all_of_it_was_held_against_githubs_description(tour, witness):
    assert not tour.violations, "\n".join(dict.fromkeys(tour.violations))
    held = {name for (name, status) in tour.held if status.startswith("2")}
    unheld = {line for line in BY_LINE if operation(witness.description, line)[0] not in held}
    assert unheld == NEVER_GIVEN | UNPUBLISHED


@pytest.mark.parametrize("why", REFUSED)
def test_nobody_gets_what_is_not_theirs_not_there_or_wrongly_asked_for(tour, why):
    assert not wrong(tour, why)


def test_nobody_is_left_out_of_the_refusals(tour):
    asked = {why: {stop.line for stop, _, _ in said} for why, said in tour.said.items()}
    everything = BY_LINE.keys()
    guarded = {line for line, one in BY_LINE.items() if isinstance(one.permission, tuple) and one.permission}
    writing = {line for line in guarded if not line.startswith("GET ") and not FOR_READERS.search(line)}

    assert everything <= asked["a bad token"]
    assert guarded <= asked["no token"] & asked["no role"]
    assert guarded - NEVER_MISSING <= asked["nothing there"]
    assert writing <= asked["too small a role"]


def test_every_body_that_github_describes_is_sent_wrongly_too(tour, witness):
    asked = {stop.line for stop, _, _ in tour.said["no JSON"]}
    taking = {line for line in BY_LINE if "requestBody" in operation(witness.description, line)[1]}
    assert taking <= asked


def test_what_is_known_is_not_sent_again(tour):
    assert not wrong(tour, "what is known")


def test_every_list_is_the_same_page_by_page(tour):
    short = [str(stop) for stop, whole, _ in tour.pages if len(whole) < 2]
    torn = [str(stop) for stop, whole, found in tour.pages if whole != found]
    assert len(tour.pages) > 30 and not short and not torn


def test_no_answer_lacks_what_every_answer_has(tour):
    assert not tour.odd


def test_every_event_that_is_told_of_arrives_and_no_other(tour):
    came = defaultdict(set)
    for one in tour.receiver.received:
        kind = one.headers["X-GitHub-Hook-Installation-Target-Type"]
        came[kind].add((one.event, one.payload.get("action")))
    told = {(event, action) for event, actions in SENT.items() for action in actions or (None,)}

    assert came["repository"] == {one for one in told if one[0] not in APPS_OWN}
    assert came["integration"] == {one for one in told if one[0] != "ping"}
