"""What people read on a pull in twenty situations and some more, to be read by a reviewer as they would read it.

`python tests/core/test_comments_golden.py` writes the files anew.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.core.approval import Approval
from controller.core.catalogue import Catalogue, read_catalogue
from controller.core.change import Create, Destroy, ParameterChange, Update
from controller.core.comment import Links, answer_comment, notices, plan_comment, result_comment
from controller.core.cost import cost_changes
from controller.core.environment import DestroyRule, Mode
from controller.core.hold import DestroyToConfirm, NoPull, NotApproved, NotCovered
from controller.core.identity import RequestId
from controller.core.lock import StateLock
from controller.core.outcome import Applied, Cause, Destroyed, Failed, Interrupted, Planned
from controller.core.plan import Action, AttributeChange, Plan, ResourceChange
from controller.core.proposal import Planning, Proposal
from controller.core.pull import Pull, PullState, ReviewDecision
from controller.core.rejection import Rejection
from controller.core.request import Blob, read_request
from controller.core.run import Ended, Held, Operation, Run, Running, Tries, Waiting
from controller.core.summary import PlanFacts, ResultFacts, summarise_plan, summarise_result
from controller.core.tenure import StrangeLock
from controller.core.verdict import judge
from controller.core.wish import Answer

ROOT = Path(__file__).parents[2]
COMMENTS = Path(__file__).with_name("comments")
HEAD, TIP, MERGE = "4fa1c07" + "0" * 33, "91b3e5d" + "0" * 33, "c0ffee1" + "0" * 33
NOW, BORN = datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 11, 9, tzinfo=UTC)
LINKS = Links(
    page=lambda path: f"https://infra.acme.example{path}",
    source=lambda commit, path, line, column: (
        f"https://github.com/acme/infra/blob/{commit}/{path}?plain=1#L{line}C{column}"
    ),
)
TEMPLATES = {
    path.name: path.read_text(encoding="utf-8") for path in (ROOT / "controller/templates/comment").iterdir()
}
TABLE = "module.this.aws_db_instance.this"
SECRET = "module.this.aws_secretsmanager_secret.password"


def _catalogue():
    files = (
        path for path in (ROOT / "terraform").rglob("*") if path.is_file() and ".terraform/" not in str(path)
    )
    return read_catalogue({path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files})


CATALOGUE = _catalogue()


def ruled(environment, **facts):
    """The catalogue with another rule in one environment."""
    known = CATALOGUE.environments[environment]
    other = replace(known, format=known.format.model_copy(update=facts))
    return Catalogue(CATALOGUE.kinds, {**CATALOGUE.environments, environment: other})


def ask(kind="database", name="orders", environment="dev", team="payments", **parameters):
    lines = [f"kind: {kind}", f"name: {name}", f"environment: {environment}"]
    lines += ["parameters:", *(f"  {key}: {json.dumps(value)}" for key, value in parameters.items())]
    text = "\n".join(lines if parameters else lines[:-1]) + "\n"
    request = read_request(f"requests/{team}/{name}.yaml", Blob("100644", "0" * 40, text.encode()), CATALOGUE)
    assert not isinstance(request, tuple), request
    return request


def update(before, after):
    """What becomes of one request when its file says something else."""
    rules = CATALOGUE.kinds[after.id.kind].format.parameters
    changed = tuple(
        ParameterChange(name, before.parameters[name], value, rules[name].change)
        for name, value in after.parameters.items()
        if before.parameters[name] != value
    )
    return Update(after, "d", before, changed)


def resource(address=TABLE, action=Action.CREATE, *shown, hidden=(), later=()):
    """A change of an object: `shown` are (name, before, after), the others are told by name."""
    said = [
        AttributeChange(name, *(None if each is None else json.dumps(each) for each in way))
        for name, *way in shown
    ]
    said += [AttributeChange(name, None, None) for name in (*hidden, *later)]
    return ResourceChange(address, action, {}, tuple(later), tuple(sorted(said, key=lambda each: each.name)))


NEW = Plan(
    (
        resource(
            TABLE,
            Action.CREATE,
            ("allocated_storage", None, 20),
            ("engine", None, "postgres"),
            ("instance_class", None, "db.t3.micro"),
            hidden=("apply_immediately", "copy_tags_to_snapshot", "tags"),
            later=("address", "arn", "endpoint"),
        ),
        resource(SECRET, Action.CREATE, hidden=("name", "tags"), later=("arn", "id")),
    )
)
BIGGER = Plan((resource(TABLE, Action.UPDATE, ("instance_class", "db.t3.micro", "db.t3.small")),))
GROWN = Plan((resource(TABLE, Action.UPDATE, ("allocated_storage", 20, 50)),))
GONE = Plan((resource(TABLE, Action.DELETE), resource(SECRET, Action.DELETE)))
ANEW = Plan(
    (
        resource(
            TABLE, Action.REPLACE, ("engine_version", "15", "16"), hidden=("password_wo",), later=("arn",)
        ),
    )
)
STORE = Plan(
    (
        resource(
            "module.this.aws_s3_bucket.this",
            Action.CREATE,
            ("bucket", None, "dev-exports"),
            later=("arn", "region"),
        ),
    )
)
MOVED = Plan((resource(TABLE, Action.UPDATE, hidden=("tags", "tags_all")),))
NOTE = Plan(
    (
        resource(
            "module.this.terraform_data.this",
            Action.UPDATE,
            ("input", {"message": ""}, {"message": "hello"}),
            later=("output",),
        ),
    )
)


def planned(plan, kind="database", *warnings):
    return Ended(Planned(plan, judge(plan, CATALOGUE.kinds[kind]), warnings))


def run(request, state, operation=Operation.PLAN, number=41, **facts):
    known = {
        "id": number,
        "request": request if isinstance(request, RequestId) else request.id,
        "digest": "d",
        "mode": Mode.APPLY,
        "commit": HEAD,
        "pull": 7,
        "after": None,
        "attempt": 1,
        **facts,
    }
    return Run(operation=operation, state=state, **known)


def plan_of(change, state, number=41, **facts):
    destroys = isinstance(change, Destroy)
    operation = Operation.PLAN_DESTROY if destroys else Operation.PLAN
    return run(change.request, state, operation, number, **facts)


def pull(number=7, state=PullState.OPEN, **facts):
    known = {"title": "Orders", "author": "ann", "head": HEAD, "base": "main", **facts}
    return Pull(number=number, state=state, **known)


def opened(
    changes=(), states=(), *, catalogue=CATALOGUE, draft=False, told=None, older=(), run_facts=None, **facts
):
    """The plan comment of a pull: one run for each change and state."""
    proposal = Proposal(
        pull(draft=draft), TIP, tuple(changes), costs=tuple(cost_changes(changes, catalogue)), **facts
    )
    runs = [
        plan_of(change, state, 41 + index, **(run_facts or {}))
        for index, (change, state) in enumerate(zip(changes, states, strict=False))
    ]
    known = PlanFacts(
        proposal,
        (*runs, *older),
        catalogue,
        born={change.request.id: BORN for change in changes},
        now=NOW,
        **(told or {}),
    )
    return plan_comment(summarise_plan(known), TEMPLATES, LINKS)


def result(*runs, catalogue=CATALOGUE, **facts):
    facts = {"pull": pull(state=PullState.MERGED), **facts}
    return result_comment(summarise_result(ResultFacts(MERGE, runs, catalogue, **facts)), TEMPLATES, LINKS)


def done(request, state, number=51, **facts):
    return run(request, state, Operation.APPLY, number, commit=MERGE, **facts)


def told(*runs):
    summary = summarise_result(ResultFacts(MERGE, runs, CATALOGUE, pull(state=PullState.MERGED)))
    return notices(summary, "ann", TEMPLATES, LINKS)[0]


def mistakes():
    path = "requests/payments/orders.yaml"
    return (
        Rejection(
            path, 6, 9, "parameters.size", '`size` cannot be `"huge"`', "Choose one of `small`, `medium`."
        ),
        Rejection(path, 3, 14, "environment", "there is no environment `devv`", "Did you mean `dev`?"),
    )


ORDERS, USERS, BUCKET = ask(), ask(name="users"), ask("s3", "exports")
PROD = ask(environment="prod", multi_az=True)
TO_MEDIUM = update(ORDERS, ask(size="medium"))
RESTARTED = ResourceChange(TABLE, Action.REPLACE, {"engine_version": "hmac:1"})
DENIED = Failed(
    "apply",
    Cause.PERMISSION,
    "creating RDS DB Instance (dev-orders): AccessDenied",
    "creating RDS DB Instance (dev-orders): AccessDenied\nUser arn:aws:iam::1:user/ci is not authorized to perform rds:CreateDBInstance",
    (SECRET,),
    (TABLE,),
)
TAKEN = Failed(
    "apply",
    Cause.NAME_TAKEN,
    "creating S3 Bucket (dev-exports): BucketAlreadyExists",
    "creating S3 Bucket (dev-exports): BucketAlreadyExists",
    advice=CATALOGUE.kinds["s3"].format.errors["BucketAlreadyExists"],
)
NO_PROVIDER = Failed(
    "init",
    Cause.NETWORK,
    "Failed to query available provider packages",
    "Failed to query available provider packages\nCould not retrieve the list of available versions for provider hashicorp/aws: no such host",
)
LATER = Waiting(datetime(2026, 11, 23, 12, 3, 4, tzinfo=UTC), Cause.THROTTLED)
STRANGE = StrangeLock(
    StateLock("4f1c", who="alice@laptop", created=datetime(2026, 11, 23, 11, 40, tzinfo=UTC))
)
LOCKED = Failed(
    "plan",
    Cause.LOCK_HELD,
    "Error acquiring the state lock",
    "Error acquiring the state lock\nLock Info:\n  ID: 4f1c\n  Who: alice@laptop",
    advice=f"It is {STRANGE.told(NOW)}. Then retry.",
)
OUTPUTS = {
    "endpoint": "dev-orders.abc.eu-central-1.rds.amazonaws.com:5432",
    "port": 5432,
    "username": "dbadmin",
    "secret_arn": "arn:aws:secretsmanager:eu-central-1:1:secret:dev-orders",
}
APPROVALS = (
    Approval(
        "prod",
        2,
        ("bob",),
        ("@acme/platform",),
        (
            "carol: approved the older commit 1a2b3c4",
            "ann: the author's own approval does not count here",
            "dan: is none of @acme/platform",
        ),
    ),
)

SITUATIONS = {
    "new request": lambda: opened(
        (Create(ORDERS, "d"), Create(ask("s3", "exports", expire_days=30), "d")),
        (planned(NEW), planned(STORE, "s3")),
    ),
    "planning": lambda: opened((Create(USERS, "d"), TO_MEDIUM), (planned(NEW),)),
    "change in place": lambda: opened(
        (update(ask("sandbox", "demo"), ask("sandbox", "demo", message="hello")),),
        (planned(NOTE, "sandbox", "Argument is deprecated: use another"),),
    ),
    "downtime": lambda: opened((TO_MEDIUM,), (planned(BIGGER),)),
    "grow": lambda: opened((update(ORDERS, ask(storage=50)),), (planned(GROWN),)),
    "replace of a stateful one": lambda: opened(
        (update(PROD, ask(environment="prod", multi_az=True, engine_version="16")),), (planned(ANEW),)
    ),
    "destroy allowed": lambda: opened((Destroy(ORDERS, "d"),), (planned(GONE),)),
    "destroy to be confirmed": lambda: opened((Destroy(PROD, "d"),), (planned(GONE),)),
    "destroy confirmed": lambda: opened(
        (Destroy(PROD, "d"),), (planned(GONE),), run_facts={"confirmed": "bob"}
    ),
    "destroy refused": lambda: opened(
        (Destroy(PROD, "d"),), (planned(GONE),), catalogue=ruled("prod", destroy=DestroyRule.REFUSE)
    ),
    "two mistakes": lambda: opened(rejections=mistakes()),
    "conflict": lambda: opened(conflicts=("requests/payments/orders.yaml",)),
    "plan failed": lambda: opened((Create(ORDERS, "d"),), (Ended(NO_PROVIDER),)),
    "plan interrupted": lambda: opened(
        (Create(ORDERS, "d"),), (Ended(Interrupted("plan", "its worker w1 was last heard at 11:58:03 UTC")),)
    ),
    "outdated": lambda: opened((TO_MEDIUM,), (Waiting(),), older=(plan_of(TO_MEDIUM, planned(BIGGER), 40),)),
    "outdated while another run is at work": lambda: opened(
        (TO_MEDIUM,), (planned(BIGGER),), told={"busy": {ORDERS.id: 12}}
    ),
    "a stranger's pull": lambda: opened((Create(ORDERS, "d"),), planning=Planning.STRANGER),
    "planned too often": lambda: opened((Create(ORDERS, "d"),), planning=Planning.TOO_OFTEN, rounds=50),
    "draft": lambda: opened((Create(ORDERS, "d"),), (planned(NEW),), draft=True),
    "move to another team": lambda: opened((update(ORDERS, ask(team="search")),), (planned(MOVED),)),
    "catalogue pull": lambda: opened(
        touches_catalogue=True,
        replanned=(ORDERS.id, USERS.id),
        deferred=("requests/payments/cache.yaml",),
    ),
    "two pulls on one request": lambda: opened(
        (TO_MEDIUM,),
        (planned(BIGGER),),
        told={"others": (Proposal(pull(9), TIP, (Destroy(ORDERS, "d"),)),)},
    ),
    "missing approval": lambda: opened(
        (update(PROD, ask(environment="prod", multi_az=True, storage=50)),),
        (planned(GROWN),),
        told={"approvals": APPROVALS},
    ),
    "approval of a code owner missing": lambda: opened(
        (TO_MEDIUM,),
        (planned(BIGGER),),
        told={
            "approvals": (
                Approval("dev", 0, (), ("write",), decision=ReviewDecision.REVIEW_REQUIRED),
                Approval("prod", 1, (), ("@acme/platform",), unseen=("@acme/platform",)),
            )
        },
    ),
    "dry run": lambda: opened((Create(ORDERS, "d"),), (planned(NEW),), run_facts={"mode": Mode.PLAN_ONLY}),
    "provisioning": lambda: result(done(ORDERS, Running("w", 1, "apply")), done(USERS, Waiting(), 52)),
    "provisioned": lambda: result(
        done(ORDERS, Ended(Applied(OUTPUTS, 2))),
        run(USERS, Ended(Destroyed(2)), Operation.DESTROY, 52),
        elsewhere={BUCKET.id: 13},
    ),
    "failed partly applied": lambda: result(
        done(ORDERS, Ended(DENIED)), done(USERS, Ended(Applied(OUTPUTS)), 52)
    ),
    "failed name taken": lambda: result(done(BUCKET, Ended(TAKEN))),
    "failed at init": lambda: result(done(ORDERS, Ended(NO_PROVIDER))),
    "held not covered": lambda: result(
        done(
            PROD,
            Held(
                (
                    NotCovered(
                        (
                            f"would replace `{TABLE}`, where the reviewed plan said update",
                            f'`engine_version` of `{TABLE}` would be `"16"`, where the reviewed plan said `"15"`',
                        )
                    ),
                ),
                ANEW,
            ),
        )
    ),
    "held for two reasons": lambda: result(
        done(
            PROD,
            Held(
                (
                    NotApproved("1 of 2 for prod: needs one of @acme/platform"),
                    DestroyToConfirm(DestroyRule.CONFIRM),
                ),
                GONE,
            ),
            51,
        )
    ),
    "held since the environment refuses": lambda: result(
        done(PROD, Held((DestroyToConfirm(DestroyRule.REFUSE),), GONE)),
        catalogue=ruled("prod", destroy=DestroyRule.REFUSE),
    ),
    "held without pull": lambda: result(done(ORDERS, Held((NoPull(MERGE),), NEW), pull=None), pull=None),
    "interrupted": lambda: result(
        done(
            ORDERS,
            Ended(Interrupted("apply", "its worker w1 was last heard at 11:58:03 UTC")),
            tries=Tries(lost=4),
        )
    ),
    "interrupted in the middle": lambda: result(
        done(
            ORDERS,
            Ended(Interrupted("apply", "the worker was told to end", (SECRET,), (TABLE,))),
            tries=Tries(lost=4),
        )
    ),
    "tried again by itself": lambda: result(done(ORDERS, LATER, tries=Tries(failed=1))),
    "plan tried again by itself": lambda: opened(
        (Create(ORDERS, "d"),), (LATER,), run_facts={"tries": Tries(failed=2)}
    ),
    "failed on a strange lock": lambda: result(done(ORDERS, Ended(LOCKED))),
    "merged with a mistake": lambda: result(done(USERS, Ended(Applied({}))), rejections=mistakes()),
    "notice": lambda: told(done(ORDERS, Ended(DENIED))),
    "notice of many": lambda: told(
        *(done(ask(name=f"r{index}"), Ended(DENIED), 60 + index) for index in range(4))
    ),
    "refused command": lambda: answer_comment(
        Answer(
            99,
            7,
            "carol",
            refused=True,
            words=("`orders` is for one of `@acme/platform` to decide, since it lives in `prod`",),
        ),
        TEMPLATES,
        LINKS,
    ),
}


def path_of(situation):
    return COMMENTS / f"{situation.replace(' ', '-').replace(chr(39), '')}.md"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_people_read_what_was_reviewed(situation):
    assert SITUATIONS[situation]().body == path_of(situation).read_text(encoding="utf-8")


def test_every_golden_comment_is_of_a_situation():
    assert set(COMMENTS.iterdir()) == {path_of(situation) for situation in SITUATIONS}


if __name__ == "__main__":
    written = {path_of(situation): comment().body for situation, comment in SITUATIONS.items()}
    COMMENTS.mkdir(exist_ok=True)
    for path in COMMENTS.iterdir():
        path.unlink()
    for path, body in written.items():
        path.write_text(body, encoding="utf-8")
