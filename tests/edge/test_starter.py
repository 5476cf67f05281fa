"""The starter kit: everything that a team needs to begin, and nothing that was left lying about."""

from controller.edge.starter import copy_starter, starter_root


def names(root):
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_it_has_catalogue_and_samples(tmp_path):
    copy_starter(tmp_path, samples=True)

    found = names(tmp_path)
    assert {"requests/README.md", "terraform/environments/dev.yaml"} <= found
    assert "terraform/modules/sandbox/kind.yaml" in found
    assert any(name.startswith("requests/") and name.endswith(".yaml") for name in found)


def test_without_samples_nothing_is_asked_for(tmp_path):
    copy_starter(tmp_path, samples=False)

    found = names(tmp_path)
    assert "requests/README.md" in found
    assert not any(name.startswith("requests/") and name.endswith(".yaml") for name in found)


def test_it_is_copied_over_what_is_there_and_takes_nothing_away(tmp_path):
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "README.md").write_text("old")
    (tmp_path / "mine.md").write_text("mine")
    copy_starter(tmp_path, samples=False)
    copy_starter(tmp_path, samples=False)

    assert (tmp_path / "requests" / "README.md").read_text() != "old"
    assert (tmp_path / "mine.md").read_text() == "mine"


def test_what_terraform_left_in_a_module_stays_behind(tmp_path, monkeypatch):
    source = tmp_path / "source"
    for path in (
        "requests/README.md",
        "terraform/modules/s3/main.tf",
        "terraform/modules/s3/.terraform/huge",
    ):
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text("x")
    monkeypatch.setattr("controller.edge.starter.starter_root", lambda: source)
    copy_starter(tmp_path / "target", samples=True)

    assert names(tmp_path / "target") == {"requests/README.md", "terraform/modules/s3/main.tf"}


def test_here_it_is_this_repository():
    assert (starter_root() / "terraform" / "modules").is_dir()
