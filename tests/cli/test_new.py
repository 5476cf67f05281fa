"""`new`: from a command line to a file that validates, or to a pull request."""

import io
import os
import pty
import subprocess
import sys

import pytest
from github import Auth, Github

from controller.edge.github import GitHubRest
from controller.sandbox.box import REPOSITORY, Box

pytestmark = pytest.mark.edge

ASK = ("new", "sandbox", "orders", "--team", "payments", "--environment", "dev")
PATH = "requests/payments/orders.yaml"


def test_the_file_is_written_and_validates(kit, infrautomater):
    said = infrautomater(*ASK, "size=medium", "message=no")
    assert (said.code, said.out) == (0, f"{PATH}\n")
    text = (kit / PATH).read_text()
    assert "\n  size: medium\n" in text and '\n  message: "no"\n' in text and "\n  # disk: 10\n" in text
    assert infrautomater("validate").code == 0


def test_a_file_that_is_there_stays_as_it_is(kit, infrautomater):
    infrautomater(*ASK)
    before = (kit / PATH).read_bytes()
    said = infrautomater(*ASK, "size=large")
    assert said.code == 1 and f"`{PATH}` is there already" in said.err
    assert (kit / PATH).read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("size=gigantic",), 'parameters.size: `size` cannot be `"gigantic"`'),
        (("mesage=hello",), "Did you mean `message`?"),
        (("disk=lots",), "parameters.disk: `disk` must be a whole number"),
    ],
)
def test_what_validate_would_refuse_is_refused_in_its_words(kit, infrautomater, words, said):
    answer = infrautomater(*ASK, *words)
    assert answer.code == 1 and said in answer.err and not (kit / PATH).exists()


@pytest.mark.parametrize(
    ("kind", "name", "team", "said"),
    [
        ("sandbix", "orders", "payments", "Did you mean `sandbox`?"),
        ("sandbox", "Orders", "payments", "`Orders` cannot be a name"),
        ("sandbox", "../../../orders", "payments", "no request lives here"),
        ("sandbox", "orders", "Payments", "`Payments` is not the name of a team"),
        ("sandbox", "checkout", "search", "is also asked for in `requests/payments/checkout.yaml`"),
    ],
)
def test_nothing_is_written_where_no_request_may_be(kit, infrautomater, kind, name, team, said):
    before = sorted(kit.parent.rglob("*.yaml"))
    answer = infrautomater("new", kind, name, "--team", team, "--environment", "dev")
    assert answer.code == 1 and said in answer.err
    assert sorted(kit.parent.rglob("*.yaml")) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "sandbox"), "NAME"),
        (("new", "sandbox", "orders", "--team", "payments"), "--environment"),
        ((*ASK, "size"), "is no KEY=VALUE"),
    ],
)
def test_what_is_missing_without_a_terminal_is_wrong_usage(kit, infrautomater, monkeypatch, words, said):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    answer = infrautomater(*words)
    assert answer.code == 2 and said in answer.err


def test_editors_are_told_of_a_schema_that_is_there(kit, infrautomater):
    (kit / "request.schema.json").write_text(infrautomater("schema").out)
    infrautomater(*ASK)
    first = (kit / PATH).read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../request.schema.json"


def test_on_a_terminal_what_is_missing_is_asked_for(kit):
    main, side = pty.openpty()
    argv = (sys.executable, "-m", "controller", "new")
    env = {**os.environ, "TERM": "dumb"}
    with subprocess.Popen(argv, stdin=side, stdout=subprocess.PIPE, stderr=side, env=env) as process:
        os.close(side)
        for question, answer in (
            ("Kind", "sandbox"), ("Name", "orders"), ("Team", "payments"), ("Environment", "nowhere"),
            ("available options", "dev"),
        ):  # fmt: skip
            _await(main, question)
            os.write(main, f"{answer}\n".encode())
        out = process.stdout.read().decode()
    assert process.returncode == 0 and out == f"{PATH}\n"
    assert "environment: dev\n" in (kit / PATH).read_text()


def _await(terminal, text):
    seen = ""
    while text not in seen:
        seen += os.read(terminal, 4096).decode()


# --- as a pull request --------------------------------------------------------------------------------------------


@pytest.fixture
def box(tmp_path, monkeypatch):
    with Box(tmp_path / "box", seed_files={PATH.replace("orders", "taken"): b"kind: sandbox\n"}) as box:
        monkeypatch.setenv("INFRAUTOMATER_DATA", str(tmp_path / "data"))
        yield box


def as_requester(box, monkeypatch):
    monkeypatch.setenv("INFRAUTOMATER_REPOSITORY", REPOSITORY)
    monkeypatch.setenv("INFRAUTOMATER_GITHUB_URL", box.api_url)
    monkeypatch.setenv("INFRAUTOMATER_GITHUB_TOKEN", box.tokens["requester"])
    monkeypatch.setenv("INFRAUTOMATER_GITHUB_PAUSE", "0")


def test_a_pull_request_is_opened_and_no_file_is_left(kit, infrautomater, box, monkeypatch):
    as_requester(box, monkeypatch)
    said = infrautomater(*ASK, "size=medium", "--open-pull")
    assert (said.code, said.out) == (0, f"{box.url}/{REPOSITORY}/pull/1\n")
    assert not (kit / PATH).exists()

    github = Github(auth=Auth.Token(box.tokens["reviewer"]), base_url=box.api_url)
    repository = github.get_repo(REPOSITORY)
    pull = repository.get_pull(1)
    assert (pull.title, pull.user.login, pull.base.ref) == ("Ask for dev/sandbox/orders", "requester", "main")
    assert [file.filename for file in pull.get_files()] == [PATH] and pull.commits == 1
    content = repository.get_contents(PATH, ref=pull.head.ref).decoded_content
    assert b"\n  size: medium\n" in content

    again = infrautomater(*ASK, "size=medium", "--open-pull")
    assert again.out == said.out and repository.get_pulls().totalCount == 1


def test_a_pull_request_for_somebody_says_so_where_nobody_can_edit_it(kit, infrautomater, box, monkeypatch):
    as_requester(box, monkeypatch)
    monkeypatch.setenv("INFRAUTOMATER_GITHUB_TOKEN", box.tokens["controller"])
    said = infrautomater(*ASK, "--open-pull", "--for", "@guest")
    assert (said.code, said.out) == (0, f"{box.url}/{REPOSITORY}/pull/1\n")
    github = Github(auth=Auth.Token(box.tokens["reviewer"]), base_url=box.api_url)
    pull = github.get_repo(REPOSITORY).get_pull(1)
    assert (
        pull.head.ref.startswith("infrautomater/for/guest/dev.sandbox.orders-") and pull.body == "For @guest."
    )
    controller = GitHubRest(Auth.Token(box.tokens["controller"]), REPOSITORY, base_url=box.api_url)
    assert (pull.user.login, controller.pull(1).author) == ("controller", "guest")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--for", "guest"), "add --open-pull"),
        (("--open-pull", "--for", "../x"), "`../x` is no login"),
        (("--open-pull", "--for", "two words"), "is no login"),
    ],
)
def test_nobody_is_named_who_could_not_be(kit, infrautomater, words, said):
    answer = infrautomater(*ASK, *words)
    assert (
        answer.code == 2
        and said in " ".join(answer.err.replace("│", " ").split())
        and not (kit / PATH).exists()
    )


def test_a_file_that_github_has_is_not_overwritten(kit, infrautomater, box, monkeypatch):
    as_requester(box, monkeypatch)
    said = infrautomater(
        "new", "sandbox", "taken", "--team", "payments", "--environment", "dev", "--open-pull"
    )
    assert said.code == 1 and "is there already" in said.err and "/pull/" not in said.out


def test_without_an_account_it_says_what_to_set(kit, infrautomater, box):
    said = infrautomater(*ASK, "--open-pull")
    assert said.code == 1
    assert "INFRAUTOMATER_REPOSITORY and INFRAUTOMATER_GITHUB_TOKEN" in said.err


def test_who_may_not_write_is_told(kit, infrautomater, box, monkeypatch):
    as_requester(box, monkeypatch)
    monkeypatch.setenv("INFRAUTOMATER_GITHUB_TOKEN", box.tokens["guest"])
    said = infrautomater(*ASK, "--open-pull")
    assert said.code == 1 and "GitHub answered POST" in said.err
