import pytest
from pydantic import TypeAdapter

from controller.core.environment import DestroyRule, Environment, Mode, read_environment

PATH = "terraform/environments/dev.yaml"
HEAD = "title: Development\nkinds: [database]\n"


def read(text):
    return read_environment("dev", PATH, f"{HEAD}{text}\n".encode())


def test_an_environment_that_says_little_is_careful():
    environment = read("")
    assert isinstance(environment, Environment)
    known = environment.format
    assert (known.mode, known.destroy, known.approvals.required) == (Mode.APPLY, DestroyRule.CONFIRM, 1)
    assert (known.approvals.approvers, known.approvals.author) == (("write",), False)
    assert (known.state.type, known.credentials.pass_env) == ("local", ())


def test_everything_that_the_design_shows_is_read():
    environment = read_environment(
        "dev",
        PATH,
        b"""\
title: Development
mode: plan_only
kinds: [database, s3]
limits: {database: {size: [small, medium], storage: [20, 50]}}
providers:
  aws: {region: us-east-1, default_tags: {Stage: dev}}
  kubernetes: {config_context: dev}
credentials:
  pass_env: [AWS_PROFILE, AWS_REGION]
  plan_env: {AWS_PROFILE: dev-readonly}
state: {type: s3, config: {bucket: b, region: r, use_lockfile: true}}
values: {skip_final_snapshot: true, subnet_group_name: dev}
approvals: {required: 1, from: ["@acme/platform", "@ann", maintain], author: true}
destroy: refuse
quotas: {default: {database: 3}, teams: {payments: {database: 5}}}
budget: {default: 500, currency: USD}
""",
    )
    assert isinstance(environment, Environment), environment
    assert environment.format.limits["database"]["storage"] == (20, 50)
    assert environment.format.approvals.approvers == ("@acme/platform", "@ann", "maintain")
    adapter = TypeAdapter(Environment)
    assert adapter.validate_json(adapter.dump_json(environment, by_alias=True)) == environment


@pytest.mark.parametrize(
    ("text", "field", "problem", "way_out"),
    [
        ("mode: dry", "mode", '`mode` cannot be `"dry"`', "Choose one of `apply`, `plan_only`."),
        (
            "destroy: never",
            "destroy",
            '`destroy` cannot be `"never"`',
            "Choose one of `allow`, `confirm`, `refuse`.",
        ),
        ("approvals: {from: [everybody]}", "approvals.from.0", "item 1 of `from` cannot be", "It must match"),
        *(
            (
                f"credentials: {{pass_env: [{name}]}}",
                "credentials.pass_env",
                "the controller's own",
                "Delete it.",
            )
            for name in ("INFRAUTOMATER_GITHUB_TOKEN", "DATABASE_URL", "REDIS_URL")
        ),
        ("approvals: {from: []}", "approvals.from", "nobody could approve", "Name somebody"),
        (
            "approvals: {form: [write]}",
            "approvals.form",
            "`form` is not a known field",
            "Did you mean `from`?",
        ),
        ("approvals: {required: -1}", "approvals.required", "too little", "Write 0 or more."),
        (
            "credentials: {pass_env: [A-B]}",
            "credentials.pass_env.0",
            "item 1 of `pass_env` cannot be",
            "It must match",
        ),
        ("credentials: {plan_env: {A B: x}}", "credentials.plan_env.A B", "cannot be", "It must match"),
        (
            "credentials: {pass_envs: []}",
            "credentials.pass_envs",
            "not a known field",
            "Did you mean `pass_env`?",
        ),
        ("state: {type: S3}", "state.type", "cannot be", "Choose one of `local`, `s3`"),
        (
            "limits: {database: {size: small}}",
            "limits.database.size",
            "must be a list",
            "Write `[one, another]`",
        ),
        ("budget: {default: much}", "budget.default", "must be a number", "Write a number"),
        (
            "quotas: {default: {database: many}}",
            "quotas.default.database",
            "whole number",
            "Write a whole number",
        ),
        ("kind: [x]", "kind", "`kind` is not a known field", "Did you mean `kinds`?"),
        ("values: {a: .inf}", "", "the number is not finite", "Write a smaller one."),
    ],
)
def test_a_mistake_in_an_environment_is_said_where_it_stands(text, field, problem, way_out):
    rejections = read(text)
    assert isinstance(rejections, tuple)
    assert [each.field for each in rejections] == [field], [str(each) for each in rejections]
    assert (rejections[0].path, rejections[0].line) == (PATH, 3)
    assert problem in rejections[0].problem
    assert rejections[0].way_out.startswith(way_out)
