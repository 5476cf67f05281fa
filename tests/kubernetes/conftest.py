"""A namespace's world: on a stand-in for provider and cluster, and on the real ones with TEST_ON_CLUSTER=yes."""

import shutil
from uuid import uuid4

import pytest

from controller.edge.ledger import migrate
from controller.edge.terraform import find_engine
from controller.errors import TerraformAbsent
from controller.settings import read_settings
from tests.kubernetes.apiserver import ApiServer
from tests.kubernetes.world import Kubectl, Rehearsal, configured_cluster, make_mirror


@pytest.fixture(scope="session")
def engine():
    """Skips where there is no Terraform."""
    try:
        return find_engine(read_settings().terraform or None)
    except TerraformAbsent as absent:
        pytest.skip(str(absent))


@pytest.fixture(scope="session")
def mirror(tmp_path_factory):
    """A provider mirror with the stand-in in it."""
    return make_mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture
def name():
    """A name that no other test takes; a cluster may outlive them."""
    return f"search-{uuid4().hex[:8]}"


@pytest.fixture(params=["stand-in", "real"])
def cluster(request, name, tmp_path, monkeypatch):
    """A cluster to look into."""
    config = configured_cluster()
    if request.param == "stand-in":
        monkeypatch.setenv("KUBE_CONFIG_PATH", str(tmp_path / "cluster.json"))
        yield ApiServer(tmp_path / "cluster.json").start()
    elif config and shutil.which("kubectl"):
        monkeypatch.setenv("KUBE_CONFIG_PATH", config)
        yield Kubectl(config)
        Kubectl(config).delete("Namespace", "", f"rehearsal-{name}")
    else:
        pytest.skip(
            "not TEST_ON_CLUSTER=yes, or no kubectl, or neither KUBE_CONFIG_PATH nor KUBECONFIG names a file"
        )


@pytest.fixture
def world(request, engine, cluster, tmp_path):
    """Our kind on the default branch of a world whose workers run Terraform."""
    settings = read_settings(data=tmp_path / "data")
    mirror = request.getfixturevalue("mirror") if isinstance(cluster, ApiServer) else settings.provider_mirror
    settings.data.mkdir()
    migrate(settings.ledger_url)
    world = Rehearsal(settings.ledger_url, settings.data, mirror)
    world.begin()
    yield world
    world.engine.dispose()
