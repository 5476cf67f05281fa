"""Two rehearsals that count: one writes down what is made, the other what ends; and the environments that offer them."""

from pathlib import Path

from tests.stories.conftest import ENVIRONMENTS, MODULES, NOBODY, PLATFORM, edited, environment, rehearsal

ARRIVING, LEAVING = "arriving", "leaving"
FREE, KEPT = "free", "kept"

_MAIN = """
resource "terraform_data" "instance" {{
  input = {{
    name    = var.name
    size    = var.size
    message = var.message
  }}
}}

# Stands between the others, so that an apply which is stopped here leaves a part made and a part not.
resource "terraform_data" "counted" {{
  input      = {{ name = var.name }}
  depends_on = [terraform_data.instance]

  provisioner "local-exec" {{
    when        = {when}
    interpreter = ["/bin/sh", "-c"]
    command     = "exec {count}"
    environment = {{ NAME = self.input.name, ID = self.id }}
  }}
}}

resource "terraform_data" "replica" {{
  count      = var.replicas
  input      = {{ name = "${{var.name}}-${{count.index + 1}}" }}
  depends_on = [terraform_data.counted]
}}
"""


def catalogue(count: Path):
    """The files of both kinds and both environments.

    Args:
        count: the program that an object's making or end goes through.
    """
    kinds = [ARRIVING, LEAVING, "sandbox"]
    return {
        **_kind(ARRIVING, _MAIN.format(when="create", count=count)),
        **_kind(LEAVING, _MAIN.format(when="destroy", count=count)),
        ENVIRONMENTS / f"{FREE}.yaml": environment("allow", NOBODY, kinds=kinds),
        ENVIRONMENTS / f"{KEPT}.yaml": environment("confirm", PLATFORM, kinds=kinds),
    }


def _kind(name, main):
    files = rehearsal(name, {"main.tf": main})
    entry = MODULES / name / "kind.yaml"
    named = {"name:       {from: resource_name}": "name:       {from: name}"}
    return files | {entry: edited(files[entry], named)}
