"""What is installed must work without this repository: the wheel has everything that is not Python, too."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.edge


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """The names in the wheel, built from the files that git knows."""
    folder = tmp_path_factory.mktemp("wheel")
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, timeout=120)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize(
    "folder",
    ["controller/templates", "controller/sandbox/pages/templates", "controller/edge/ledger/migrations"],
)
def test_the_wheel_has_every_template_and_migration(packed, folder):
    here = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.*") if path.suffix != ".pyc"
    }
    assert here and here <= packed


@pytest.mark.parametrize("folder", ["terraform", "requests"])
def test_the_wheel_has_the_whole_starter_kit_and_nothing_that_terraform_left(packed, folder):
    listed = subprocess.run(["git", "ls-files", folder], cwd=ROOT, check=True, capture_output=True, text=True)
    here = {f"controller/starter/{path}" for path in listed.stdout.split()}
    assert here == {name for name in packed if name.startswith(f"controller/starter/{folder}/")}


def test_the_package_says_that_it_is_typed_and_under_which_licence(packed):
    assert "controller/py.typed" in packed
    assert any(name.endswith("licenses/LICENSE") for name in packed)
