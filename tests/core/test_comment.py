import json
import re
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from controller.core import comment
from controller.core.approval import Approval
from controller.core.catalogue import Catalogue
from controller.core.change import Create, Destroy, ParameterChange, Update
from controller.core.comment import LIMIT, Links, answer_comment, notices, plan_comment, result_comment
from controller.core.cost import CostChange
from controller.core.hold import NeverReviewed, NotApproved, NotCovered, OverLimit
from controller.core.identity import RequestId
from controller.core.outcome import NEXT_STEP, Applied, Cause, Failed, Interrupted, Planned, Withdrawn
from controller.core.parameter import Rule
from controller.core.plan import Action, AttributeChange, Plan, ResourceChange
from controller.core.proposal import Proposal
from controller.core.rejection import Rejection
from controller.core.request import Request
from controller.core.run import Ended, Held, Operation, Running, Waiting
from controller.core.summary import PlanFacts, ResultFacts, summarise_plan, summarise_result
from controller.core.verdict import Risk, Verdict
from controller.core.wish import Answer

EVIL = "`|</details>\n\n# x @acme/all ![x](https://evil.example/x.png) <img src=x> [a](https://evil.example) --> www.evil.example Closes #1"
TIP, MERGE = "t" * 40, "c" * 40
NOTHING = Catalogue()
LINKS = Links(
    page=lambda path: f"https://pages.example{path}",
    source=lambda commit, path, line, column: f"https://code.example/{commit}/{path}#L{line}C{column}",
)


def request(name="orders", **parameters):
    path = f"requests/payments/{name}.yaml"
    return Request(RequestId("dev", "database", name), "payments", path, parameters)


def changed(text="small", address="module.this.x", action=Action.UPDATE):
    shown = AttributeChange(text, json.dumps(text), json.dumps(f"{text}!"))
    hidden = (AttributeChange(f"h{text}", None, None), AttributeChange("later", None, None))
    return ResourceChange(address, action, {}, ("later",), (shown, *hidden))


def planned(text="small", address="module.this.x", risk=Risk.LOW, action=Action.UPDATE):
    plan = Plan((changed(text, address, action),))
    return Ended(Planned(plan, Verdict(risk, (f"destroys `{text}`",)), (text,)))


def failed(text="no", **facts):
    done = {"completed": (f"a{text}",), "unfinished": ("b",), **facts}
    return Ended(Failed("apply", Cause.PERMISSION, text, f"{text}\n```\n{text}", **done))


@pytest.fixture(scope="module")
def open_pull(pull, run, comments):
    """The comment of an open pull: each change with the state of its plan."""

    def make(changes=(), states=(), *, told=None, run_facts=None, **facts):
        runs = [
            run(
                state,
                Operation.PLAN_DESTROY if isinstance(change, Destroy) else Operation.PLAN,
                id=index + 1,
                request=change.request.id,
                digest=change.digest,
                **(run_facts or {}),
            )
            for index, (change, state) in enumerate(zip(changes, states, strict=False))
        ]
        proposal = Proposal(pull(), TIP, tuple(changes), **facts)
        return plan_comment(
            summarise_plan(PlanFacts(proposal, runs, NOTHING, **(told or {}))), comments, LINKS
        )

    return make


@pytest.fixture(scope="module")
def outcome_of(run, pull):
    """What became of a merge: a run of its own for each state."""

    def make(*states, **facts):
        runs = [
            run(state, id=index + 1, request=RequestId("dev", "database", f"r{index}"))
            for index, state in enumerate(states)
        ]
        return summarise_result(ResultFacts(MERGE, runs, NOTHING, **{"pull": pull(), **facts}))

    return make


@pytest.fixture(scope="module")
def merged_pull(outcome_of, comments):
    return lambda *states, **facts: result_comment(outcome_of(*states, **facts), comments, LINKS)


@pytest.fixture(scope="module")
def heard(outcome_of, comments):
    """The notices of a merge."""
    return lambda *states, mention="ann": notices(outcome_of(*states), mention, comments, LINKS)


def lines(text):
    return text.body.strip().split("\n")


def data(text):
    found = re.fullmatch(r"<!-- infrautomater:data (.*) -->", lines(text)[-1])
    assert found, lines(text)[-1]
    assert "--" not in found[1]
    return json.loads(found[1])


def visible(text):
    return [line for line in lines(text) if line and not line.startswith("<!--")]


def assert_shape(text, marker, verdict):
    assert lines(text)[0] == text.marker == f"<!-- infrautomater:{marker} v1 -->"
    assert visible(text)[0] == f"**{verdict}**"
    assert len(text.body) <= LIMIT
    assert data(text)


def test_a_comment_begins_with_its_mark_and_its_verdict_and_ends_with_what_it_is_about(
    open_pull, merged_pull
):
    changes = (Create(request(), "d"),)
    plan, result = open_pull(changes, (planned(),)), merged_pull(Ended(Applied({})))
    assert_shape(plan, "plan", "Ready: 1 change, low risk")
    assert_shape(result, "result", "Done: 1 request provisioned")
    assert data(plan) == {"head": "h" * 40, "pull": 7, "runs": [1]}
    assert data(result) == {"commit": MERGE, "runs": [1]}


def test_each_failure_is_heard_of(heard):
    first, second = heard(failed("boom"), Ended(Interrupted("apply", "the worker was lost")), Waiting())
    assert_shape(first, "notice run=1", "`dev/database/r0` failed at apply: boom")
    assert_shape(second, "notice run=2", "`dev/database/r1` was interrupted at apply: the worker was lost")
    assert "@ann: the result comment" in first.body
    assert "https://pages.example/runs/1" in first.body
    assert data(first) == {"run": 1}
    assert len(first.body) < 1_000


def test_nobody_is_called_where_nobody_is_known(heard):
    assert "\nThe result comment" in heard(failed(), mention="")[0].body


@pytest.mark.parametrize(
    "state", [Waiting(), Running("w", 1), Ended(Applied({})), Held((NeverReviewed(),), Plan())]
)
def test_there_is_no_notice_of_what_did_not_fail(heard, state):
    assert heard(state) == ()


def test_many_failures_are_heard_of_once_and_not_before_the_end(heard):
    assert heard(*[failed()] * 4, Waiting()) == ()
    (text,) = heard(*[failed()] * 4, Ended(Applied({})))
    assert_shape(text, "notice runs", "4 requests failed")
    assert "@ann: the result comment" in text.body
    assert data(text) == {"runs": [1, 2, 3, 4]}


def test_an_answer_is_for_whoever_asked(comments):
    answered = Answer(
        99, 7, "bob", refused=True, words=("`orders` is for one of `@acme/platform` to decide",)
    )
    text = answer_comment(answered, comments, LINKS)
    assert_shape(text, "answer comment=99", "Not done as you asked")
    assert "\n@bob:\n" in text.body
    assert "- `orders` is for one of `@acme/platform` to decide" in text.body
    done = answer_comment(Answer(99, 7, "bob", refused=False, words=("so",)), comments, LINKS)
    assert_shape(done, "answer comment=99", "Done as you asked")


def test_a_kind_s_own_advice_is_told_wherever_its_failure_is(open_pull, merged_pull, heard):
    advised = failed(advice="Ask for less `storage`.")
    told = [open_pull((Create(request(), "d"),), (advised,)), merged_pull(advised), *heard(advised)]
    assert all("Ask for less `storage`." in text.body for text in told)
    assert not any(NEXT_STEP[Cause.PERMISSION] in text.body for text in told)


def test_terraform_s_error_is_told_once(merged_pull):
    text = merged_pull(Ended(Failed("init", Cause.NETWORK, "no such host", "no such host\nfor registry")))
    assert text.body.count("no such host") == 1


def test_a_secret_is_told_by_its_name_alone(open_pull):
    text = open_pull((Create(request(), "d"),), (planned(),))
    assert "`hsmall` (hidden)" in text.body
    assert "known after the apply: `later`" in text.body


def test_what_follows_a_fold_is_markdown_again(open_pull):
    """HTML ends at an empty line (https://github.github.com/gfm/#html-blocks)."""
    told = {"approvals": (Approval("dev", 1, (), ("write",)),)}
    text = open_pull((Create(request(), "d"),), (planned(),), told=told)
    assert "</details>\n\n**Approvals**" in text.body


# --- Hostile text ------------------------------------------------------------------------------------------------


def every_comment(open_pull, merged_pull, heard, comments, text, person="dan"):
    """Each of the five comments, with one stranger's text wherever a stranger's text may stand."""
    changes = (
        Update(request("a"), "d", request("a", note=text), (ParameterChange("note", text, text, Rule.FREE),)),
        Create(request("b"), "e"),
        Destroy(request("c", note=text), "f"),
        Create(request("i"), "g"),
    )
    states = (
        planned(text, text, Risk.HIGH, Action.REPLACE),
        failed(text),
        planned(text, text, Risk.HIGH, Action.DELETE),
        Ended(Interrupted(text, text)),
    )
    approval = Approval("prod", 2, (text,), ("@acme/platform",), (f"{text}: {text}",), (text,))
    mistakes = (Rejection(f"requests/a/{text}.yaml", 1, 1, text, f"`{text}` {text}", text),)
    reasons = (NotCovered((text, f"would delete `{text}`")), NotApproved(text), OverLimit(text))
    price = CostChange(request("b").id, 0, 5, "USD", text)
    return {
        "plan": open_pull(
            changes, states, told={"approvals": (approval,)}, costs=(price,), run_facts={"confirmed": text}
        ),
        "confirmed": open_pull(changes[2:3], states[2:3], run_facts={"confirmed": text}),
        "rejected": open_pull(rejections=mistakes, deferred=(text,), touches_catalogue=True),
        "conflict": open_pull(conflicts=(text,)),
        "result": merged_pull(
            failed(text, advice=text),
            Held(reasons, Plan((changed(text, text),))),
            Ended(Applied({text: text, "list": [text]})),
            Ended(Withdrawn(text, text)),
            Ended(Interrupted(text, text)),
            rejections=mistakes,
        ),
        "notice": heard(failed(text), mention=person)[0],
        "notice of an interruption": heard(Ended(Interrupted(text, text)), mention="")[0],
        "notices": heard(*[failed(text), Ended(Interrupted(text, text))] * 2, mention=person)[0],
        "answer": answer_comment(
            Answer(9, 7, person, refused=True, words=(text, f"`{text}` {text}")), comments, LINKS
        ),
    }


def parsed(text):
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text.body)


OURS = re.compile(
    r"(<!-- infrautomater:[^>]* -->|<details><summary>dev/database/[a-z]: [a-z0-9, ]*</summary>|</details>)\n?"
)
LIVE = re.compile(r"@\w|#\d|://|www\.|\bgh-\d|mailto:|xmpp:", re.IGNORECASE)


def assert_inert(text):
    """Nothing in a comment does anything but what our own layout does."""
    folds = ""
    for token in parsed(text):
        if token.type == "html_block":
            assert all(OURS.fullmatch(line) for line in token.content.splitlines()), token.content
            folds += token.content
        for child in token.children or ():
            assert child.type != "image"
            assert child.type != "html_inline" or child.content in {"<sub>", "</sub>"}, child.content
            if child.type == "link_open":
                assert re.match(r"https://(pages|code)\.example/", child.attrs["href"])
            if child.type == "text":
                assert not LIVE.search(child.content.replace("@dan", "")), child.content
    assert folds.count("<details>") == folds.count("</details>")


def test_nothing_that_a_stranger_wrote_does_anything_in_a_comment(open_pull, merged_pull, heard, comments):
    for text in every_comment(open_pull, merged_pull, heard, comments, EVIL).values():
        assert_inert(text)


FRAGMENTS = [
    *"`|\\<>&*_~$#@[]()!-+=:\"'\n\t",
    *(
        "```",
        "~~~",
        "\n\n",
        "\r\n",
        "\x00",
        "\u2028",
        "\u202e",
        "\u200b",
        "    ",
        "\n- ",
        "\n# ",
        "\n1. ",
        "\n---\n",
    ),
    *(
        "</details>",
        "<details>",
        "</summary>",
        "<sub>",
        "<!--",
        "-->",
        "<img src=x>",
        "<script>",
        "&lt;",
        "\\`",
        "\\|",
    ),
    *(
        "@acme/all",
        "@bob",
        "#1",
        "GH-1",
        "acme/infra#2",
        "Closes #1",
        "https://evil.example",
        "www.evil.example",
    ),
    *(
        "![x](https://evil.example/x.png)",
        "[a](https://evil.example)",
        "[a]: https://evil.example",
        "a@evil.example",
    ),
    *("| a | b |", "|---|---|", "$`x`$", "{{ 1 }}", "{% raw %}", "mailto:a@evil.example", "deadbeef", "é"),
]
HOSTILE = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), min_size=1, max_size=12).map("".join)


@settings(max_examples=40, deadline=None)
@given(HOSTILE, st.sampled_from(range(len(comment._SIZES) - 1)))
def test_no_text_whatever_changes_what_a_comment_is_made_of(
    open_pull, merged_pull, heard, comments, evil, size
):
    """The same tables, rows, lists, fences and folds come out whatever strangers write, at every size of a comment."""
    with patch.object(comment, "_SIZES", comment._SIZES[size:]):
        harmless = every_comment(open_pull, merged_pull, heard, comments, "x")
        hostile = every_comment(open_pull, merged_pull, heard, comments, f"{evil}x")
    for name, text in hostile.items():
        assert_inert(text)
        assert [token.type for token in parsed(text)] == [token.type for token in parsed(harmless[name])], (
            name
        )


@settings(max_examples=60, deadline=None)
@given(HOSTILE)
def test_only_logins_are_called(comments, evil):
    text = answer_comment(Answer(9, 7, evil, refused=False, words=("so",)), comments, LINKS)
    if not re.fullmatch(r"[A-Za-z0-9-]+", evil):
        assert_inert(text)


# --- Sizes -------------------------------------------------------------------------------------------------------


def test_a_comment_that_is_too_long_leaves_out_details_first(open_pull):
    changes = [Create(request(f"r{index}"), f"d{index}") for index in range(100)]
    text = open_pull(changes, [planned("x" * 1_000) for _ in changes])
    assert_shape(text, "plan", "Ready: 100 changes, low risk")
    assert (
        "100 requests: 100 low risk. The plans are on [the pull's page](https://pages.example/pulls/7)"
        in text.body
    )
    assert "<details>" not in text.body
    assert "`dev/database/r99`" in text.body


@pytest.mark.parametrize("count", [500, 3_000])
def test_the_gravest_of_many_requests_stay_and_all_are_counted(open_pull, count):
    changes = [Create(request(f"r{index}"), f"d{index}") for index in range(count)]
    states = [planned("x", risk=Risk.HIGH if index == count - 1 else Risk.LOW) for index in range(count)]
    text = open_pull(changes, states)
    assert_shape(text, "plan", f"Needs a second look: destroys parts of r{count - 1} (database)")
    assert f"{count} requests: 1 high risk, {count - 1} low risk." in text.body
    assert f"`dev/database/r{count - 1}`" in text.body
    assert "https://pages.example/pulls/7" in text.body
    assert len(data(text)["runs"]) == min(count, 1_000)


def test_the_result_of_many_requests_tells_of_those_that_want_somebody(merged_pull):
    text = merged_pull(*[Ended(Applied({"endpoint": "e"}))] * 600, failed("x" * 300))
    assert_shape(text, "result", "Failed: r600")
    assert "`/infra retry`" in text.body
    assert "https://pages.example/pulls/7" in text.body
    assert_inert(text)


def test_however_much_goes_wrong_the_verdict_fits(open_pull, merged_pull):
    text = "`x` " * 5_000
    mistakes = [Rejection(text, line, 1, text, text, text) for line in range(900)]
    changes = [Create(request(f"r{index}", note=text), f"d{index}") for index in range(900)]
    reasons = tuple(NotCovered((text,) * 99) for _ in range(30))
    for found, words in (
        (open_pull(rejections=tuple(mistakes)), "Cannot merge: 900 mistakes"),
        (
            open_pull(changes, [failed(text)] * 900),
            "Cannot merge: the plan of r0, r1, r10, r100, r101 and 895 more failed",
        ),
        (merged_pull(*[Held(reasons, Plan((changed(text, text),) * 90))] * 900), "Held for a person: "),
    ):
        assert visible(found)[0].startswith(f"**{words}")
        assert len(found.body) <= LIMIT
        assert_inert(found)


def test_a_comment_is_the_same_however_often_it_is_rendered(open_pull):
    first, again = (open_pull((Create(request(), "d"),), (planned(),)) for _ in range(2))
    assert first == again


# --- Few writes --------------------------------------------------------------------------------------------------


def test_a_large_pull_costs_few_writes_while_it_is_planned(pull, run, comments):
    changes = [Create(request(f"r{index}"), f"d{index}") for index in range(50)]
    bodies, words = set(), set()
    for done in range(51):
        states = [
            (planned() if index % 7 else failed()) if index < done else Waiting() for index in range(50)
        ]
        runs = [
            run(state, Operation.PLAN, id=index, request=change.request.id, digest=change.digest)
            for index, (change, state) in enumerate(zip(changes, states, strict=True))
        ]
        summary = summarise_plan(PlanFacts(Proposal(pull(), TIP, tuple(changes)), runs, NOTHING))
        bodies.add(plan_comment(summary, comments, LINKS).body)
        words.add(tuple(status.description for status in summary.statuses))
    assert len(bodies) == len(words) == 3


def test_a_large_merge_costs_few_writes_while_it_is_carried_out(outcome_of, comments):
    bodies, words, heard_of = set(), set(), set()
    for done in range(51):
        states = [Ended(Applied({})) if index % 20 else failed() for index in range(done)]
        summary = outcome_of(*states, *[Running("w", 1, "apply")] * (50 - done))
        bodies.add(result_comment(summary, comments, LINKS).body)
        words.add(summary.status.description)
        heard_of.update(text.marker for text in notices(summary, "ann", comments, LINKS))
    assert len(bodies) == len(words) == 3
    assert len(heard_of) == 1
