import json
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from controller.sandbox.box import Box

pytestmark = pytest.mark.edge


def test_a_box_goes_on_where_it_was_stopped(tmp_path):
    def call(box, method, path, login="requester", **options):
        headers = {"Authorization": f"Bearer {box.tokens[login]}"}
        answer = httpx2.request(
            method, f"{box.api_url}/repos/acme/infrastructure{path}", headers=headers, **options
        )
        return answer.json() if answer.content else None

    with Box(tmp_path, seed_files={"README.md": b"hello\n"}) as box:
        tokens = box.tokens
        sha = call(box, "GET", "/branches/main")["commit"]["sha"]
        call(box, "POST", "/git/refs", json={"ref": "refs/heads/x", "sha": sha})
        call(box, "PUT", "/contents/a", json={"message": "m", "content": "YQ==", "branch": "x"})
        before = call(box, "POST", "/pulls", json={"title": "T", "head": "x", "base": "main", "body": "B"})
        comment = call(box, "POST", "/issues/1/comments", json={"body": "said"})
        unsaid = call(box, "POST", "/issues/1/comments", json={"body": "unsaid"})
        assert call(box, "DELETE", f"/issues/comments/{unsaid['id']}") is None
    with Box(tmp_path, seed_files={"README.md": b"other\n"}) as box:
        assert box.tokens == tokens
        after = call(box, "GET", "/pulls/1")
        assert all(after["head"][name] == before["head"][name] for name in ("label", "ref", "sha"))
        assert (after["merge_commit_sha"], after["comments"]) == (before["merge_commit_sha"], 1)
        [kept] = call(box, "GET", "/issues/1/comments")
        assert (kept["id"], kept["body"]) == (comment["id"], "said")
        assert call(box, "POST", "/issues/1/comments", json={"body": "new"})["id"] > comment["id"] + 1
        assert call(box, "PUT", "/pulls/1/merge")["merged"]


def test_two_boxes_do_not_share_a_folder_nor_a_port(tmp_path):
    with Box(tmp_path / "one") as box:
        with pytest.raises(sqlite3.OperationalError):
            Box(tmp_path / "one").start()
        with pytest.raises(OSError, match="Address already in use"):
            Box(tmp_path / "two", port=int(box.url.rpartition(":")[2])).start()
    with Box(tmp_path / "one"), Box(tmp_path / "two") as other:
        assert other.tokens != box_tokens(tmp_path / "three")


def box_tokens(folder):
    with Box(folder) as box:
        return box.tokens


def test_many_at_once_are_served_one_after_the_other(world):
    pull = world.pull()
    path = f"/repos/acme/infrastructure/issues/{pull.number}/comments"
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(lambda n: world.call("POST", path, json={"body": str(n)}).json()["id"], range(24))
        )
        merges = list(
            pool.map(
                lambda _: (
                    world.call("PUT", f"/repos/acme/infrastructure/pulls/{pull.number}/merge").status_code
                ),
                range(4),
            )
        )

    assert len(set(made)) == 24 and world.repo().get_pull(pull.number).comments == 24
    assert sorted(merges) == [200, 405, 405, 405]


def test_a_process_says_where_it_is_and_stops_at_a_signal(tmp_path):
    command = (
        sys.executable,
        "-m",
        "controller.sandbox",
        "--dir",
        str(tmp_path / "box"),
        "--repository",
        "acme/other",
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        facts = json.loads(process.stdout.readline())
        assert set(facts["tokens"]) == {"admin", "reviewer", "requester", "controller", "guest"}
        headers = {"Authorization": f"token {facts['tokens']['guest']}"}
        answer = httpx2.get(f"{facts['api_url']}/repos/acme/other", headers=headers)
        assert answer.json()["default_branch"] == "main"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, "")


def test_the_pages_show_the_pulls_and_the_conversation(world):
    pull = world.pull(title="More <room>", body="| a | b |\n|---|---|\n| 1 | 2 |")
    pull.create_issue_comment(
        "<!-- infrautomater:plan v1 -->\n**1 to add**\n<details><summary>All</summary>\n\n```\n+ x\n```\n</details>"
    )
    world.repo("controller").get_commit(pull.head.sha).create_status(
        "success", description="1 to add", context="infrautomater/plan"
    )

    listing = httpx2.get(f"{world.box.url}/acme/infrastructure/pulls")
    assert "More &lt;room&gt;" in listing.text
    page = httpx2.get(pull.html_url)
    for part in (
        "More &lt;room&gt;",
        "<table>",
        "<strong>1 to add</strong>",
        "<details>",
        "infrautomater/plan",
        "requester",
    ):
        assert part in page.text
    assert "infrautomater:plan v1" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert httpx2.get(f"{world.box.url}/acme/infrastructure/pull/99999").status_code == 404
    assert "acme/infrastructure" in httpx2.get(world.box.url, follow_redirects=True).text
