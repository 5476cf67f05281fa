"""People at work on one pull request after another, through the box: real git, a real broker, real Terraform.

Each process of the lane has a stack of its own. What people read is what is asserted.
"""

import json
import re
import urllib.request
from pathlib import Path

import pytest
import yaml

from controller.cli.stack import running_stack
from tests.e2e.conftest import World, eventually, path, request

HERE = Path(__file__).parent
ENVIRONMENTS = Path("terraform/environments")
MODULES = Path("terraform/modules")
NOBODY = {"required": 0, "from": ["write"], "author": True}
PLATFORM = {"required": 1, "from": ["@acme/platform"], "author": False}


def environment(destroy="allow", approvals=None, **more):
    """The text of an environment's file."""
    rules = {"title": "For stories", "kinds": ["sandbox", "vault"], "destroy": destroy}
    return yaml.safe_dump(rules | {"approvals": approvals or NOBODY} | more, sort_keys=False)


CATALOGUE = {
    ENVIRONMENTS / "dev.yaml": environment(),
    ENVIRONMENTS / "confirm.yaml": environment("confirm", PLATFORM | {"required": 0}),
    ENVIRONMENTS / "refuse.yaml": environment("refuse", PLATFORM | {"required": 0}),
    ENVIRONMENTS / "guarded.yaml": environment("allow", PLATFORM),
    ENVIRONMENTS / "solo.yaml": environment("allow", {"required": 1, "from": ["write"], "author": True}),
    ENVIRONMENTS / "dry.yaml": environment(mode="plan_only"),
}
"""`dev` allows everything, without a quota; `confirm` and `refuse` ends, `guarded` wants an approval of the platform team, `solo` the author's own, `dry` only plans."""


def rehearsal(kind, texts=()):
    """The files of a kind like `sandbox` under another name; `texts` (file → text) stand in place of some."""
    source = Path(__file__).parents[2] / MODULES / "sandbox"
    files = {each.name: each.read_text() for each in source.iterdir() if each.is_file()}
    return {MODULES / kind / name: text for name, text in (files | dict(texts)).items()}


def edited(text, edits):
    """A text with some of its pieces exchanged."""
    for old, new in edits.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def vault():
    """The files of a kind that holds data: a rehearsal that says it is stateful, and that shows no `input`."""
    file = MODULES / "vault" / "kind.yaml"
    stateful = {
        "stateful: false": "stateful: true",
        "title: Rehearsal": "title: Vault",
        "shown: [input, ": "shown: [",
    }
    files = rehearsal("vault")
    return files | {file: edited(files[file], stateful)}


class Stories(World):
    """A world with more to say: comments, approvals, the default branch itself."""

    def push(self, files, message="Past every pull", login="admin"):
        """One commit on the default branch, by no pull: path → text, None to delete; its name."""
        branch = self.repository[login].get_git_ref("heads/main")
        made = self.written([branch.object.sha], files, message, login)
        branch.edit(made)
        return made

    def written(self, parents, files, message="A change", login="requester"):
        """A commit that is on no branch yet: its first parent's tree with these files; its name."""
        base = self.as_(login).get_git_commit(parents[0]).tree.sha
        tree = [
            {"path": str(path), "mode": "100644", "type": "blob", **({"sha": None} if text is None else {"content": text})}
            for path, text in files.items()
        ]  # fmt: skip
        made = self.post(login, "git/trees", {"base_tree": base, "tree": tree})["sha"]
        return self.post(login, "git/commits", {"message": message, "tree": made, "parents": parents})["sha"]

    def proposed_at_once(self, files, login="requester", *, branch=None, by=None):
        """A pull of one commit, however many files it has; `by` is the repository as whoever opens it sees it."""
        branch, made = branch or self.name(), self.written([self.tip()], files, login=login)
        self.as_(login).create_git_ref(f"refs/heads/{branch}", made)
        return (by or self.as_(login)).create_pull(base="main", head=branch, title=branch, body="")

    def statuses(self, commit):
        """Every status that was ever set on a commit, newest first."""
        return list(self.as_("requester").get_commit(commit).get_statuses())

    def tip(self):
        """The default branch's newest commit."""
        return self.as_("requester").get_git_ref("heads/main").object.sha

    def own_kind(self, texts=(), **rules):
        """A kind, and an environment of the same name that offers it, which no other story touches; their name."""
        name = self.name()
        offered = environment(**{"kinds": [name], **rules})
        self.push({**rehearsal(name, texts), ENVIRONMENTS / f"{name}.yaml": offered})
        return name

    def mend_module(self, kind, edits):
        """Change a kind's main.tf on the default branch, by no pull."""
        file = MODULES / kind / "main.tf"
        text = self.as_("admin").get_contents(str(file)).decoded_content.decode()
        return self.push({file: edited(text, edits)}, f"Another {kind}")

    def write_rule(self, file, line):
        """Give one of an environment's rules another value on the default branch, by no pull."""
        text = self.as_("admin").get_contents(file).decoded_content.decode()
        name = line.partition(":")[0]
        return self.push({file: re.sub(rf"^{name}:.*$", line, text, flags=re.MULTILINE)}, f"Now {line}")

    def says_in(self, pull, words, kind="result"):
        """Wait until the comment has these words anywhere; the whole comment."""
        assert eventually(lambda: words in self.comment(pull, kind)), self.comment(pull, kind)
        return self.comment(pull, kind)

    def on_commit(self, commit, words):
        """Wait until our comment on a commit begins with these words; the whole comment."""

        def said():
            bodies = [
                each.body
                for each in self.as_("reviewer").get_commit(commit).get_comments()
                if each.user.login == self.me
            ]
            return next((body for body in bodies if f"**{words}" in body), "")

        return eventually(said)

    def plan_run(self, pull, name):
        """The number of the run that our comment shows for a request of a pull; 0 before there is one."""
        told = re.search(rf"/{name}: .*?/runs/(\d+)\)", self.comment(pull), re.DOTALL)
        return int(told[1]) if told else 0

    def post(self, login, path, body, verb="POST"):
        """A question to the REST API of the box, as somebody."""
        url = f"{self.stack.github}/api/v3/repos/{self.stack.repository}/{path}"
        headers = {"Authorization": f"Bearer {self.stack.tokens[login]}", "Content-Type": "application/json"}
        asked = urllib.request.Request(url, json.dumps(body).encode(), headers, method=verb)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)

    def pull_of(self, number, login="reviewer"):
        return self.as_(login).get_pull(number)

    def as_(self, login):
        """The repository as somebody sees it."""
        if login not in self.repository:
            self.repository[login] = self.stack.client(login).get_repo(self.stack.repository)
        return self.repository[login]

    def approve(self, pull, login="reviewer"):
        return self.pull_of(pull.number, login).create_review(event="APPROVE", body="Fine.")

    def comment_as(self, login, pull, body):
        """Somebody comments; their comment."""
        return self.as_(login).get_issue(pull.number).create_comment(body)

    def reacted(self, comment):
        """Our reactions to a comment."""
        return sorted(each.content for each in comment.get_reactions() if each.user.login == self.me)

    def obeyed(self, comment):
        """Wait until a command was obeyed, or refused; how."""
        found = eventually(lambda: set(self.reacted(comment)) & {"rocket", "confused"})
        assert found, self.reacted(comment)
        assert "eyes" in self.reacted(comment)
        return found.pop()

    def answer(self, pull, comment):
        """What a comment was answered."""
        marker = f"<!-- infrautomater:answer comment={comment.id} "
        return eventually(lambda: next((body for body in self.comments(pull) if body.startswith(marker)), ""))

    def brought(self, files, method="merge", approve=False):
        """A pull that was opened, planned, merged and carried out."""
        pull = self.propose(files)
        eventually(lambda: self.headline(pull) and not self.headline(pull).startswith("Planning"))
        if approve:
            self.approve(pull)
            self.reaches(pull.head.sha, "approval", "success")
        self.merge(pull, method)
        going = ("", "Provisioning", "Destroying")
        eventually(lambda: self.headline(pull, "result").partition(" ")[0] not in going)
        return pull

    def state(self, name, environment="dev", kind="sandbox"):
        """The newest apply or destroy of a request, as the API tells it."""
        runs = [each["run"] for each in self.runs(name, environment, kind)]
        return max((run for run in runs if run["operation"] in {"apply", "destroy"}), key=lambda run: run["id"], default=None)  # fmt: skip

    def status_of(self, name):
        return (self.request(name) or {}).get("status")


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    extra = {
        "INFRAUTOMATER_LOCK_TIMEOUT": "2",
        "INFRAUTOMATER_DRAIN": "0",
        "INFRAUTOMATER_RECONCILE_EVERY": "5",
    }
    with running_stack(tmp_path_factory.mktemp("stories"), extra) as stack:
        Stories(stack).push(CATALOGUE | vault(), "What stories need")
        yield stack


@pytest.fixture(scope="session")
def world(stack):
    return Stories(stack)


@pytest.fixture(autouse=True)
def _tidy(world):
    """No pull stays open: whenever the catalogue changes, each open one is looked at again."""
    yield
    for pull in world.as_("requester").get_pulls(state="open"):
        pull.edit(state="closed")


@pytest.fixture(scope="session", name="ask")
def _ask():
    """The text of a request."""
    return request


@pytest.fixture(scope="session", name="at")
def _at():
    """Where a request lies."""
    return path


def pytest_collection_modifyitems(items):
    """They take minutes: `make stories` runs them."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.stories)
            item.add_marker(pytest.mark.e2e)
