"""The one place where ports meet their edges."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from github import Auth

from controller.core.comment import Links
from controller.core.environment import Mode
from controller.edge.checkup import MachineCheckup
from controller.edge.git.cli import GitCli
from controller.edge.github import AppInstallation, GitHubRest
from controller.edge.guarded import Rule
from controller.edge.inspector import inspect_apart
from controller.edge.keys import generate, plan_key
from controller.edge.ledger.engine import make_engine, utcnow
from controller.edge.ledger.ledger import SqlLedger
from controller.edge.ledger.migrate import migrate
from controller.edge.ledger.turns import SqlTurns
from controller.edge.ledger.views import SqlViews
from controller.edge.pulse import Pulses
from controller.edge.queue import DramatiqQueue, make_broker
from controller.edge.spool import FileSpool
from controller.edge.templates import read_templates
from controller.edge.terraform.absent import AbsentTerraform
from controller.edge.terraform.cli import TerraformCli
from controller.edge.terraform.engine import find_engine
from controller.errors import SettingsError, TerraformAbsent
from controller.ports import Ports, Queue, Terraform
from controller.settings import Settings, need

SWITCH = 0.0005
"""Seconds that a thread has Python to itself while others wait for it (https://docs.python.org/3/library/sys.html#sys.setswitchinterval).

A transaction gives it up at each statement; by default it may take 5 ms to have it back from a busy thread.
"""


@dataclass(frozen=True)
class Assembly:
    """Ports with their edges; the heartbeats that a worker may have to stop, and the checkup of its machine."""

    ports: Ports
    pulses: Pulses
    checkup: MachineCheckup


def sending_queue(settings: Settings) -> DramatiqQueue:
    """A queue for processes that only send."""
    broker = make_broker(settings.redis_url)
    return DramatiqQueue(lambda _queue: broker)


@contextmanager
def assemble(settings: Settings, queue: Queue, me: str) -> Iterator[Assembly]:
    """Ports for one process, called `me` in leases and turns; the ledger is migrated first.

    Raises:
        LedgerError: the ledger cannot be opened.
        SettingsError: PostgreSQL is named, and no key for all machines to compare plans with; or the data directory is none.
    """
    if settings.database_url.startswith("postgres"):
        need(settings, "plan_key")
    make_data(settings)
    migrate(settings.ledger_url)
    engine = make_engine(settings.ledger_url)
    try:
        ledger = SqlLedger(engine, utcnow, settings.lease)
        pulses = Pulses(ledger, settings.heartbeat)
        account = make_account(settings)
        github = make_github(settings, account)
        terraform = make_terraform(settings)
        checkup = MachineCheckup(terraform, settings.data, settings.least_disk)
        ports = Ports(
            git=make_git(settings, account, github.believed_branch),
            github=github,
            terraform=terraform,
            ledger=ledger,
            turns=SqlTurns(engine, utcnow),
            views=SqlViews(engine, utcnow),
            queue=queue,
            spool=FileSpool(settings.data / "spool"),
            checkup=checkup,
            pulse=pulses,
            secret=generate,
            inspect=inspect_apart,
            templates=read_templates(),
            plan_key=plan_key(settings.plan_key.get_secret_value(), settings.data),
            plan_only=settings.mode is Mode.PLAN_ONLY,
            local_state=settings.single_machine or not settings.database_url.startswith("postgres"),
            links=make_links(settings),
            now=utcnow,
            me=me,
        )
        yield Assembly(ports, pulses, checkup)
    finally:
        engine.dispose()


def settle() -> None:
    """Tune Python for many threads that answer each other, once everything that lasts is made.

    What stands now is never looked through for garbage again: that took 0.1 s each time, in which no thread went on.
    """
    gc.freeze()
    sys.setswitchinterval(SWITCH)


def make_data(settings: Settings) -> None:
    """Make the data directory.

    Raises:
        SettingsError: It cannot be made.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(
            f"INFRAUTOMATER_DATA: {settings.data} cannot be made ({error.strerror}): name a directory of ours"
        ) from error


def make_account(settings: Settings) -> Auth.Auth:
    """Who we are on GitHub: an App where one is set, else whom the token belongs to.

    Raises:
        SettingsError: The App's private key is none.
    """
    if settings.github_app_id:
        app = settings.github_app_id, settings.github_app_key.get_secret_value()
        return AppInstallation(app, settings.repository, settings.github_url)
    # A verb that only reads the ledger needs no token; PyGithub takes no empty one.
    return Auth.Token(settings.github_token.get_secret_value() or "none")


def make_github(settings: Settings, account: Auth.Auth) -> GitHubRest:
    """GitHub for the configuration repository."""
    return GitHubRest(account, settings.repository, base_url=settings.github_url, pause=settings.github_pause)


def make_git(settings: Settings, account: Auth.Auth, branch: Callable[[], str]) -> GitCli:
    """The configuration repository's cache, shared by all processes of a machine."""
    url = f"{settings.git_url.rstrip('/')}/{settings.repository}.git"
    return GitCli(settings.data / "git", url, lambda: account.token, branch)


def make_terraform(settings: Settings) -> Terraform:
    """Terraform from the setting, the PATH or the wheel; where there is none, it is looked for until there is."""
    try:
        return _find_terraform(settings)
    except TerraformAbsent:
        return AbsentTerraform(partial(_find_terraform, settings))


def _find_terraform(settings: Settings) -> Terraform:
    engine = find_engine(settings.terraform or None)
    step, apply = settings.step_timeout, settings.apply_timeout
    return TerraformCli(
        settings.data,
        engine,
        deadlines={"init": step, "plan": step, "show": step, "apply": apply},
        mirror=settings.provider_mirror,
        rule=Rule(silence=settings.silence),
        lock_timeout=settings.lock_timeout,
    )


def make_links(settings: Settings) -> Links:
    """Where comments lead to: pages of ours, and GitHub's page of a file, which stands where git fetches from.

    It is led to a line, and not to a column within it, of which GitHub's own page says nothing
    (https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/creating-a-permanent-link-to-a-code-snippet).
    """
    files = f"{settings.git_url.rstrip('/')}/{settings.repository}/blob"

    def source(commit: str, path: str, line: int, _column: int) -> str:
        return f"{files}/{commit}/{quote(path)}#L{line}"

    return Links(page=lambda path: f"{settings.pages_url}{path}", source=source)
