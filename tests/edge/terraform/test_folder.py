"""The folder of a run: nothing escapes it, and no state is lost with it."""

import contextlib
import errno
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from controller.edge.terraform.folder import open_folder
from controller.errors import TerraformFailed

pytestmark = pytest.mark.edge


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "a/..", "..", "", ".", "/", "a\0b"])
def test_a_path_that_leads_out_of_the_workspace_is_refused_and_nothing_is_written(data, job, path):
    with (
        pytest.raises(TerraformFailed, match="init") as failed,
        open_folder(data, job(files={path: b"x"})),
    ):
        pytest.fail("it was opened")
    assert "lead out of the workspace" in failed.value.errors
    assert not [entry for entry in data.rglob("*") if entry.is_file()]


@pytest.mark.parametrize("path", ["a", "a/b.tf", ".terraform.lock.hcl", "a..b", "ä/ö.tf", "a b", "-x"])
def test_every_other_path_is_written(data, job, path):
    with open_folder(data, job(files={path: b"x"})) as folder:
        assert (folder.root / path).read_bytes() == b"x"


def test_two_sessions_of_one_run_do_not_meet(data, job):
    with open_folder(data, job()) as one, open_folder(data, job()) as other:
        assert one.path != other.path
        assert (one.root / "main.tf").exists()
    assert list((data / "workspaces").iterdir()) == []


def test_what_is_no_folder_of_ours_is_left_alone(data, job):
    foreign = data / "workspaces" / "notes"
    foreign.mkdir(parents=True)
    with open_folder(data, job()):
        pass
    assert foreign.exists()


def test_an_errored_state_is_moved_out_and_never_over_another(data, job):
    for text in ("first", "second"):
        with open_folder(data, job()) as folder:
            (folder.root / "errored.tfstate").write_text(text)
    assert (data / "rescued/dev.sandbox.one.7.errored.tfstate").read_text() == "first"
    assert (data / "rescued/dev.sandbox.one.7-2.errored.tfstate").read_text() == "second"


def test_a_folder_whose_state_cannot_be_moved_stays_until_it_can(data, job):
    with open_folder(data, job()) as folder:
        (folder.root / "errored.tfstate").write_text("precious")
        (data / "rescued").rmdir()
        (data / "rescued").write_text("in the way")
    assert folder.path.exists()
    (data / "rescued").unlink()
    with open_folder(data, job()):
        assert not folder.path.exists()
    assert (data / "rescued/dev.sandbox.one.7.errored.tfstate").read_text() == "precious"


def test_a_folder_that_cannot_be_locked_is_not_left_behind(data, job, monkeypatch):
    really = os.open

    def refuse(path, *more):
        if str(path).endswith("/lock"):
            raise OSError(errno.EMFILE, "Too many open files")
        return really(path, *more)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OSError, match="Too many"), open_folder(data, job()):
        pytest.fail("it was opened")
    assert list((data / "workspaces").iterdir()) == []


def test_many_sessions_at_once_do_not_sweep_each_other_away(data, job):
    missing = []

    def work():
        for _ in range(20):
            with open_folder(data, job()) as folder:
                if not (folder.root / "main.tf").exists():
                    missing.append(folder)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missing == []
    assert list((data / "workspaces").iterdir()) == []


class Refusing(BaseHTTPRequestHandler):
    """A state backend that takes no state."""

    def do_GET(self):
        self.send_response(404)
        self.end_headers()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(403)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def refusing():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_state_that_the_backend_does_not_take_is_rescued_and_told_of(opened, job, data, refusing, log):
    main = f"""
    terraform {{
      backend "http" {{
        address   = "{refusing}"
        retry_max = 0
      }}
    }}
    resource "terraform_data" "it" {{ input = "precious" }}
    """
    direct = {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    with opened(job(main, backend="http", env=direct)) as session:
        session.init()
        session.plan(destroy=False, lock=True)
        with pytest.raises(TerraformFailed) as failed:
            session.apply()
    rescued = data / "rescued/dev.sandbox.one.7.errored.tfstate"
    assert "precious" in rescued.read_text()
    assert rescued.stat().st_mode & 0o777 == 0o600
    assert str(rescued) in failed.value.errors and str(rescued) in "".join(log)
    assert list((data / "workspaces").iterdir()) == []


def test_a_killed_worker_s_folder_is_kept_as_long_as_its_lock_is_held_anywhere(data, job):
    with contextlib.ExitStack() as held, open_folder(data, job()) as mine:
        other = held.enter_context(open_folder(data, job()))
        with open_folder(data, job()):
            assert other.path.exists() and mine.path.exists()
