from pathlib import Path

import pytest

from controller.core.catalogue import read_catalogue
from controller.core.request import Blob
from controller.core.wanted import read_wanted

ROOT = Path(__file__).parents[2]


def test_kinds_and_environments_are_found_by_their_places(files):
    catalogue = read_catalogue(files)
    assert set(catalogue.kinds) == {"database", "bucket"}
    assert set(catalogue.environments) == {"dev", "prod"}
    assert catalogue.rejections == ()


def test_an_empty_tree_offers_nothing():
    catalogue = read_catalogue({})
    assert (catalogue.kinds, catalogue.environments, catalogue.rejections) == ({}, {}, ())


@pytest.mark.parametrize(
    "path",
    [
        "terraform/README.md",
        "terraform/modules/README.md",
        "terraform/modules/shared/main.tf",
        "terraform/modules/kind.yaml",
        "terraform/modules/a/b/kind.yaml",
        "terraform/environments/README.md",
        "terraform/environments/old/dev.yaml",
    ],
)
def test_other_files_are_no_part_of_it(files, path):
    assert read_catalogue({**files, path: b"nonsense: ["}) == read_catalogue(files) or "shared" in path
    assert read_catalogue({**files, path: b"nonsense: ["}).rejections == ()


@pytest.mark.parametrize(
    ("path", "content", "line", "field", "problem"),
    [
        ("terraform/modules/database/kind.yaml", b"a: [", 2, "", "this is not YAML"),
        ("terraform/modules/My.Kind/kind.yaml", b"title: x", 1, "", "`My.Kind` cannot be the name"),
        ("terraform/environments/Dev.yaml", b"title: x", 1, "", "`Dev` cannot be the name"),
        ("terraform/environments/a.b.yaml", b"title: x", 1, "", "`a.b` cannot be the name"),
        ("terraform/environments/qa.yml", b"title: x", 1, "", "an environment's file ends in `.yaml`"),
    ],
)
def test_a_bad_file_is_said_and_spoils_no_other(files, path, content, line, field, problem):
    catalogue = read_catalogue({**files, path: content})
    (rejection,) = catalogue.rejections
    assert (rejection.path, rejection.line, rejection.field) == (path, line, field)
    assert problem in rejection.problem
    assert "bucket" in catalogue.kinds and "dev" in catalogue.environments


def test_an_environment_with_a_limit_too_many_is_offered_all_the_same(files):
    extra = {"terraform/environments/qa.yaml": b"title: Q\nkinds: [database, nonesuch]\n"}
    assert "qa" in read_catalogue({**files, **extra}).environments


def test_an_environment_is_not_blamed_for_a_kind_that_cannot_be_read(files):
    catalogue = read_catalogue({**files, "terraform/modules/database/kind.yaml": b"a: ["})
    assert {each.path for each in catalogue.rejections} == {"terraform/modules/database/kind.yaml"}


def _tree(folder):
    paths = (path for path in (ROOT / folder).rglob("*") if path.is_file() and ".terraform/" not in str(path))
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def ours():
    return read_catalogue(_tree("terraform"))


def test_our_own_catalogue_is_accepted_as_a_whole(ours):
    assert ours.rejections == ()
    folders = {path.parent.name for path in (ROOT / "terraform/modules").glob("*/kind.yaml")}
    assert set(ours.kinds) == folders >= {"database", "s3", "k8s_namespace", "sandbox"}
    assert set(ours.environments) >= {"dev", "prod"}


def test_our_own_requests_are_accepted_and_rendered(ours, skeletons):
    blobs = {path: Blob("100644", path, content) for path, content in _tree("requests").items()}
    wanted = read_wanted(blobs, ours, skeletons)
    assert wanted.requests.refused == {}
    assert len(wanted.workspaces) == len(wanted.requests.accepted) > 0


def test_every_kind_of_ours_is_rendered_with_its_defaults_wherever_it_is_offered(ours, skeletons):
    for environment in ours.environments.values():
        texts = {
            f"requests/t/{kind}.yaml": f"kind: {kind}\nname: it\nenvironment: {environment.name}\n"
            for kind in environment.format.kinds
        }
        blobs = {path: Blob("100644", path, text.encode()) for path, text in texts.items()}
        wanted = read_wanted(blobs, ours, skeletons)
        assert wanted.requests.refused == {}
        for workspace in wanted.workspaces.values():
            assert {
                "main.tf",
                "providers.tf.json",
                "backend.tf",
                "outputs.tf",
                "terraform.tfvars.json",
            } <= set(workspace.files)
