"""Where a run can be held and caught: in front of each step of Terraform, and in the middle of an apply or destroy."""

from pathlib import Path

from controller.edge.terraform.engine import find_engine

STEPS = ("init", "plan", "show", "apply")
MIDDLE = "middle"

_TERRAFORM = """#!/bin/sh
# Terraform, held in front of a step for as long as a file says so. A workspace's main.tf begins with its identity.
gates={gates}
if test -e main.tf; then
  read -r _ id < main.tf
  gate="${{id##*/}}.$1"
  test ! -e "$gates/$gate" || echo $$ > "$gates/reached.$gate"
  while test -e "$gates/$gate"; do sleep 0.05; done
fi
exec {terraform} "$@"
"""

_COUNT = """#!/bin/sh
# Writes down that an object's making, or end, has begun, and that it is done; $PPID is Terraform.
echo "begun $NAME $ID $PPID" >> {lines}
while test -e "{gates}/$NAME.middle"; do sleep 0.05; done
echo "done $NAME $ID $PPID" >> {lines}
"""


class Gates:
    """The gates of one stack, and the book of what was made and ended."""

    def __init__(self, folder: Path) -> None:
        self._gates, self._lines = folder / "gates", folder / "lines"
        self._gates.mkdir(parents=True)
        self._lines.touch()
        facts = {"gates": self._gates, "lines": self._lines, "terraform": " ".join(find_engine().argv)}
        self.terraform = _program(folder / "terraform", _TERRAFORM.format(**facts))
        self.count = _program(folder / "count", _COUNT.format(**facts))

    def shut(self, name, *steps):
        for step in steps:
            (self._gates / f"{name}.{step}").touch()

    def open(self, name):
        """Let it go on, wherever it is held; its traces go with it."""
        for each in (*self._gates.glob(f"{name}.*"), *self._gates.glob(f"reached.{name}.*")):
            each.unlink(missing_ok=True)

    def reached(self, name, *steps):
        """Terraform's pid, once it stands in front of one of these steps."""
        if MIDDLE in steps:
            begun = self.begun(name)
            return begun[-1][1] if begun and len(begun) > len(self.done(name)) else None
        told = ((self._gates / f"reached.{name}.{step}") for step in steps)
        return next((int(each.read_text() or 0) for each in told if each.exists()), None)

    def begun(self, name):
        return self._book("begun", name)

    def done(self, name):
        return self._book("done", name)

    def _book(self, what, name):
        lines = (line.split() for line in self._lines.read_text().splitlines())
        return [(line[2], int(line[3])) for line in lines if line[:2] == [what, name]]


def _program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path
