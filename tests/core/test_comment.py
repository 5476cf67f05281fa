import json
import re

import pytest
from markdown_it import MarkdownIt

from controller.core.change import Create, Destroy, ParameterChange, Update
from controller.core.comment import LIMIT, notice, plan_comment, result_comment
from controller.core.environment import DestroyRule
from controller.core.hold import DestroyToConfirm, NotCovered
from controller.core.identity import RequestId
from controller.core.outcome import (
    NEXT_STEP,
    Applied,
    Cause,
    Destroyed,
    Failed,
    Interrupted,
    Planned,
    Superseded,
    Withdrawn,
)
from controller.core.parameter import Rule
from controller.core.plan import Action, AttributeChange, Plan, ResourceChange
from controller.core.proposal import Proposal
from controller.core.rejection import Rejection
from controller.core.request import Request
from controller.core.run import Ended, Held, Operation, Running, Waiting
from controller.core.summary import summarise_plan, summarise_result
from controller.core.verdict import Risk, Verdict

EVIL = "`|</details>\n\n# x @acme/all ![x](https://evil.example/x.png) <img src=x> [a](https://evil.example) --> www.evil.example Closes #1"
TIP = "t" * 40


def link(path):
    return f"https://pages.example{path}"


def request(name="orders", **parameters):
    return Request(
        RequestId("dev", "database", name), "payments", f"requests/payments/{name}.yaml", parameters
    )


def changed(address="module.this.x", text="small"):
    attributes = (
        AttributeChange("size", json.dumps("old"), json.dumps(text)),
        AttributeChange("hidden", None, None),
    )
    return ResourceChange(address, Action.UPDATE, {}, attributes=attributes)


def planned(text="small", address="module.this.x", risk=Risk.LOW):
    return Ended(Planned(Plan((changed(address, text),)), Verdict(risk, (f"destroys `{text}`",)), (text,)))


def failed(text="no"):
    return Ended(Failed("apply", Cause.PERMISSION, text, f"{text}\n```\n{text}", (f"a{text}",), ("b",)))


@pytest.fixture
def open_pull(pull, run, comments):
    def make(changes=(), states=(), **facts):
        runs = [
            run(
                state,
                Operation.PLAN_DESTROY if isinstance(change, Destroy) else Operation.PLAN,
                id=index + 1,
                request=change.request.id,
                digest=change.digest,
            )
            for index, (change, state) in enumerate(zip(changes, states, strict=False))
        ]
        return plan_comment(
            summarise_plan(Proposal(pull(), TIP, tuple(changes), **facts), runs, []), comments, link
        )

    return make


@pytest.fixture
def merged_pull(run, comments):
    def make(*states):
        runs = [
            run(state, id=index + 1, request=RequestId("dev", "database", f"r{index}"))
            for index, state in enumerate(states)
        ]
        return result_comment(summarise_result(runs, "c" * 40), comments, link)

    return make


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


@pytest.mark.parametrize(
    ("changes", "states", "facts", "verdict", "words"),
    [
        ((), (), {}, "Ready: nothing changes", ["Looked at hhhhhhh on top of ttttttt"]),
        (
            (Create(request(), "d"),),
            (),
            {},
            "Planning 1 change",
            ["| `dev/database/orders` | a new `database` | planning… |"],
        ),
        (
            (Create(request(), "d"),),
            (planned(),),
            {},
            "Ready: 1 change, low risk",
            ["| 1 to change | low |", '`size`: `"old"` → `"small"`', f"({link('/runs/1')})"],
        ),
        (
            (Create(request(), "d"),),
            (failed("boom"),),
            {},
            "Cannot merge: the plan of orders failed",
            ["**failed** at apply", "Apply failed: boom", "```text", "Ask the platform team to check"],
        ),
        (
            (),
            (),
            {
                "rejections": (
                    Rejection(
                        "requests/a/b.yaml",
                        4,
                        3,
                        "parameters.size",
                        '`size` cannot be `"XL"`',
                        "Choose one of `small`.",
                    ),
                )
            },
            "Cannot merge: 1 mistake",
            [
                '| `requests/a/b.yaml:4:3` | `parameters.size` | `size` cannot be `"XL"` | Choose one of `small`. |'
            ],
        ),
        (
            (),
            (),
            {"conflicts": ("requests/a/b.yaml",)},
            "Cannot merge: it conflicts with the default branch",
            ["It conflicts in `requests/a/b.yaml`."],
        ),
        (
            (),
            (),
            {"deferred": ("requests/a/b.yaml",)},
            "Planned after the merge, and held then",
            ["`requests/a/b.yaml`"],
        ),
        (
            (Destroy(request(), "d"),),
            (planned(risk=Risk.HIGH),),
            {},
            "Needs a second look: destroys orders (database), which holds data",
            ["the `database` is destroyed", "| high |"],
        ),
    ],
)
def test_the_comment_of_an_open_pull(open_pull, changes, states, facts, verdict, words):
    text = open_pull(changes, states, **facts)
    assert_shape(text, "plan", verdict)
    for word in words:
        assert word in text.body, text.body
    assert data(text) == {"head": "h" * 40, "pull": 7, "runs": [index + 1 for index in range(len(states))]}


@pytest.mark.parametrize(
    ("states", "verdict", "words"),
    [
        ((), "Done: nothing to do", ["Nothing had to be done.", "Merged as ccccccc."]),
        (
            (Waiting(),),
            "Provisioning (waiting for a worker): 1 request",
            ["| `dev/database/r0` | waiting for a worker |"],
        ),
        ((Running("w", 1, "apply"),), "Provisioning: 1 request", ["provisioning (apply)"]),
        (
            (Ended(Applied({"endpoint": "db.example", "port": 5432, "hidden": None})),),
            "Done: 1 request provisioned",
            ["| `endpoint` | `db.example` |", "| `port` | `5432` |", "| `hidden` | (hidden) |"],
        ),
        ((Ended(Destroyed()),), "Done: 1 request destroyed", ["| destroyed |"]),
        ((planned(),), "Done: 1 request planned only", ["planned only: 1 to change"]),
        (
            (failed("boom"),),
            "Failed: r0",
            [
                "**failed** at apply (permission)",
                "**What state things are in:** Partly applied. Done: `aboom`. Begun and not finished: `b`.",
                "**Next:** Ask the platform team",
            ],
        ),
        (
            (
                Held(
                    (NotCovered(("would delete `m.a`",)), DestroyToConfirm(DestroyRule.CONFIRM)),
                    Plan((changed(),)),
                ),
            ),
            "Held for a person: r0",
            [
                "**held** for a person",
                "- the plan is no longer the reviewed one: would delete `m.a`",
                "- the environment wants every destroy and every replacement confirmed",
                "It would: 1 to change.",
                "infrautomater release 1",
            ],
        ),
        (
            (Ended(Superseded("newer")), Ended(Withdrawn("ann", "no"))),
            "Done: 1 request superseded, 1 request withdrawn",
            ["superseded: newer", "withdrawn: no"],
        ),
        (
            (Ended(Interrupted("apply", "the worker was lost")),),
            "Interrupted: r0",
            ["interrupted: the worker was lost"],
        ),
    ],
)
def test_the_comment_of_a_merged_pull(merged_pull, states, verdict, words):
    text = merged_pull(*states)
    assert_shape(text, "result", verdict)
    for word in words:
        assert word in text.body, text.body
    assert data(text) == {"commit": "c" * 40, "runs": [index + 1 for index in range(len(states))]}


@pytest.mark.parametrize(
    ("mention", "words"), [("ann", "@ann: the result comment"), ("", "The result comment")]
)
def test_a_notice_is_short_and_calls_its_author(run, comments, mention, words):
    text = notice(run(failed("boom"), id=5), mention, comments, link)
    assert lines(text)[0] == text.marker == "<!-- infrautomater:notice run=5 v1 -->"
    assert visible(text)[0] == "**`dev/database/orders` failed at apply: boom**"
    assert words in text.body
    assert link("/runs/5") in text.body
    assert data(text) == {"run": 5}
    assert len(text.body) < 1_000


@pytest.mark.parametrize("state", [Waiting(), Ended(Applied({}))])
def test_there_is_no_notice_of_what_did_not_fail(run, comments, state):
    with pytest.raises(TypeError, match="did not fail"):
        notice(run(state), "", comments, link)


def test_a_kind_s_own_advice_is_told_wherever_its_failure_is(open_pull, merged_pull, run, comments):
    advised = Ended(Failed("apply", Cause.MISTAKE, "no", advice="Ask for less `storage`."))
    told = [
        open_pull((Create(request(), "d"),), (advised,)),
        merged_pull(advised),
        notice(run(advised), "", comments, link),
    ]
    assert all("Ask for less `storage`." in text.body for text in told)
    assert not any(NEXT_STEP[Cause.MISTAKE] in text.body for text in told)


def hostile(open_pull, merged_pull, run, comments):
    changes = (
        Update(request(), "d", request(), (ParameterChange("note", EVIL, EVIL, Rule.FREE),)),
        Create(request("b"), "e"),
    )
    rejections = (Rejection(f"requests/a/{EVIL}.yaml", 1, 1, EVIL, f"`{EVIL}` {EVIL}", EVIL),)
    held = Held((NotCovered((EVIL, f"would delete `{EVIL}`")),), Plan((changed(EVIL),)))
    return {
        "plan": open_pull(changes, (planned(EVIL, EVIL), failed(EVIL))),
        "rejected": open_pull((), (), rejections=rejections, deferred=(EVIL,)),
        "conflict": open_pull((), (), conflicts=(EVIL,)),
        "result": merged_pull(
            failed(EVIL),
            held,
            Ended(Applied({EVIL: EVIL, "list": [EVIL]})),
            Ended(Withdrawn(EVIL, EVIL)),
            Ended(Interrupted(EVIL, EVIL)),
        ),
        "notice": notice(run(failed(EVIL)), "", comments, link),
    }


@pytest.mark.parametrize("name", ["plan", "rejected", "conflict", "result", "notice"])
def test_nothing_that_a_stranger_wrote_does_anything_in_a_comment(
    open_pull, merged_pull, run, comments, name
):
    text = hostile(open_pull, merged_pull, run, comments)[name]
    tokens = MarkdownIt("commonmark").enable("table").parse(text.body)
    for token in tokens:
        if token.type == "html_block":
            assert re.match(
                r"<!-- infrautomater:|<details><summary>dev/database/|</details>|<sub>", token.content
            ), token.content
        for child in token.children or ():
            assert child.type != "image"
            assert child.type != "html_inline" or child.content in {"<sub>", "</sub>"}
            if child.type == "link_open":
                assert child.attrs["href"].startswith("https://pages.example/runs/")
            if child.type == "text":
                assert not re.search(r"@[\w]|#[0-9]|://|www\.", child.content), child.content
    opened, closed = (
        "".join(token.content for token in tokens if token.type == "html_block").count(word)
        for word in ("<details>", "</details>")
    )
    assert opened == closed
    widths = {row.count("td_open") or row.count("th_open") for row in _rows(tokens)}
    assert all(widths)


def _rows(tokens):
    row = None
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            yield row
        elif row is not None:
            row.append(token.type)


def test_a_comment_that_is_too_long_leaves_out_details_first(open_pull):
    changes = [Create(request(f"r{index}"), f"d{index}") for index in range(100)]
    text = open_pull(changes, [planned("x" * 1_000) for _ in changes])
    assert "plans are on the runs' pages" in text.body
    assert "<details>" not in text.body
    assert "`dev/database/r99`" in text.body
    assert_shape(text, "plan", "Ready: 100 changes, low risk")


def test_no_comment_is_longer_than_github_takes(open_pull, merged_pull):
    count = 1_200
    changes = [Create(request(f"r{index}"), f"d{index}") for index in range(count)]
    texts = [open_pull(changes, [planned() for _ in changes]), merged_pull(*[failed("x" * 300)] * count)]
    for text in texts:
        assert len(text.body) <= LIMIT
        assert "The rest is cut" in visible(text)[-1]
        assert len(data(text)["runs"]) == 1_000


def test_two_hundred_mistakes_are_listed_and_the_rest_is_counted(open_pull):
    mistakes = tuple(Rejection("a.yaml", line, 1, "", "p", "w.") for line in range(250))
    text = open_pull((), (), rejections=mistakes)
    assert "…and 50 more." in text.body
    assert_shape(text, "plan", "Cannot merge: 250 mistakes")


def test_a_comment_is_the_same_however_often_it_is_rendered(open_pull):
    first, again = (open_pull((Create(request(), "d"),), (planned(),)) for _ in range(2))
    assert first == again
