"""`validate`: what a pull would be told, before there is one."""

import json
import subprocess

import pytest

pytestmark = pytest.mark.edge

PATH = "requests/payments/orders.yaml"
GOOD = "kind: sandbox\nname: orders\nenvironment: dev\nparameters:\n  size: small\n"
BAD = GOOD.replace("size: small", "size: gigantic\n  mesage: hello")
OTHER = "requests/search/index.yaml"


def write(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def git(folder, *words):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root, *words):
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "a commit", *words)


def test_the_starter_kit_has_no_mistakes(kit, infrautomater):
    said = infrautomater("validate")
    assert (said.code, said.out) == (0, "every request can be read\n")


@pytest.mark.parametrize(("form", "nothing"), [("json", "[]\n"), ("github", "")])
def test_no_mistake_is_printed_for_machines_too(kit, infrautomater, form, nothing):
    said = infrautomater("validate", "--format", form)
    assert (said.code, said.out) == (0, nothing)


def test_mistakes_are_told_with_place_and_way_out(kit, infrautomater):
    write(kit, PATH, BAD)
    said = infrautomater("validate")

    assert said.code == 1
    lines = said.out.splitlines()
    assert any(line.startswith(f"{PATH}:5:3: parameters.size:") for line in lines)
    assert any(line.startswith(f"{PATH}:6:3: parameters.mesage:") for line in lines)
    assert "Did you mean `message`?" in said.out and lines[-1] == "2 mistakes"


def test_mistakes_as_json(kit, infrautomater):
    write(kit, PATH, BAD)
    said = infrautomater("validate", "--format", "json")

    assert said.code == 1
    found = json.loads(said.out)
    assert {(each["path"], each["line"], each["column"]) for each in found} == {(PATH, 5, 3), (PATH, 6, 3)}
    assert all(set(each) == {"path", "line", "column", "field", "problem", "way_out"} for each in found)


def test_mistakes_as_annotations(kit, infrautomater):
    write(kit, PATH, BAD)
    said = infrautomater("validate", "--format", "github")

    assert said.code == 1
    lines = said.out.splitlines()
    assert len(lines) == 2
    assert any(line.startswith(f"::error file={PATH},line=6,col=3::parameters.mesage: ") for line in lines)


def test_no_text_of_a_file_ends_an_annotation_or_begins_another(kit, infrautomater):
    path = "requests/payments/a,b:100%\n::error x.yaml"
    write(kit, path, GOOD.replace("size: small", 'size: "50%\\n::warning ::got you"'))
    said = infrautomater("validate", "--format", "github")

    [line] = said.out.splitlines()
    place, _, message = line.removeprefix("::error ").partition("::")
    assert place == "file=requests/payments/a%2Cb%3A100%25%0A%3A%3Aerror x.yaml,line=5,col=3"
    assert "50%25%0A::warning" in message


def test_paths_narrow(kit, infrautomater, tmp_path, monkeypatch):
    write(kit, PATH, BAD)
    write(kit, OTHER, "nonsense")

    assert infrautomater("validate", OTHER).out.count("requests/") == 1
    assert infrautomater("validate", "requests/payments").out.splitlines()[-1] == "2 mistakes"
    assert infrautomater("validate", "requests").out.splitlines()[-1] == "3 mistakes"
    assert infrautomater("validate", "requests/README.md", "terraform").code == 0
    monkeypatch.chdir(tmp_path)
    assert infrautomater("validate", "kit/requests/search", "--root", "kit").out.splitlines()[-1] == (
        "1 mistake"
    )


def test_mistakes_in_the_catalogue_are_told(kit, infrautomater):
    write(kit, "terraform/environments/dev.yaml", "titel: Development\n")
    said = infrautomater("validate")
    assert said.code == 1 and "terraform/environments/dev.yaml:1:1" in said.out


def test_a_folder_that_is_no_configuration_repository_is_said(tmp_path, infrautomater):
    said = infrautomater("validate", "--root", str(tmp_path))
    assert said.code == 2 and "neither `terraform/` nor `requests/`" in " ".join(said.err.split())


def test_a_mistake_in_a_module_is_told(kit, infrautomater):
    path = "terraform/modules/sandbox/versions.tf"
    write(kit, path, 'terraform {\n  required_version = ">= 1.11"\n}\nlocals { now = timestamp() }\n')
    said = infrautomater("validate")
    assert said.code == 1 and said.out.startswith(f"{path}:4:16: locals: `timestamp()` gives another value")


def test_against_a_revision_a_kind_is_judged_that_a_file_beside_it_broke(kit, infrautomater):
    commit(kit)
    path = "terraform/modules/sandbox/variables.tf"
    write(
        kit,
        path,
        (kit / path)
        .read_text()
        .replace('variable "colour"', 'variable "color"')
        .replace("var.colour", "var.color"),
    )
    said = infrautomater("validate", "--against", "HEAD")
    assert said.code == 1 and "terraform/modules/sandbox/kind.yaml" in said.out
    assert "the module has no variable `colour`. Did you mean `color`?" in said.out


def test_what_terraform_left_in_a_module_is_not_read(kit, infrautomater):
    write(kit, "terraform/modules/sandbox/.terraform/modules/x/kind.yaml", "nonsense")
    write(kit, "terraform/modules/sandbox/.terraform/main.tf", "nonsense {")
    assert infrautomater("validate").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "xml"),
        ("--nonsense",),
        ("--root", "nowhere"),
        ("--root", "requests/README.md"),
        ("requests/nowhere.yaml",),
        ("--root", "requests/payments"),
    ],
)
def test_wrong_usage_is_2(kit, infrautomater, words):
    said = infrautomater("validate", *words)
    assert said.code == 2 and said.err and not said.out


def test_against_a_revision_only_changed_files_are_judged(kit, infrautomater):
    write(kit, OTHER, "nonsense")
    commit(kit)
    assert infrautomater("validate").code == 1
    assert infrautomater("validate", "--against", "HEAD").code == 0

    write(kit, PATH, BAD)
    said = infrautomater("validate", "--against", "HEAD")
    assert said.code == 1 and said.out.splitlines()[-1] == "2 mistakes" and OTHER not in said.out


def test_against_a_revision_a_deleted_path_may_be_named(kit, infrautomater):
    write(kit, OTHER, "nonsense")
    commit(kit)
    (kit / OTHER).unlink()
    assert infrautomater("validate", OTHER, "--against", "HEAD").code == 0


def test_against_a_revision_a_clash_with_a_file_that_is_there_is_told(kit, infrautomater):
    write(kit, PATH, GOOD)
    commit(kit)
    write(kit, OTHER, GOOD)
    said = infrautomater("validate", "--against", "HEAD")
    assert said.code == 1 and f"is also asked for in `{PATH}`" in said.out


def test_against_a_revision_a_catalogue_that_cannot_be_read_is_told(kit, infrautomater):
    commit(kit)
    write(kit, "terraform/environments/dev.yaml", "titel: Development\n")
    said = infrautomater("validate", "--against", "HEAD")
    assert said.code == 1 and "terraform/environments/dev.yaml:1:1" in said.out


def database(engine):
    return f"kind: database\nname: ledger\nenvironment: dev\nparameters:\n  engine: {engine}\n"


def test_against_a_revision_a_forbidden_change_is_told(kit, infrautomater):
    write(kit, PATH, database("postgres"))
    commit(kit)
    write(kit, PATH, database("mysql"))

    assert infrautomater("validate").code == 0
    said = infrautomater("validate", "--against", "HEAD")
    assert said.code == 1 and said.out.startswith(f"{PATH}:5:3: parameters.engine:")


def test_against_a_revision_another_identity_in_the_same_file_is_told(kit, infrautomater):
    write(kit, PATH, GOOD)
    commit(kit)
    write(kit, PATH, GOOD.replace("name: orders", "name: others"))

    said = infrautomater("validate", "--against", "HEAD")
    assert said.code == 1 and said.out.startswith(f"{PATH}:")


def test_in_a_linked_worktree(kit, infrautomater, tmp_path, monkeypatch):
    write(kit, OTHER, "nonsense")
    commit(kit)
    linked = tmp_path / "linked"
    git(kit, "worktree", "add", "-q", "-b", "side", str(linked))
    monkeypatch.chdir(linked)

    assert (linked / ".git").is_file()
    assert infrautomater("validate", "--against", "main").code == 0
    write(linked, PATH, BAD)
    assert infrautomater("validate", "--against", "main").out.splitlines()[-1] == "2 mistakes"
    git(linked, "add", ".")
    git(linked, "commit", "-qm", "a mistake")
    assert infrautomater("validate", "--against", "HEAD").code == 0
    assert infrautomater("validate", "--against", "main").code == 1


def test_in_a_shallow_clone(kit, infrautomater, tmp_path, monkeypatch):
    commit(kit)
    write(kit, PATH, GOOD)
    commit(kit)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{kit}", str(clone))
    write(clone, PATH, BAD)
    monkeypatch.chdir(clone)
    assert infrautomater("validate", "--against", "HEAD").out.splitlines()[-1] == "2 mistakes"


def test_an_unknown_revision_is_said(kit, infrautomater):
    commit(kit)
    said = infrautomater("validate", "--against", "origin/main")
    assert said.code == 1 and not said.out
    assert said.err == (
        "infrautomater: `origin/main` names no commit here; it may have to be fetched first\n"
    )


def test_a_folder_that_is_no_repository_is_said(kit, infrautomater):
    said = infrautomater("validate", "--against", "HEAD")
    assert said.code == 1 and "is not the top folder of a git repository" in said.err
