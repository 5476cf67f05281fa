"""The baseline of whatever runs Terraform: the raw commands, in a shell script, on a folder that the product rendered."""

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from controller.core.catalogue import read_catalogue
from controller.core.request import Blob, Request, read_request
from controller.core.workspace import Workspace, render
from controller.edge.starter import starter_root
from controller.edge.templates import read_templates
from controller.edge.terraform import find_engine
from controller.edge.terraform.configuration import online
from controller.edge.terraform.mirror import find_origin
from controller.settings import read_settings

STEPS = {
    "init": '{terraform} init -input=false -backend-config=path="$PWD.tfstate"',
    "plan": "{terraform} plan -input=false -out=plan.tfplan",
    "show": "{terraform} show -json plan.tfplan",
    "apply": "{terraform} apply -input=false plan.tfplan",
}


def text_of(kind: str, name: str) -> str:
    """A request of a kind, with all its parameters at their defaults."""
    return f"kind: {kind}\nname: {name}\nenvironment: dev\nparameters: {{}}\n"


def rendered(kind: str, name: str) -> Workspace:
    """What the product would render of it."""
    root = starter_root()
    files = (
        path for path in (root / "terraform").rglob("*") if path.is_file() and ".terraform" not in path.parts
    )
    catalogue = read_catalogue({path.relative_to(root).as_posix(): path.read_bytes() for path in files})
    blob = Blob("100644", "0" * 40, text_of(kind, name).encode())
    request = read_request(f"requests/bench/{name}.yaml", blob, catalogue)
    if not isinstance(request, Request):
        raise SystemExit(f"the request is rejected: {request}")
    skeletons = read_templates()["workspace"]
    return render(request, catalogue.kinds[kind], catalogue.environments["dev"], skeletons)


class Scripts:
    """Folders for one script: `steps` are names of STEPS, `env` is what a provider needs."""

    def __init__(self, folder: Path, steps: tuple[str, ...], env: Mapping[str, str] | None = None) -> None:
        folder.mkdir()
        self._folder, self.path = folder, folder / "run.sh"
        config = folder / "terraform.rc"
        config.write_text(online(find_origin(read_settings().provider_mirror, os.environ), None))
        self.env = {
            **os.environ,
            **(env or {}),
            "TF_CLI_CONFIG_FILE": str(config),
            "CHECKPOINT_DISABLE": "1",
        }
        terraform = shlex.join(find_engine(read_settings().terraform or None).argv)
        lines = ["set -e", 'cd "$1"', *(STEPS[step].format(terraform=terraform) for step in steps)]
        self.path.write_text("\n".join([*lines, ""]))

    def prepare(self, workspace: Workspace) -> Path:
        """A folder with the workspace's files, as the product would write them."""
        root = self._folder / workspace.id.name
        for path, content in workspace.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        return root

    def run(self, folders: list[Path], at_a_time: int = 1) -> None:
        """Run the script in each of the folders, so many at a time."""
        argv = ("xargs", "-P", str(at_a_time), "-n", "1", "sh", str(self.path))
        names = "\n".join(map(str, folders)).encode()
        subprocess.run(argv, input=names, env=self.env, stdout=subprocess.DEVNULL, check=True)
