"""Providers without waste: fetched once, linked, verified once; and anything doubtful is a real init."""

import json
import threading
from pathlib import Path

import pytest

from controller.core.identity import RequestId
from controller.edge.terraform import find_engine
from controller.edge.terraform import ready as readiness
from controller.edge.terraform.mirror import Origin
from controller.errors import TerraformAbsent, TerraformFailed
from tests.edge.terraform.registry import PLATFORM, Registry, Signer, package, zip_name

pytestmark = pytest.mark.edge

FAKE = """
terraform {
  backend "local" {}
  required_providers {
    fake = { source = "%s/acme/fake" }
  }
}
# %s
"""


@pytest.fixture(scope="module")
def engine():
    """One of them is enough: both install providers alike."""
    try:
        return find_engine()
    except TerraformAbsent as absent:
        pytest.skip(str(absent))


@pytest.fixture(scope="module")
def signer():
    signer = Signer()
    yield signer
    signer.close()


@pytest.fixture
def registry(tmp_path, signer):
    registry = Registry(tmp_path, signer)
    yield registry
    registry.close()


@pytest.fixture
def origin(monkeypatch):
    """Say where providers come from, whatever is on this machine."""

    def say(*mirrors, direct):
        found = Origin(mirrors, direct=direct, looked="searched nowhere")
        monkeypatch.setattr("controller.edge.terraform.cli.find_origin", lambda *_: found)

    return say


@pytest.fixture
def cli(make_cli, origin):
    origin(direct=True)
    return make_cli()


@pytest.fixture
def wanting(job, registry):
    """A job that wants the registry's provider; jobs of different words are of different kinds."""

    def make(word="", name="one", **more):
        main = FAKE % (registry.host, word)
        env = {"SSL_CERT_FILE": str(registry.certificate)}
        return job(main, request=RequestId("dev", "fake", name), env=env, **more)

    return make


@pytest.fixture
def brought(opened, data):
    """Initialise a job; where its package is a link to."""

    def init(job):
        with opened(job) as session:
            session.init()
            (link,) = package_of(session)
            assert link.is_symlink()
            return link.resolve()

    return init


def package_of(session):
    return (session.runner.folder.root / ".terraform/providers").glob("*/*/*/*/*")


def stored(data, version="1.0.0"):
    return list((data / "providers").glob(f"*/acme/fake/{version}/{PLATFORM}"))


def together(acts):
    """Do things at once; what failed."""
    failed = []

    def attempt(act):
        try:
            act()
        except Exception as error:  # noqa: BLE001 -- the test says what it was
            failed.append(error)

    threads = [threading.Thread(target=attempt, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_workspaces_of_different_kinds_at_once_fetch_a_provider_once(brought, wanting, registry, data):
    acts = [lambda number=number: brought(wanting(word=str(number), run=number)) for number in range(5)]
    assert together(acts) == []
    assert registry.fetched == ["1.0.0"]
    assert len(stored(data)) == 1


def test_whoever_does_not_wait_for_its_turn_loses_nothing(brought, wanting, registry, data, monkeypatch):
    monkeypatch.setattr("controller.edge.terraform.store._take", lambda lock: True)
    links = []
    acts = [
        lambda number=number: links.append(brought(wanting(word=str(number), run=number)))
        for number in range(4)
    ]
    assert together(acts) == []
    assert links == stored(data) * 4


def test_what_was_fetched_is_not_fetched_again_by_another_controller_s_process(
    brought, wanting, registry, make_cli, heart
):
    here = brought(wanting("one"))
    with make_cli().session(wanting("two"), heart, print) as session:
        session.init()
        assert [link.resolve() for link in package_of(session)] == [here]
    assert registry.fetched == ["1.0.0"]


def test_a_provider_that_is_not_what_was_signed_is_refused_and_not_stored(brought, wanting, registry, data):
    registry.tampered = True
    with pytest.raises(TerraformFailed) as failed:
        brought(wanting())
    assert "checksum" in failed.value.errors and stored(data) == []
    registry.tampered = False
    brought(wanting())


def test_an_error_about_providers_says_what_was_looked_for_and_the_way_out(opened, wanting, registry):
    registry.close()
    with opened(wanting()) as session, pytest.raises(TerraformFailed) as failed:
        session.init()
    assert "searched nowhere; and registries for the rest" in failed.value.errors
    assert "INFRAUTOMATER_PROVIDER_MIRROR" in failed.value.errors


def test_an_error_about_something_else_says_nothing_of_providers(opened, job):
    main = 'terraform {\n  backend "nonsense" {}\n}'
    with opened(job(main, backend="none")) as session, pytest.raises(TerraformFailed) as failed:
        session.init()
    assert "INFRAUTOMATER_PROVIDER_MIRROR" not in failed.value.errors


def test_a_packed_mirror_is_unpacked_once_and_linked(make_cli, origin, job, heart, tmp_path, data):
    folder = tmp_path / "packed/registry.terraform.io/acme/fake"
    folder.mkdir(parents=True)
    (folder / zip_name()).write_bytes(package())
    origin(tmp_path / "packed", direct=False)
    cli, places = make_cli(), []
    for word in ("one", "two"):
        with cli.session(job(FAKE % ("registry.terraform.io", word)), heart, print) as session:
            session.init()
            places += [link.resolve() for link in package_of(session) if link.is_symlink()]
    assert places == stored(data) * 2 and len(stored(data)) == 1


def test_a_second_init_of_the_same_is_none_and_needs_no_registry(opened, wanting, registry, log, brought):
    here = brought(wanting())
    registry.close()
    log.clear()
    assert brought(wanting(name="two", run=8)) == here
    assert log == [
        "Nothing to initialise: modules and providers are those of an earlier init, and have not changed.\n"
    ]


def test_a_kind_whose_lock_file_was_made_on_another_system_is_fetched_once(brought, wanting, registry, data):
    lock = (
        f'provider "{registry.host}/acme/fake" {{\n  version = "1.0.0"\n'
        f'  hashes = [\n    "h1:{"A" * 43}=",\n    "{registry.zh()}",\n  ]\n}}\n'
    )
    files = {".terraform.lock.hcl": lock.encode()}
    here = brought(wanting(files=files))
    assert brought(wanting(files=files, name="two")) == here and registry.fetched == ["1.0.0"]
    assert brought(wanting("of another kind", files=files)) == here


@pytest.mark.parametrize("backend", ["local", "none"])
@pytest.mark.parametrize("locked", [False, True])
def test_no_step_after_an_init_reads_a_whole_provider_again(opened, wanting, registry, backend, locked):
    lock = f'provider "{registry.host}/acme/fake" {{\n  version = "1.0.0"\n  hashes = [\n    "{registry.zh()}",\n  ]\n}}\n'
    files = {".terraform.lock.hcl": lock.encode()} if locked else {}
    for number in range(2):
        with opened(wanting(backend=backend, files=files, run=number)) as session:
            session.init()
            left = (session.runner.folder.root / ".terraform.lock.hcl").read_text()
            assert '"1.0.0"' in left and "hashes" not in left
    assert registry.fetched == ["1.0.0"]


@pytest.mark.parametrize("backend", ["local", "none"])
def test_a_backend_that_is_no_file_is_initialised_each_time_and_asks_no_registry(
    opened, wanting, registry, log, backend
):
    for number in range(2):
        log.clear()
        with opened(wanting(backend=backend, run=number)) as session:
            session.init()
        registry.close()
    assert ("Terraform has been successfully initialized!" in "".join(log)) == (backend != "local")


@pytest.fixture
def inits(monkeypatch):
    """How often Terraform was really initialised."""
    seen = []
    run = readiness.take

    def take(*arguments):
        seen.append(1)
        return run(*arguments)

    monkeypatch.setattr("controller.edge.terraform.providers.take", take)
    return lambda: len(seen)


def test_a_package_that_changed_is_initialised_and_verified_anew(brought, wanting, inits):
    here = brought(wanting())
    (program,) = here.iterdir()
    program.write_text("#!/bin/sh\n# another\n")
    brought(wanting())
    assert inits() == 2


def test_a_package_that_is_gone_is_fetched_again(brought, wanting, registry, data):
    here = brought(wanting())
    for path in (*here.iterdir(), here):
        path.rmdir() if path.is_dir() else path.unlink()
    assert brought(wanting()) == here and registry.fetched == ["1.0.0"] * 2


def test_a_registry_s_newest_version_is_asked_for_once_an_hour(brought, wanting, registry, data, monkeypatch):
    brought(wanting())
    registry.versions.append("1.1.0")
    assert brought(wanting()) in stored(data, "1.0.0")
    now = readiness.time.time()
    monkeypatch.setattr(readiness.time, "time", lambda: now + 3601)
    assert brought(wanting()) in stored(data, "1.1.0")


def test_a_lock_file_is_asked_and_no_registry(brought, wanting, registry, data, monkeypatch):
    lock = f'provider "{registry.host}/acme/fake" {{\n  version = "1.0.0"\n  hashes = [\n    "{registry.zh()}",\n  ]\n}}\n'
    files = {".terraform.lock.hcl": lock.encode()}
    brought(wanting(files=files))
    now = readiness.time.time()
    monkeypatch.setattr(readiness.time, "time", lambda: now + 1e6)
    registry.close()
    assert brought(wanting(files=files)) in stored(data, "1.0.0")


def test_a_newer_version_in_a_mirror_is_found_at_once(make_cli, origin, job, heart, tmp_path, inits):
    for version in ("1.0.0", "1.1.0"):
        folder = tmp_path / f"mirror/registry.terraform.io/acme/fake/{version}/{PLATFORM}"
        folder.mkdir(parents=True)
        (folder / f"terraform-provider-fake_v{version}").write_text("#!/bin/sh\n")
        (folder / f"terraform-provider-fake_v{version}").chmod(0o755)
        origin(tmp_path / "mirror", direct=False)
        with make_cli().session(job(FAKE % ("registry.terraform.io", "")), heart, print) as session:
            session.init()
            (link,) = package_of(session)
            assert link.resolve() == folder


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({}, 0),
        ({"files": {"terraform.tfvars.json": b'{"text": "other"}'}}, 0),
        ({"files": {"module/main.tf": b""}}, 1),
        ({"files": {"module/main.tf": b'output "it" { value = 1 }'}}, 1),
        ({"files": {".terraform.lock.hcl": b""}}, 1),
        ({"files": {"providers.tf.json": b"{}"}}, 1),
        ({"backend": "none"}, 1),
    ],
)
def test_what_an_init_depends_on_is_never_taken_from_another(opened, job, inits, change, again):
    for number, more in enumerate(({}, change)):
        with opened(job(run=number, **more)) as session:
            session.init()
    assert inits() == 1 + again


def test_two_requests_of_a_kind_share_an_init_and_keep_their_states(opened, job, data, inits):
    for name in ("one", "two"):
        request = RequestId("dev", "sandbox", name)
        main = f'# {request}\nterraform {{\n  backend "local" {{}}\n}}\nresource "terraform_data" "{name[:0]}it" {{}}\n'
        with opened(job(main, request=request)) as session:
            session.init()
            session.plan(destroy=False, lock=True)
            session.apply()
    assert inits() == 1
    states = [json.loads(path.read_text()) for path in sorted((data / "states").iterdir())]
    assert len(states) == len({state["lineage"] for state in states}) == 2


def test_another_terraform_is_initialised_anew(make_cli, job, heart, inits, engine, tmp_path):
    for _ in range(2):
        with make_cli().session(job(), heart, print) as session:
            session.init()
        program = Path(engine.argv[-1])
    assert inits() == 1
    copy = tmp_path / program.name
    copy.symlink_to(program)
    other = type(engine)(engine.name, (*engine.argv[:-1], str(copy)))
    cli = make_cli()
    cli._engine = other
    with cli.session(job(), heart, print) as session:
        session.init()
    assert inits() == 2


def test_a_script_may_be_any_terraform_and_is_never_taken_at_its_word(fake, job, heart, tmp_path):
    cli = fake(f'echo "$1" >> {tmp_path}/steps')
    for _ in range(2):
        with cli.session(job(), heart, print) as session:
            session.init()
    assert (tmp_path / "steps").read_text() == "init\n" * 2


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"links": 1}'])
def test_a_damaged_record_is_no_record(opened, job, data, inits, content):
    for _ in range(2):
        with opened(job()) as session:
            session.init()
        (record,) = (data / "ready").iterdir()
        record.write_text(content)
    assert inits() == 2


def test_an_init_that_failed_leaves_nothing_for_others(opened, job, data):
    with opened(job('module "it" { source = "./absent" }')) as session, pytest.raises(TerraformFailed):
        session.init()
    assert not (data / "ready").exists()


def test_an_init_in_a_session_that_was_initialised_is_a_real_one(opened, job, inits):
    with opened(job()) as session:
        session.init()
        session.init()
        session.plan(destroy=False, lock=True)
    assert inits() == 2
