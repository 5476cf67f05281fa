"""What a reconcile costs where 10,000 requests all stand as the default branch wants them.

    python benchmarks/reconcile.py [--requests N] [--pulls N] [--write]

A real repository, a real cache and a real ledger in SQLite; GitHub is a fake that counts what it is asked. Prints the
first reconcile of a process and those after it, with no open pull and with some that nobody touched, and the memory that
is kept between them. Exits 1 where a later one takes 1 s or more, or asks GitHub more than a handful of times.
"""

import gc
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from figures import Limit, Report, options, publish, spread
from sqlalchemy import insert

from controller.bootstrap import assemble
from controller.core.call import Call
from controller.core.decision import Decision
from controller.core.environment import Mode
from controller.core.outcome import Applied
from controller.core.proposal import Proposal
from controller.core.pull import Pull, PullState
from controller.core.run import Ended, Opening, Operation
from controller.core.wanted import Wanted, read_wanted
from controller.core.workspace import Workspace
from controller.edge.git.cli import GitCli
from controller.edge.ledger import make_engine, utcnow
from controller.edge.ledger.records import REQUEST, dump, new_run, new_workspace, state_columns
from controller.edge.ledger.tables import requests, runs, workspaces
from controller.edge.starter import starter_root
from controller.pipeline.look import catalogue_blobs, catalogue_of
from controller.pipeline.reconcile import reconcile
from controller.ports import Ports
from controller.settings import read_settings

LIMIT_S = 1.0
HANDFUL = 5
ROUNDS = 7
PARAMETERS = {
    "sandbox": "  size: medium\n  message: Hello\n  replicas: 2\n",
    "database": "  engine: postgres\n  size: small\n  storage: 100\n",
    "s3": "  versioning: true\n  noncurrent_days: 30\n",
    "k8s_namespace": '  labels:\n    cost-centre: "4711"\n',
}


def main() -> int:
    asked = options(__doc__, {"requests": 10_000, "pulls": 20})
    with tempfile.TemporaryDirectory() as folder, world(Path(folder), asked.requests) as (ports, github):
        before = resident()
        first = seconds(ports, github)
        gc.collect()
        kept = resident() - before
        warm, few = later(ports, github)
        push(Path(folder) / "origin")
        pushed = seconds(ports, github)
        look_at(ports, github, asked.pulls)
        with_pulls, some = later(ports, github)
    rows = [
        (f"{asked.requests:,} requests, nothing to do", "median s", "worst s", "asked of GitHub"),
        ("the first after a start", f"{first:.2f}", f"{first:.2f}", ""),
        ("every later one", *told(warm), str(few.total())),
        ("the first after a push that changes one file", f"{pushed:.2f}", f"{pushed:.2f}", ""),
        (f"every later one with {asked.pulls} open pulls", *told(with_pulls), str(some.total())),
    ]
    limits = [
        Limit(
            f"a later one takes under {LIMIT_S:g} s", max(spread(warm)[0], spread(with_pulls)[0]) < LIMIT_S
        ),
        Limit(f"GitHub is asked at most {HANDFUL} times", max(few.total(), some.total()) <= HANDFUL),
    ]
    remark = f"Between two reconciles {kept / 1e6:.0f} MB are kept. What is asked: {', '.join(sorted(some))}."
    return publish(Report("reconcile", rows, limits, remark), write=asked.write)


def told(values: list[float]) -> tuple[str, str]:
    median, _, worst = spread(values)
    return f"{median:.2f}", f"{worst:.2f}"


def seconds(ports: Ports, github: "Forge") -> float:
    """How long a reconcile takes."""
    github.asked.clear()
    began = time.perf_counter()
    reconcile(ports)
    return time.perf_counter() - began


def later(ports: Ports, github: "Forge") -> tuple[list[float], Counter[str]]:
    """Several, after one that nobody measures; and what the last asked of GitHub."""
    reconcile(ports)
    return [seconds(ports, github) for _ in range(ROUNDS)], github.asked.copy()


class Forge:
    """GitHub with open pulls that nobody touches; counts what it is asked, and knows nothing else."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.pulls: tuple[Pull, ...] = ()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        answers = {"open_pulls": lambda: self.pulls, "comments_between": dict}

        def answer(*_arguments: Any) -> Any:
            self.asked[name] += 1
            return answers.get(name, tuple)()

        return answer


class Silence:
    """A broker that takes everything and does nothing."""

    def send(self, *_calls: Call) -> None:
        pass

    def ping(self) -> None:
        pass


@contextmanager
def world(folder: Path, count: int) -> Iterator[tuple[Ports, Forge]]:
    """A repository with so many requests, and a ledger in which each of them was applied."""
    write(folder / "origin", count)
    settings = read_settings(data=folder / "data", repository="acme/infrastructure", github_token="none")
    with assemble(settings, Silence(), "benchmark") as assembly:
        github = Forge()
        git = GitCli(folder / "cache", str(folder / "origin"), lambda: None, lambda: "main")
        ports = replace(assembly.ports, git=git, github=github)
        git.fetch()
        tip = git.tip() or ""
        # Read past the story's own memory, of which the first reconcile shall have nothing.
        offered = catalogue_of(catalogue_blobs(ports, tip))
        wanted = read_wanted(git.blobs(tip, "requests"), offered, ports.templates["workspace"])
        fill(settings.ledger_url, wanted, tip)
        ports.ledger.commit(Decision(cursor=tip))
        yield ports, github


def write(origin: Path, count: int) -> None:
    """A bare repository with the starter kit's catalogue and so many requests, of every kind in turn."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", origin], check=True)
    files = {f"terraform/{path}": text for path, text in catalogue()} | dict(map(request, range(count)))
    stream = [b"commit refs/heads/main\ncommitter A <a@b> 1750000000 +0000\ndata 0\n"]
    for path, content in files.items():
        stream.append(b"M 644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=origin, input=b"".join(stream), check=True)


def push(origin: Path) -> None:
    """A commit that changes a comment in one file."""
    path, content = request(0)
    stream = b"commit refs/heads/main\ncommitter A <a@b> 1750000001 +0000\ndata 0\nfrom refs/heads/main^0\n"
    stream += b"M 644 inline %s\ndata %d\n# Ours\n%s\n" % (path.encode(), len(content) + 7, content)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=origin, input=stream, check=True)


def catalogue() -> Iterator[tuple[str, bytes]]:
    root = starter_root() / "terraform"
    for path in sorted(root.rglob("*")):
        if path.is_file() and ".terraform" not in path.parts:
            yield path.relative_to(root).as_posix(), path.read_bytes()


def request(number: int) -> tuple[str, bytes]:
    """A request's path and text."""
    kind = list(PARAMETERS)[number % len(PARAMETERS)]
    head = f"# Request {number}\nkind: {kind}\nname: r{number}\nenvironment: dev\nparameters:\n"
    return f"requests/team-{number % 50}/r{number}.yaml", (head + PARAMETERS[kind]).encode()


def fill(url: str, wanted: Wanted, tip: str) -> None:
    """Record that every workspace was applied, as an apply each would have."""
    assert not wanted.requests.refused
    engine = make_engine(url)
    rows = [applied(workspace, tip, number) for number, workspace in enumerate(wanted.workspaces.values(), 1)]
    with engine.begin() as conn:
        for table, column in ((workspaces, 0), (runs, 1), (requests, 2)):
            conn.execute(insert(table), [row[column] for row in rows])
    engine.dispose()


def applied(workspace: Workspace, tip: str, number: int) -> tuple[dict[str, Any], ...]:
    """The rows of a request that stands: its workspace's, its run's and its own."""
    opening = Opening(workspace.id, Operation.APPLY, workspace.digest, Mode.APPLY, tip)
    at, subject = utcnow(), workspace.request
    run = new_run(opening, subject, at) | state_columns(Ended(Applied({}))) | {"id": number}
    place = {"team": subject.team, "path": subject.path, "subject": dump(REQUEST, subject)}
    stands = {"digest": workspace.digest, "begun": workspace.digest, "last_run": number, "run": number}
    row = {"key": workspace.id.key, "outputs": "{}", "status": "provisioned", "changed": at} | place | stands
    return dict(new_workspace(workspace)), run, row


def look_at(ports: Ports, github: Forge, count: int) -> None:
    """Open so many pulls, and let each be known as it is."""
    tip = ports.git.tip() or ""
    github.pulls = tuple(
        Pull(number, f"Pull {number}", "ann", f"{number:040x}", "main", PullState.OPEN)
        for number in range(1, count + 1)
    )
    for pull in github.pulls:
        ports.ledger.commit(Decision(proposal=Proposal(pull, tip)))


def resident() -> float:
    """Bytes of memory that this process has (https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main())
