"""A small catalogue, and short ways to make each noun; every fixture is pure and cheap."""

from pathlib import Path

import pytest

from controller.core.catalogue import read_catalogue
from controller.core.change import Standing
from controller.core.environment import Mode
from controller.core.identity import RequestId
from controller.core.plan import Action, Plan, ResourceChange
from controller.core.pull import Pull, PullState
from controller.core.request import Blob, Request, read_request
from controller.core.run import Operation, Run, Waiting
from controller.core.wanted import read_wanted

ROOT = Path(__file__).parents[2]

DATABASE = b"""\
title: Relational database
description: A database.
provider: aws
stateful: true
name: {pattern: "^[a-z][a-z0-9-]{0,30}$"}
parameters:
  engine:  {type: string, enum: [postgres, mysql], default: postgres, change: forbidden, description: Engine}
  size:    {type: string, enum: [small, medium, large], default: small, change: downtime, description: Size}
  storage: {type: integer, minimum: 20, maximum: 1000, default: 20, change: grow_only, description: Disk}
  ratio:   {type: number, minimum: 0, maximum: 1, default: 0.5, description: Ratio}
  public:  {type: boolean, default: false, description: Public}
  note:    {type: string, max_length: 100, default: "", change: free, description: Note}
  code:    {type: string, pattern: "^[a-z]+$", default: abc, description: Code}
  labels:  {type: map, default: {}, description: Labels}
variables:
  name:    {from: resource_name}
  engine:  {parameter: engine}
  class:   {parameter: size, map: {small: db.small, medium: db.medium, large: db.large}}
  storage: {parameter: storage}
  ratio:   {parameter: ratio}
  public:  {parameter: public, map: {true: open, false: closed}}
  note:    {parameter: note}
  labels:  {parameter: labels}
  final:   {environment: final, default: true}
  fixed:   {constant: [1, two]}
  team:    {from: team}
  where:   {from: environment}
  id:      {from: request_id}
  short:   {from: name}
secrets:
  password: {length: 24}
outputs:
  endpoint: {show: true}
  hidden: {}
shown: [engine, tags]
"""

BUCKET = b"""\
title: Bucket
description: A bucket.
provider: aws
parameters:
  region: {type: string, description: Must be given}
variables:
  name: {from: resource_name}
  region: {parameter: region}
"""

DEV = b"""\
title: Development
kinds: [database, bucket]
limits: {database: {size: [small, medium]}}
providers: {aws: {region: us-east-1, default_tags: {Stage: dev}}}
values: {final: false}
destroy: allow
"""

PROD = b"""\
title: Production
kinds: [database]
limits: {database: {engine: [postgres], size: [medium, large]}}
"""

FILES = {
    "terraform/modules/database/kind.yaml": DATABASE,
    "terraform/modules/database/main.tf": b'resource "null" "this" {}\n',
    "terraform/modules/database/.terraform.lock.hcl": b"# locked\n",
    "terraform/modules/database/README.md": b"# Database\n",
    "terraform/modules/bucket/kind.yaml": BUCKET,
    "terraform/modules/bucket/main.tf": b"# bucket\n",
    "terraform/environments/dev.yaml": DEV,
    "terraform/environments/prod.yaml": PROD,
}

PATH = "requests/payments/orders.yaml"


@pytest.fixture(scope="session")
def files():
    """The files under `terraform/` of the small catalogue."""
    return FILES


@pytest.fixture(scope="session")
def catalogue():
    return read_catalogue(FILES)


@pytest.fixture(scope="session")
def skeletons():
    """The skeletons that the package ships."""
    folder = ROOT / "controller/templates/workspace"
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.fixture(scope="session")
def comments():
    """The layouts of comments that the package ships."""
    folder = ROOT / "controller/templates/comment"
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.fixture(scope="session")
def blob():
    """A plain file of git's, from text or bytes."""

    def make(content, mode="100644"):
        data = content if isinstance(content, bytes) else content.encode()
        return Blob(mode, f"{mode}:{data!r}", data)

    return make


@pytest.fixture(scope="session")
def ask():
    """A request's YAML."""

    def make(name="orders", environment="dev", kind="database", **parameters):
        lines = [f"kind: {kind}", f"name: {name}", f"environment: {environment}"]
        lines += ["parameters:", *(f"  {key}: {value}" for key, value in parameters.items())]
        return "\n".join(lines if parameters else lines[:-1]) + "\n"

    return make


@pytest.fixture(scope="session")
def read(catalogue, blob):
    """A request file read against the small catalogue: the request, or its rejections."""

    def make(text, path=PATH, mode="100644"):
        return read_request(path, blob(text, mode), catalogue)

    return make


@pytest.fixture(scope="session")
def accepted(read):
    """A request file that must be accepted."""

    def make(text, path=PATH):
        request = read(text, path)
        assert isinstance(request, Request), request
        return request

    return make


@pytest.fixture(scope="session")
def tree(catalogue, skeletons, blob):
    """A whole tree of request files (path → YAML), read and rendered."""

    def make(texts, catalogue=catalogue):
        return read_wanted({path: blob(text) for path, text in texts.items()}, catalogue, skeletons)

    return make


@pytest.fixture(scope="session")
def standing():
    """What stands once a tree is applied as a whole."""

    def make(wanted):
        return {
            identity: Standing(workspace.request, workspace.digest, workspace.digest)
            for identity, workspace in wanted.workspaces.items()
        }

    return make


@pytest.fixture(scope="session")
def identity():
    return RequestId("dev", "database", "orders")


@pytest.fixture(scope="session")
def pull():
    """A pull, open unless told otherwise."""

    def make(number=7, state=PullState.OPEN, **facts):
        known = {"title": "T", "author": "ann", "head": "h" * 40, "base": "main", **facts}
        return Pull(number=number, state=state, **known)

    return make


@pytest.fixture(scope="session")
def run(identity):
    """A run, waiting unless told otherwise."""

    def make(state=None, operation=Operation.APPLY, **facts):
        known = {
            "id": 1,
            "request": identity,
            "digest": "d",
            "mode": Mode.APPLY,
            "commit": "h" * 40,
            "pull": 7,
            "after": None,
            "attempt": 1,
            **facts,
        }
        return Run(operation=operation, state=state or Waiting(), **known)

    return make


@pytest.fixture(scope="session")
def plan():
    """A plan from `address=action` pairs."""

    def make(**actions):
        changed = [ResourceChange(address, Action(action), {}) for address, action in actions.items()]
        return Plan(tuple(changed), "1.11.4")

    return make
