"""Workspaces of the real catalogue with the real AWS provider: many at once, and small."""

import threading
from pathlib import Path

import pytest

from controller.core.catalogue import read_catalogue
from controller.core.request import Blob, read_request
from controller.core.workspace import render
from controller.edge.templates import read_templates
from controller.edge.terraform import TerraformCli, find_engine
from controller.errors import TerraformAbsent
from controller.ports import Job

pytestmark = pytest.mark.edge

ROOT = Path(__file__).parents[3]
MANY = 10
MEGABYTE = 1_000_000


@pytest.fixture
def bucket():
    """Makes a job of a bucket, as a team asks for it."""
    files = (
        path for path in (ROOT / "terraform").rglob("*") if path.is_file() and path.parts[-2] != ".terraform"
    )
    catalogue = read_catalogue({path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files})

    def make(number):
        text = f"kind: s3\nname: bucket-{number}\nenvironment: dev\nparameters: {{}}\n".encode()
        request = read_request(f"requests/team/{number}.yaml", Blob("100644", "0" * 40, text), catalogue)
        kind, place = catalogue.kinds["s3"], catalogue.environments["dev"]
        workspace = render(request, kind, place, read_templates()["workspace"])
        return Job(number, workspace.id, workspace.files, "local")

    return make


def disk(folder):
    """Bytes that a folder takes on disk, links not followed."""
    return sum(path.lstat().st_blocks * 512 for path in (folder, *folder.rglob("*")))


def test_ten_workspaces_at_once_with_the_aws_provider_are_small_and_share_it(
    data, heart, bucket, mirror_here
):
    try:
        cli = TerraformCli(data, find_engine(), mirror=mirror_here)
    except TerraformAbsent as absent:
        pytest.skip(str(absent))
    ready, looked, made = threading.Barrier(MANY + 1), threading.Event(), []

    def initialise(number):
        with cli.session(bucket(number), heart, lambda _: None) as session:
            try:
                session.init()
                made.append(session.runner.folder.path)
            finally:
                ready.wait(120)
            looked.wait(60)

    threads = [threading.Thread(target=initialise, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    ready.wait(120)
    sizes = [disk(folder) for folder in made]
    links = list((data / "workspaces").glob("*/root/.terraform/providers/*/hashicorp/aws/*/*"))
    places = {link.resolve() for link in links if link.is_symlink()}
    copies = [path for path in data.rglob("terraform-provider-*") if path.is_file()]
    looked.set()
    for thread in threads:
        thread.join()
    assert len(made) == MANY
    assert max(sizes) < MEGABYTE and sum(sizes) + disk(data / "ready") < MANY * MEGABYTE
    assert len(links) == MANY and copies == []
    assert [place.is_relative_to(mirror_here.resolve()) for place in places] == [True]
