"""What GitHubRest makes of a GitHub that fails, limits, stays silent or talks nonsense."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from github import Auth

from controller.core.pull import (
    Permission,
    PullState,
    Queued,
    Remark,
    Review,
    ReviewDecision,
    Status,
    StatusState,
)
from controller.edge.github import GitHubRest, rest
from controller.errors import GitHubError, GitHubLimited, GitHubNotFound, GitHubRefused
from controller.ports import Comment

pytestmark = pytest.mark.edge

REPO = "/repos/acme/infrastructure"
COMMENTS = f"{REPO}/issues/7/comments"
SHA = "a" * 40
STATUSES = f"{REPO}/commits/{SHA}/statuses"
MARKER = "<!-- infrautomater:plan v1 -->"
PLAN = Comment(MARKER, f"{MARKER}\nplanned")
STATUS = Status(SHA, "infrautomater/plan", StatusState.SUCCESS, "1 to add")
BAD_GATEWAY = (502, b"<html>Bad gateway</html>")


def comment(number=1, body=PLAN.body, login="controller"):
    user = login and {"login": login}
    return {"id": number, "user": user, "body": body, "html_url": f"https://github.test/c/{number}"}


def pull(number=7, **more):
    head, base = {"ref": "branch", "sha": SHA}, {"ref": "main", "sha": SHA}
    plain = {
        "number": number,
        "title": "Add",
        "user": {"login": "ann"},
        "head": head,
        "base": base,
        "state": "open",
    }
    return {**plain, "merged_at": None, "merge_commit_sha": SHA, **more}


# --- nothing is posted twice -----------------------------------------------------------------------------------------


def test_a_comment_that_arrived_behind_a_502_is_not_posted_again(script):
    script.on("GET", COMMENTS, (200, []), (200, [comment()]))
    script.on("POST", COMMENTS, BAD_GATEWAY)
    assert script.github().say(7, PLAN) == "https://github.test/c/1"
    assert script.count("POST") == 1


def test_a_comment_that_did_not_arrive_behind_two_502s_is_posted_at_last(script):
    script.on("GET", COMMENTS, (200, []))
    script.on("POST", COMMENTS, BAD_GATEWAY, (500, {"message": "Oops"}), (201, comment(3)))
    assert script.github().say(7, PLAN) == "https://github.test/c/3"
    assert [verb for verb, _ in script.asked] == ["GET", "POST"] * 3


def test_a_comment_that_never_arrives_is_an_error_that_says_so(script):
    script.on("GET", COMMENTS, (200, []))
    script.on("POST", COMMENTS, BAD_GATEWAY)
    with pytest.raises(GitHubError, match=f"^GitHub answered POST {COMMENTS} with 502$") as caught:
        script.github().say(7, PLAN)
    assert script.count("POST") == 3
    assert not isinstance(caught.value, GitHubRefused)


def test_a_comment_whose_answer_is_late_is_looked_for_before_it_is_posted_again(script):
    late = threading.Event()

    def slow():
        late.wait(10)
        return 201, comment()

    script.on("GET", COMMENTS, (200, []), (200, [comment()]))
    script.on("POST", COMMENTS, slow)
    try:
        assert script.github(timeout=1).say(7, PLAN) == "https://github.test/c/1"
    finally:
        late.set()
    assert script.count("POST") == 1


def test_a_comment_whose_connection_broke_is_looked_for_before_it_is_posted_again(script):
    script.on("GET", COMMENTS, (200, []), (200, [comment()]))
    script.on("POST", COMMENTS, (None, None))
    assert script.github().say(7, PLAN) == "https://github.test/c/1"
    assert script.count("POST") == 1


def test_a_comment_that_is_only_almost_the_same_behind_a_502_is_edited(script):
    script.on("GET", COMMENTS, (200, [comment(body=f"{MARKER}\nplanning")]))
    script.on("PATCH", f"{REPO}/issues/comments/1", BAD_GATEWAY, (200, comment()))
    script.github().say(7, PLAN)
    assert script.count("PATCH") == 2 and script.count("POST") == 0


def test_one_of_ours_that_somebody_removed_meanwhile_is_no_error(script):
    script.on("GET", COMMENTS, (200, [comment(1), comment(2)]))
    assert script.github().say(7, PLAN) == "https://github.test/c/1"
    assert script.asked[-1] == ("DELETE", f"{REPO}/issues/comments/2")


def test_comments_of_deleted_accounts_and_without_a_body_are_not_ours(script):
    script.on("GET", COMMENTS, (200, [comment(1, login=None), comment(2, body=None)]))
    script.on("POST", COMMENTS, (201, comment(3)))
    assert script.github().say(7, PLAN) == "https://github.test/c/3"


def test_a_login_is_the_same_in_capitals(script):
    script.on("GET", COMMENTS, (200, [comment(login="Controller")]))
    assert script.github().say(7, PLAN) == "https://github.test/c/1"
    assert script.count("POST") == 0


def test_a_comment_on_a_commit_is_edited_in_place(script):
    thread = f"{REPO}/commits/{SHA}/comments"
    script.on("GET", thread, (200, [comment(4, f"{MARKER}\nheld")]))
    script.on("PATCH", f"{REPO}/comments/4", (200, comment(4)))
    assert script.github().say_on_commit(SHA, PLAN) == "https://github.test/c/4"
    assert script.bodies[-1] == {"body": PLAN.body}


def test_a_status_that_arrived_behind_a_502_is_not_sent_again(script):
    said = {"context": STATUS.context, "state": "success", "description": "1 to add", "target_url": None}
    script.on("GET", STATUSES, (200, []), (200, [said]))
    script.on("POST", f"{REPO}/statuses/{SHA}", BAD_GATEWAY)
    script.github().set_status(STATUS)
    assert script.count("POST") == 1


def test_a_reaction_that_was_lost_is_sent_again(script):
    script.on("POST", f"{REPO}/issues/comments/1/reactions", BAD_GATEWAY, (200, []))
    script.github().react(1, "eyes")
    assert script.count("POST") == 2


# --- reading is tried again ------------------------------------------------------------------------------------------


def test_reading_goes_through_two_bad_gateways(script):
    script.on("GET", f"{REPO}/pulls/7", BAD_GATEWAY, (503, b"", {"Retry-After": "3600"}), (200, pull()))
    assert script.github().pull(7).number == 7


def test_reading_from_a_github_that_is_down_is_an_error(script):
    script.on("GET", f"{REPO}/pulls/7", BAD_GATEWAY)
    with pytest.raises(GitHubError, match=f"^GitHub answered GET {REPO}/pulls/7 with 502$"):
        script.github().pull(7)
    assert script.count("GET") == 3


def test_an_outage_while_looking_is_not_made_longer_by_looking_again(script):
    script.on("GET", COMMENTS, BAD_GATEWAY)
    with pytest.raises(GitHubError):
        script.github().say(7, PLAN)
    assert len(script.asked) == 3


def test_no_answer_is_given_up_after_the_timeout(script):
    late = threading.Event()
    script.on("GET", f"{REPO}/pulls/7", lambda: (late.wait(10), {}))
    began = time.monotonic()
    try:
        with pytest.raises(GitHubError, match=f"GitHub did not answer GET {REPO}/pulls/7 within 1 s"):
            script.github(timeout=1).pull(7)
    finally:
        late.set()
    assert time.monotonic() - began < 9


def test_no_server_at_all_is_said_in_the_networks_own_words():
    github = GitHubRest(
        Auth.Token("s3cret-token"), "acme/infrastructure", base_url="http://127.0.0.1:1", pause=0
    )
    with pytest.raises(
        GitHubError, match=r"cannot be reached for GET /repos/.*/pulls/7: .*Connection refused"
    ):
        github.pull(7)


# --- limits ----------------------------------------------------------------------------------------------------------


def limited(status=403, message="API rate limit exceeded for user ID 1.", **headers):
    return status, {"message": message}, {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.mark.parametrize(
    "answer",
    [
        lambda now: limited(X_RateLimit_Remaining="0", X_RateLimit_Reset=str(now + 600)),
        lambda now: limited(message="You have exceeded a secondary rate limit.", Retry_After="600"),
        lambda now: limited(429, "Too many requests", Retry_After="600"),
    ],
    ids=["primary", "secondary", "429"],
)
def test_a_limit_is_an_error_that_says_until_when_and_nothing_is_asked_before(script, answer):
    now = int(time.time())
    script.on("GET", f"{REPO}/pulls/7", answer(now))
    github = script.github()
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(
            GitHubLimited, match=r"^GitHub's rate limit is used up until ..:..:.. UTC$"
        ) as caught:
            github.pull(7)
        assert 500 < caught.value.seconds <= 601
    shown = [f"{datetime.fromtimestamp(now + 600 + late, UTC):%H:%M:%S}" for late in range(3)]
    assert any(one in str(caught.value) for one in shown)
    assert len(script.asked) == 1 and time.monotonic() - began < 30


def test_a_limit_is_over_when_its_time_has_come(script):
    script.on("GET", f"{REPO}/pulls/7", limited(Retry_After="1"), (200, pull()))
    github = script.github()
    with pytest.raises(GitHubError):
        github.pull(7)
    time.sleep(1.1)
    assert github.pull(7).number == 7


@pytest.mark.parametrize(
    "headers", [{}, {"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, {"Retry_After": "9" * 30}]
)
def test_a_limit_without_a_sensible_time_is_kept_for_a_minute_and_never_over_an_hour(script, headers):
    script.on(
        "GET", f"{REPO}/pulls/7", limited(message="You have exceeded a secondary rate limit", **headers)
    )
    github = script.github()
    with pytest.raises(GitHubError, match="until"):
        github.pull(7)
    wait = github._client._limit._until - time.time()
    assert 55 < wait <= 60 or 3590 < wait <= 3600


def test_a_limit_whose_hour_is_not_spent_is_none_of_that_hour(script):
    later = str(int(time.time()) + 3000)
    headers = {"X_RateLimit_Remaining": "4000", "X_RateLimit_Reset": later}
    script.on(
        "GET", f"{REPO}/pulls/7", limited(message="You have exceeded a secondary rate limit", **headers)
    )
    with pytest.raises(GitHubLimited) as caught:
        script.github().pull(7)
    assert 55 < caught.value.seconds <= 60


def test_a_limit_without_a_time_is_kept_twice_as_long_when_that_was_too_short(script):
    script.on("GET", f"{REPO}/pulls/7", limited(message="You have exceeded a secondary rate limit"))
    github, waits = script.github(), []
    for ago in (9000.0, 1.0, 1.0, 1.0, 4000.0):
        github._client._limit._until = time.time() - ago  # it was over so long ago
        with pytest.raises(GitHubLimited) as caught:
            github.pull(7)
        waits.append(round(caught.value.seconds, -1))
    assert waits == [60, 120, 240, 480, 60]


@pytest.mark.parametrize("kind", ["RATE_LIMITED", "RATE_LIMIT"])
def test_graphql_says_of_a_limit_in_an_answer_that_is_fine(script, kind):
    body = {"errors": [{"type": kind, "message": "API rate limit exceeded for user ID 1."}]}
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 600)}
    script.on("POST", "/graphql", (200, body, headers))
    github = script.github()
    for ask in (github.review_decision, github.pull):
        with pytest.raises(GitHubLimited) as caught:
            ask(7)
        assert 500 < caught.value.seconds <= 601
    assert len(script.asked) == 1


def test_the_last_question_of_an_hour_is_answered(script):
    script.on("GET", f"{REPO}/pulls/7", (200, pull(), {"X-RateLimit-Remaining": "0"}))
    script.on("POST", "/graphql", (200, decided(None), {"X-RateLimit-Remaining": "0"}))
    assert script.github().pull(7).number == 7
    assert script.github().review_decision(7) is None


def test_a_write_that_was_limited_is_not_tried_again(script):
    script.on("GET", STATUSES, (200, []))
    script.on("POST", f"{REPO}/statuses/{SHA}", limited(Retry_After="60"))
    with pytest.raises(GitHubError, match="rate limit"):
        script.github().set_status(STATUS)
    assert script.count("POST") == 1


def test_writes_keep_their_distance_over_all_threads(script):
    times = []

    def note():
        times.append(time.monotonic())
        return 201, {}

    script.on("POST", f"{REPO}/issues/comments/1/reactions", note)
    github = script.github(pause=0.2)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: github.react(1, "eyes"), range(4)))
    assert len(times) == 4
    assert min(later - sooner for sooner, later in pairwise(times)) >= 0.19


def test_reading_does_not_wait_for_a_slow_write(script):
    late = threading.Event()
    script.on("POST", f"{REPO}/issues/comments/1/reactions", lambda: (late.wait(10) and 201, {}))
    script.on("GET", f"{REPO}/pulls/7", (200, pull()))
    github = script.github()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(github.react, 1, "eyes")
        try:
            assert github.pull(7).number == 7 and not writing.done()
        finally:
            late.set()
        writing.result()


# --- refusals --------------------------------------------------------------------------------------------------------


def test_the_thousandth_status_is_refused_with_githubs_reason(script):
    reason = "This SHA and context has reached the maximum number of statuses."
    script.on("GET", STATUSES, (200, []))
    body = {
        "message": "Validation Failed",
        "errors": [{"resource": "Status", "code": "custom", "message": reason}],
    }
    script.on("POST", f"{REPO}/statuses/{SHA}", (422, body))
    with pytest.raises(GitHubRefused, match=f"with 422: Validation Failed: {reason}"):
        script.github().set_status(STATUS)
    assert script.count("POST") == 1


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((404, {"message": "Not Found"}), GitHubNotFound, "with 404: Not Found"),
        ((410, {"message": "This was deleted"}), GitHubNotFound, "with 410: This was deleted"),
        ((422, {"message": f"No commit found for SHA: {SHA}"}), GitHubNotFound, "No commit found"),
        ((403, {"message": "Resource not accessible by integration"}), GitHubRefused, "by integration"),
        ((422, {"message": "No", "errors": ["one", {"field": "base", "code": "invalid"}]}), GitHubRefused, "No: one; base invalid"),
        ((401, {"message": "Bad credentials"}), GitHubError, "with 401: Bad credentials"),
        ((409, {"message": "Git Repository is empty."}), GitHubError, "with 409: Git Repository is empty."),
        ((307, {"message": "Moved"}, {"Location": "https://elsewhere.test/"}), GitHubError, "with 307: Moved"),
        ((301, b"", {"Location": "https://elsewhere.test/"}), GitHubError, "redirected"),
        ((400, [1, 2]), GitHubError, "with 400$"),
        ((200, b"<html>Sign in to the proxy</html>"), GitHubError, "cannot be read: it: Invalid JSON"),
        ((200, b'{"number": 7'), GitHubError, "cannot be read"),
        ((200, b""), GitHubError, "cannot be read"),
        ((200, {"number": 7}), GitHubError, "cannot be read: title: Field required"),
        ((200, [pull()]), GitHubError, "cannot be read"),
        ((200, pull(state="odd")), GitHubError, "cannot be read: state"),
    ],
)  # fmt: skip
def test_every_bad_answer_is_an_error_of_ours_that_can_be_read(script, answer, error, said):
    script.on("GET", f"{REPO}/pulls/7", answer)
    with pytest.raises(error, match=said) as caught:
        script.github().pull(7)
    assert type(caught.value) is error


def test_the_token_is_sent_and_is_in_no_error(script):
    script.on("GET", f"{REPO}/pulls/7", (401, {"message": "Bad credentials"}))
    with pytest.raises(GitHubError) as caught:
        script.github().pull(7)
    assert script.headers[0]["Authorization"] == "token s3cret-token"
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"


def test_a_locked_conversation_takes_no_comment_and_that_is_no_matter_of_time(script):
    script.on("GET", COMMENTS, (200, []))
    script.on("POST", COMMENTS, (403, {"message": "Unable to create comment because issue is locked."}))
    with pytest.raises(GitHubRefused, match="because issue is locked"):
        script.github().say(7, PLAN)
    assert script.count("POST") == 1


def decided(decision):
    return {"data": {"repository": {"pullRequest": {"reviewDecision": decision}}}}


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ({"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve"}]}, GitHubNotFound, "with Could not resolve"),
        ({"errors": [{"type": "FORBIDDEN", "message": "Resource not accessible"}]}, GitHubRefused, "not accessible"),
        ({"errors": [{"type": "INSUFFICIENT_SCOPES", "message": "Your token has not"}]}, GitHubRefused, "Your token"),
        ({"errors": [{"message": "Something went wrong"}]}, GitHubError, "with Something went wrong"),
        ({"errors": [{"type": "ODD"}]}, GitHubError, "with ODD"),
        (decided("SOMETHING_NEW"), GitHubError, "cannot be read: data.repository.pullRequest.reviewDecision"),
        ({"data": None}, GitHubError, "cannot be read: data"),
        (b"<html>Sign in</html>", GitHubError, "cannot be read: it: Invalid JSON"),
    ],
)  # fmt: skip
def test_every_bad_answer_of_graphql_is_an_error_of_ours_that_can_be_read(script, answer, error, said):
    script.on("POST", "/graphql", (200, answer))
    with pytest.raises(error, match=rf"POST /graphql .*{said}") as caught:
        script.github().review_decision(7)
    assert type(caught.value) is error


# --- odd answers that are good ---------------------------------------------------------------------------------------


def test_lists_are_read_to_their_last_page_and_never_from_another_host(script):
    path = f"{REPO}/commits/{SHA}/pulls"
    pages = [
        (200, [pull(number)], {"Link": f'<https://elsewhere.test{path}?page={number + 1}>; rel="next", <x>; rel="last"'})
        for number in (1, 2)
    ]  # fmt: skip
    script.on("GET", path, *pages, (200, [pull(3)], {"Link": '<x>; rel="first"'}))
    assert [one.number for one in script.github().pulls_of(SHA)] == [1, 2, 3]
    assert [asked.partition("?")[2] for _, asked in script.asked] == ["per_page=100", "page=2", "page=3"]


def test_a_pull_that_moved_to_the_next_page_meanwhile_is_counted_once(script):
    script.on("GET", REPO, (200, {"default_branch": "main"}))
    path = f"{REPO}/pulls"
    first = (200, [pull(1), pull(2)], {"Link": f'<{path}?page=2>; rel="next"'})
    script.on("GET", path, first, (200, [pull(2), pull(3)]))
    assert [one.number for one in script.github().open_pulls()] == [1, 2, 3]


def test_a_renamed_repository_is_followed_though_the_redirect_drops_what_we_asked_for(script):
    script.on("GET", REPO, (200, {"default_branch": "main"}))
    script.on("GET", f"{REPO}/pulls", (301, {}, {"Location": f"{script.url}/repositories/1/pulls"}))
    other = pull(3, base={"ref": "release", "sha": SHA})
    script.on("GET", "/repositories/1/pulls", (200, [pull(1), pull(2, state="closed"), other]))
    assert [one.number for one in script.github().open_pulls()] == [1]


def test_a_deleted_account_is_githubs_ghost(script):
    script.on(
        "GET", f"{REPO}/pulls/7", (200, pull(user=None, merged_at="2026-11-01T00:00:00Z", state="closed"))
    )
    script.on(
        "GET", f"{REPO}/pulls/7/reviews", (200, [{"user": None, "state": "APPROVED", "commit_id": None}])
    )
    found = script.github().pull(7)
    assert (found.author, found.state, found.merge_commit) == ("ghost", PullState.MERGED, SHA)
    assert script.github().reviews(7) == (Review("ghost", "APPROVED", ""),)


@pytest.mark.parametrize(
    ("permission", "role", "level"),
    [
        ("write", "maintain", Permission.MAINTAIN),
        ("read", "triage", Permission.TRIAGE),
        ("write", "Database Steward", Permission.WRITE),
        ("read", "none of your business", Permission.READ),
        ("none", "none", Permission.NONE),
        ("admin", "", Permission.ADMIN),
    ],
)
def test_a_role_that_an_organisation_invented_counts_as_the_one_it_is_built_on(
    script, permission, role, level
):
    answer = (200, {"permission": permission, "role_name": role})
    script.on("GET", f"{REPO}/collaborators/dependabot%5Bbot%5D/permission", answer)
    assert script.github().permission("dependabot[bot]") is level


def test_who_was_invited_to_a_team_and_has_not_come_is_no_member(script):
    script.on(
        "GET", "/orgs/acme/teams/platform/memberships/ann", (200, {"state": "pending", "role": "member"})
    )
    assert not script.github().is_member("acme", "platform", "ann")


def test_who_we_are_is_asked_once_unless_we_were_told(script):
    script.on("GET", "/user", (200, {"login": "somebody"}))
    script.on("GET", COMMENTS, (200, [comment(login="somebody")]))
    github = script.github(login=None)
    for _ in range(2):
        github.say(7, PLAN)
    assert script.asked.count(("GET", "/user")) == 1


def test_graphql_is_asked_again_where_no_answer_came_and_takes_variables_not_text(script):
    script.on("POST", "/graphql", BAD_GATEWAY, (None, None), (200, decided("APPROVED")))
    assert script.github().review_decision(7) is ReviewDecision.APPROVED
    assert script.bodies[-1]["variables"] == {"owner": "acme", "name": "infrastructure", "number": 7}
    assert script.count("POST") == 3


def remark(**more):
    return {
        "id": 5,
        "node_id": "IC_5",
        "user": {"login": "ann"},
        "body": "/infra plan",
        "html_url": "https://github.test/acme/infrastructure/pull/7#issuecomment-5",
        "issue_url": f"https://api.github.test{REPO}/issues/7",
        "created_at": "2026-11-01T10:00:00Z",
        "updated_at": "2026-11-01T10:00:00Z",
        **more,
    }


@pytest.mark.parametrize(
    ("updated", "edited", "is_edited"),
    [
        ("10:00:00", None, False),
        ("10:00:01", None, False),
        ("10:00:00", "2026-11-01T10:00:00Z", True),
        ("10:00:09", "2026-11-01T10:00:09Z", True),
    ],
    ids=["new", "new, or hidden, and a second late", "edited within the second", "edited later"],
)
def test_a_comment_counts_as_edited_only_where_github_says_so(script, updated, edited, is_edited):
    answer = remark(updated_at=f"2026-11-01T{updated}Z")
    script.on("GET", f"{REPO}/issues/comments/5", (200, answer))
    script.on("POST", "/graphql", (200, {"data": {"node": {"lastEditedAt": edited}}}))
    assert script.github().remark(5) == Remark(
        5, 7, "ann", "/infra plan", datetime(2026, 11, 1, 10, tzinfo=UTC), edited=is_edited
    )


@pytest.mark.parametrize(
    "more",
    [
        {"html_url": "https://github.test/acme/infrastructure/issues/7#issuecomment-5"},
        {"html_url": "https://github.test/pull/7/issues/7#issuecomment-5"},
        {"html_url": "https://github.test/acme/infrastructure/issues/7#/pull/7"},
    ],
)
def test_a_comment_on_an_issue_that_is_no_pull_is_not_found(script, more):
    script.on("GET", f"{REPO}/issues/comments/5", (200, remark(**more)))
    with pytest.raises(GitHubNotFound, match="comment 5 is under issue 7, which is no pull request"):
        script.github().remark(5)


def test_of_the_merge_queues_branches_only_those_of_this_branch_count(script):
    script.on("GET", REPO, (200, {"default_branch": "release/1"}))
    queue, base = "refs/heads/gh-readonly-queue/release/1/", "b" * 40
    names = [f"pr-7-{base}", "pr-8", f"pr-x-{base}", f"2/pr-9-{base}", f"pr-10-{base}-more"]
    refs = [{"ref": f"{queue}{name}", "object": {"sha": SHA, "type": "commit"}} for name in names]
    script.on("GET", f"{REPO}/git/matching-refs/heads/gh-readonly-queue/release/1/", (200, refs))
    assert script.github().queued() == (Queued(SHA, 7, base),)


@pytest.mark.parametrize(
    ("branch", "author"),
    [
        ("infrautomater/for/bob/dev.box.orders-1", "bob"),
        ("infrautomater/for/bob_acme/dev.box.orders-1", "bob_acme"),
        ("infrautomater/for/bob", "Controller"),
        ("infrautomater/for//x", "Controller"),
        ("infrautomater/for/@acme/x", "Controller"),
        ("x/infrautomater/for/bob/x", "Controller"),
        ("infrautomater/dev.box.orders-1", "Controller"),
    ],
)
def test_a_branch_of_ours_says_for_whom_its_pull_is(script, branch, author):
    head = {"ref": branch, "sha": SHA}
    script.on("GET", f"{REPO}/pulls/7", (200, pull(head=head, user={"login": "Controller"})))
    script.on("GET", f"{REPO}/pulls/8", (200, pull(8, head=head)))
    assert script.github().pull(7).author == author
    assert script.github().pull(8).author == "ann"


def test_twenty_threads_read_at_once(script):
    script.on("GET", f"{REPO}/pulls/7", (200, pull()))
    github = script.github()
    with ThreadPoolExecutor(20) as pool:
        assert {one.number for one in pool.map(lambda _: github.pull(7), range(100))} == {7}


def app(script) -> GitHubRest:
    auth = Auth.AppAuth(1, sign_func=lambda _: "signed").get_installation_auth(2)
    return GitHubRest(auth, "acme/infrastructure", base_url=script.url, login="infrautomater[bot]", pause=0)


def test_an_app_gets_itself_a_token_and_knows_its_comments_by_the_bots_name(script):
    answer = {"token": "ghs_installation", "expires_at": "2099-01-01T00:00:00Z"}
    script.on("POST", "/app/installations/2/access_tokens", (201, answer))
    script.on("GET", COMMENTS, (200, [comment(login="infrautomater[bot]")]))
    github = app(script)
    for _ in range(2):
        assert github.say(7, PLAN) == "https://github.test/c/1"
    assert [headers["Authorization"] for headers in script.headers] == [
        "Bearer signed",
        "token ghs_installation",
        "token ghs_installation",
    ]


@pytest.mark.parametrize(
    "answer", [(401, {"message": "A JSON web token could not be decoded"}), (201, b"{"), BAD_GATEWAY]
)
def test_an_app_that_gets_no_token_has_an_error_of_ours(script, answer):
    script.on("POST", "/app/installations/2/access_tokens", answer)
    with pytest.raises(GitHubError, match="GitHub cannot be asked for GET"):
        app(script).pull(7)


def test_a_token_that_is_no_header_is_in_no_error(script):
    github = GitHubRest(Auth.Token("ghp_secret\nx"), "acme/infrastructure", base_url=script.url)
    with pytest.raises(GitHubError, match="was not sent") as caught:
        github.default_branch()
    assert "ghp_secret" not in str(caught.value)


def test_the_default_branch_is_believed_for_a_while_where_what_it_is_for_is_looked_at_again(
    script, monkeypatch
):
    monkeypatch.setattr(rest, "BRANCH_SECONDS", 0.2)
    script.on("GET", REPO, *((200, {"default_branch": name}) for name in ("main", "trunk", "other")))
    github = script.github()
    assert [github.believed_branch(), github.believed_branch(), github.default_branch()] == [
        "main",
        "main",
        "trunk",
    ]
    time.sleep(0.25)
    assert github.believed_branch() == "other"
