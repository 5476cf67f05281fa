"""The command lines as values."""

from pathlib import Path

from controller.edge.terraform.argv import apply_argv, init_argv, plan_argv, push_argv, show_argv, unlock_argv

PLAN = Path("/data/run/plan.tfplan")


def test_init():
    assert init_argv(locked=False, backend={}) == ("init", "-input=false", "-no-color")
    assert init_argv(locked=True, backend={"path": "/data/x y.tfstate"})[3:] == (
        "-lockfile=readonly",
        "-backend-config=path=/data/x y.tfstate",
    )


def test_plan_with_and_without_the_lock():
    common = ("plan", "-json", "-input=false", "-out=/data/run/plan.tfplan")
    assert plan_argv(PLAN, destroy=False, lock_timeout=None) == (*common, "-lock=false")
    assert plan_argv(PLAN, destroy=True, lock_timeout=660.0) == (*common, "-destroy", "-lock-timeout=660s")


def test_show_and_apply():
    assert show_argv(PLAN) == ("show", "-json", "-no-color", str(PLAN))
    assert apply_argv(PLAN, lock_timeout=660.0) == (
        "apply", "-json", "-input=false", "-auto-approve", "-lock-timeout=660s", str(PLAN),
    )  # fmt: skip


def test_a_state_is_pushed_and_a_lock_released_without_any_force_on_the_state():
    pushed = push_argv(PLAN, lock_timeout=0.0)
    assert pushed == ("state", "push", "-no-color", "-lock-timeout=0s", str(PLAN))
    assert unlock_argv("-force")[-2:] == ("--", "-force")  # an id is never an option
