"""What is rendered for each kind in each environment, to be read by a reviewer as it would be run.

`python tests/core/test_golden.py` writes the files anew.
"""

from pathlib import Path

import pytest

from controller.core.catalogue import read_catalogue
from controller.core.request import Blob, read_request
from controller.core.workspace import MODULE_FOLDER, render

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("golden")


def catalogue():
    files = (
        path for path in (ROOT / "terraform").rglob("*") if path.is_file() and ".terraform/" not in str(path)
    )
    return read_catalogue({path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files})


CATALOGUE = catalogue()
OFFERED = [
    (environment.name, kind)
    for environment in CATALOGUE.environments.values()
    for kind in environment.format.kinds
]


def rendered(environment, kind):
    """The root module of a request that says nothing but its name, as one text; the module itself is beside it."""
    text = f"kind: {kind}\nname: orders\nenvironment: {environment}\n"
    request = read_request(
        "requests/payments/orders.yaml", Blob("100644", "0" * 40, text.encode()), CATALOGUE
    )
    skeletons = {
        path.name: path.read_text(encoding="utf-8")
        for path in (ROOT / "controller/templates/workspace").iterdir()
    }
    files = render(request, CATALOGUE.kinds[kind], CATALOGUE.environments[environment], skeletons).files
    ours = sorted(path for path in files if not path.startswith((f"{MODULE_FOLDER}/", ".terraform.lock")))
    return "".join(f"=== {path}\n{files[path].decode()}" for path in ours)


@pytest.mark.parametrize(("environment", "kind"), OFFERED)
def test_the_root_module_is_rendered_as_it_was_reviewed(environment, kind):
    assert rendered(environment, kind) == (GOLDEN / f"{environment}.{kind}.txt").read_text(encoding="utf-8")


def test_every_golden_file_is_of_a_kind_that_is_offered():
    assert {path.stem for path in GOLDEN.iterdir()} == {
        f"{environment}.{kind}" for environment, kind in OFFERED
    }


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.iterdir():
        path.unlink()
    for place in OFFERED:
        (GOLDEN / f"{'.'.join(place)}.txt").write_text(rendered(*place), encoding="utf-8")
