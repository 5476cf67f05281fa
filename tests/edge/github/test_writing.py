"""What GitHubRest writes, into GitHub in a box."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from controller.core.pull import Status, StatusState
from controller.errors import GitHubError, GitHubNotFound, GitHubRefused
from controller.ports import Comment

pytestmark = pytest.mark.edge

MARKER = "<!-- infrautomater:plan v1 -->"


def comment(text, marker=MARKER) -> Comment:
    return Comment(marker, f"{marker}\n{text}")


def test_a_comment_is_posted_once_and_edited_in_place(world, github, me):
    number = world.pull()["number"]
    urls = {github.say(number, comment(text)) for text in ("planning", "planned", "planned")}
    (one,) = world.comments(number)
    assert urls == {one["html_url"]}
    assert (one["user"]["login"], one["body"]) == (me, f"{MARKER}\nplanned")


def test_a_comment_that_says_the_same_is_left_alone(world, github):
    number = world.pull()["number"]
    github.say(number, comment("planned"))
    before = world.comments(number)
    github.say(number, comment("planned"))
    assert world.comments(number) == before


def test_each_marker_has_its_own_comment(world, github):
    number = world.pull()["number"]
    for kind in ("plan", "result", "plan"):
        github.say(number, comment(kind, f"<!-- infrautomater:{kind} v1 -->"))
    assert len(world.comments(number)) == 2


def test_somebody_elses_comment_with_our_marker_is_not_ours(world, github, me):
    number = world.pull()["number"]
    fake = f"{MARKER}\nAll is well, merge it"
    world.ask("guest", "POST", f"REPO/issues/{number}/comments", {"body": fake})
    github.say(number, comment("planned"))
    assert [(one["user"]["login"], one["body"]) for one in world.comments(number)] == [
        ("guest", fake),
        (me, f"{MARKER}\nplanned"),
    ]


def test_what_a_person_writes_with_our_account_is_not_touched(world, github, me):
    number = world.pull()["number"]
    for body in ("Hello, I am a person", f"Look at this:\n{MARKER}\nplan", f"{MARKER} v2\nplan"):
        world.ask(me, "POST", f"REPO/issues/{number}/comments", {"body": body})
    github.say(number, comment("planned"))
    assert len(world.comments(number)) == 4


def test_ours_is_ours_though_somebody_edited_it(world, github):
    number = world.pull()["number"]
    github.say(number, comment("planned"))
    (one,) = world.comments(number)
    edited = {"body": f"{MARKER}\r\nAll is well\r\n"}
    world.ask("admin", "PATCH", f"REPO/issues/comments/{one['id']}", edited)
    github.say(number, comment("planned"))
    assert [(same["id"], same["body"]) for same in world.comments(number)] == [
        (one["id"], f"{MARKER}\nplanned")
    ]


def test_of_two_that_a_race_left_the_older_is_edited_and_the_other_removed(world, github, me):
    number = world.pull()["number"]
    for text in ("one", "two", "three"):
        world.ask(me, "POST", f"REPO/issues/{number}/comments", {"body": f"{MARKER}\n{text}"})
    first = world.comments(number)[0]["id"]
    github.say(number, comment("planned"))
    assert [(one["id"], one["body"]) for one in world.comments(number)] == [(first, f"{MARKER}\nplanned")]


def test_ours_is_found_behind_a_hundred_others(world, github):
    number = world.pull()["number"]
    for _ in range(101):
        world.ask("guest", "POST", f"REPO/issues/{number}/comments", {"body": "+1"})
    first = github.say(number, comment("planning"))
    assert github.say(number, comment("planned")) == first


def test_ten_threads_that_say_the_same_leave_one_comment(world, github):
    number = world.pull()["number"]
    with ThreadPoolExecutor(10) as pool:
        urls = set(pool.map(lambda text: github.say(number, comment(text)), map(str, range(10))))
    assert len(urls) == len(world.comments(number)) == 1


def test_unicode_and_every_line_end_come_back_as_they_were(world, github):
    number = world.pull()["number"]
    github.say(number, comment("grün 🎉\n\ttab\n"))
    before = world.comments(number)
    github.say(number, comment("grün 🎉\n\ttab\n"))
    assert world.comments(number) == before and "grün 🎉" in before[0]["body"]


def test_a_comment_over_githubs_limit_is_refused_before_it_is_sent(world, github):
    number = world.pull()["number"]
    github.say(number, Comment(MARKER, MARKER + "\n" + "x" * (65_536 - len(MARKER) - 1)))
    with pytest.raises(
        GitHubRefused, match="a comment of 65,537 characters is too long; GitHub takes 65,536"
    ):
        github.say(number, Comment(MARKER, MARKER + "\n" + "x" * (65_537 - len(MARKER) - 1)))


def test_a_comment_that_would_never_be_found_again_is_a_mistake_of_ours(github):
    with pytest.raises(ValueError, match="first line must be its marker"):
        github.say(1, Comment(MARKER, "planned"))


def test_a_pull_that_is_not_there_cannot_be_commented_on(github):
    with pytest.raises(GitHubNotFound):
        github.say(99999, comment("planned"))


def test_a_commit_is_commented_on_the_same_way(world, github):
    sha = world.commit(f"requests/payments/commented-{next(world.numbers)}.yaml", "main")
    urls = {github.say_on_commit(sha, comment("held")) for _ in range(2)}
    (one,) = world.ask("guest", "GET", f"REPO/commits/{sha}/comments")
    assert urls == {one["html_url"]} and one["body"] == f"{MARKER}\nheld"


def test_a_commit_s_comment_is_edited_where_we_may_and_added_to_where_not(world, github, me):
    sha = world.commit(f"requests/payments/commented-{next(world.numbers)}.yaml", "main")
    for text in ("held", "applied", "applied"):
        github.say_on_commit(sha, comment(text))
    said = [one["body"] for one in world.ask("guest", "GET", f"REPO/commits/{sha}/comments")]
    edited = [f"{MARKER}\napplied"]
    # Our account with the token may write, as GitHub wants it for an edit; the App has no such permission.
    assert said == (edited if me == "controller" else [f"{MARKER}\nheld", *edited])


def test_who_may_only_read_is_refused(world):
    with pytest.raises(GitHubRefused, match="403"):
        world.github("guest").set_status(Status(world.tip(), "ci", StatusState.SUCCESS, "well"))


def test_a_reaction_is_there_once(world, github):
    number = world.pull()["number"]
    path = f"REPO/issues/{number}/comments"
    asked = world.ask("requester", "POST", path, {"body": "/infra plan"})["id"]
    for reaction in ("eyes", "eyes", "rocket"):
        github.react(asked, reaction)
    found = world.ask("guest", "GET", f"REPO/issues/comments/{asked}/reactions")
    assert [one["content"] for one in found] == ["eyes", "rocket"]


def test_a_reaction_to_a_comment_that_is_gone_is_not_found(github):
    with pytest.raises(GitHubNotFound):
        github.react(99999, "eyes")


def statuses(world, sha):
    found = world.ask("guest", "GET", f"REPO/commits/{sha}/statuses?per_page=100")
    return [(one["context"], one["state"], one["description"], one["target_url"]) for one in found]


def test_a_status_is_set_and_changed(world, github):
    sha = world.pull()["head"]["sha"]
    github.set_status(Status(sha, "infrautomater/plan", StatusState.PENDING, "planning"))
    github.set_status(Status(sha, "infrautomater/plan", StatusState.SUCCESS, "1 to add", "https://x/runs/1"))
    assert statuses(world, sha) == [
        ("infrautomater/plan", "success", "1 to add", "https://x/runs/1"),
        ("infrautomater/plan", "pending", "planning", None),
    ]


def test_a_status_that_says_the_same_as_the_newest_of_its_context_is_not_sent(world, github):
    sha = world.pull()["head"]["sha"]
    same = [
        Status(sha, "infrautomater/plan", StatusState.SUCCESS, "1 to add", "https://x/runs/1"),
        Status(sha, "infrautomater/validate", StatusState.SUCCESS, ""),
    ]
    for status in same * 2:
        github.set_status(status)
    assert len(statuses(world, sha)) == 2


def test_a_status_that_was_so_before_but_is_not_now_is_sent(world, github):
    sha = world.pull()["head"]["sha"]
    for text in ("one", "two", "one"):
        github.set_status(Status(sha, "infrautomater/plan", StatusState.PENDING, text))
    assert [text for _, _, text, _ in statuses(world, sha)] == ["one", "two", "one"]


def test_a_long_description_is_cut_and_still_recognised(world, github):
    sha = world.pull()["head"]["sha"]
    for _ in range(2):
        github.set_status(Status(sha, "infrautomater/plan", StatusState.FAILURE, "ü" * 141))
    github.set_status(Status(sha, "infrautomater/validate", StatusState.FAILURE, "ü" * 140))
    assert [text for _, _, text, _ in statuses(world, sha)] == ["ü" * 140, "ü" * 139 + "…"]


def test_a_status_for_a_commit_that_is_not_there_is_an_error(github):
    with pytest.raises(GitHubError):
        github.set_status(Status("1" * 40, "infrautomater/plan", StatusState.SUCCESS, "1 to add"))
