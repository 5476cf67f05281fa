from dataclasses import replace

import pytest
from github import GithubException

from tests.sandbox.conftest import put, runner

pytestmark = pytest.mark.edge


@pytest.fixture
def fork(world):
    """The guest's own fork, with a client of the guest's."""
    return world.github("guest").get_repo(world.repo("guest").create_fork().full_name)


def branch_in(fork, world, files=None):
    name = world.name()
    fork.create_git_ref(f"refs/heads/{name}", fork.get_branch("main").commit.sha)
    for path, content in (files or {f"forked/{name}": "text\n"}).items():
        put(fork, name, path, content)
    return name


def pull_from(fork, world, **options):
    head = branch_in(fork, world, options.pop("files", None))
    facts = {"title": f"From a fork: {head}", "base": "main", "head": f"guest:{head}", "body": "B"} | options
    return world.repo("guest").create_pull(**facts)


def test_whoever_reads_may_fork_and_forks_once(world, fork):
    parent = world.repo()

    assert (fork.fork, fork.parent.full_name, fork.source.full_name) == (
        True,
        parent.full_name,
        parent.full_name,
    )
    assert fork.owner.login == "guest" and fork.permissions.admin
    assert world.repo("guest").create_fork().id == fork.id
    assert fork.full_name in [one.full_name for one in world.repo("guest").get_forks()]
    assert world.call("GET", "/repos/acme/infrastructure").json()["forks_count"] >= 1


def test_a_fork_may_be_named_and_may_be_an_organisations(world):
    made = world.repo("admin").create_fork(name="copy", default_branch_only=True)
    assert made.full_name == "admin/copy"
    assert [one.name for one in world.github("admin").get_repo("admin/copy").get_branches()] == ["main"]

    refused = world.call("POST", "/repos/acme/infrastructure/forks", json={"organization": "nobody"})
    assert refused.status_code == 422


def test_a_fork_is_told_to_the_hooks_of_its_parent(world, fork):
    [event] = [one for one in world.deliveries("fork") if one["forkee"]["full_name"] == fork.full_name]
    assert event["repository"]["full_name"] == "acme/infrastructure" and event["forkee"]["fork"]


def test_a_pull_from_a_fork_says_where_its_head_lies(world, fork):
    pull = world.repo().get_pull(pull_from(fork, world).number)

    assert (pull.head.repo.full_name, pull.base.repo.full_name) == (fork.full_name, "acme/infrastructure")
    assert (pull.head.label, pull.head.user.login) == (f"guest:{pull.head.ref}", "guest")
    assert pull.maintainer_can_modify and pull.mergeable and pull.commits == 1
    [listed] = world.repo().get_pulls(head=f"guest:{pull.head.ref}")
    assert listed.number == pull.number
    assert world.repo().get_pulls(head=f"acme:{pull.head.ref}").totalCount == 0


def test_a_pull_says_what_its_author_is_to_the_repository(world, fork):
    path = f"/repos/acme/infrastructure/pulls/{pull_from(fork, world).number}"

    def association():
        return world.call("GET", path).json()["author_association"]

    assert association() == "COLLABORATOR"
    own = fork.create_pull(title="Own", base="main", head=branch_in(fork, world))
    assert own.raw_data["author_association"] == "OWNER"
    world.call("DELETE", "/repos/acme/infrastructure/collaborators/guest", "admin")
    try:
        # Other tests of this box may have merged something of theirs before.
        assert association() in {"NONE", "CONTRIBUTOR"}
        assert world.call("PUT", f"{path}/merge", "reviewer").status_code == 200
        assert association() == "CONTRIBUTOR"
    finally:
        world.call(
            "PUT", "/repos/acme/infrastructure/collaborators/guest", "admin", json={"permission": "pull"}
        )


def test_a_push_to_the_fork_moves_the_pull_and_its_ref(world, fork, clone):
    pull = pull_from(fork, world)
    put(fork, pull.head.ref, f"more/{world.name()}", "text\n")

    moved = world.repo().get_pull(pull.number)
    assert moved.commits == 2 and moved.head.sha == fork.get_branch(pull.head.ref).commit.sha
    clone("fetch", "--quiet", "origin", f"refs/pull/{pull.number}/head")
    assert clone("rev-parse", "FETCH_HEAD") == moved.head.sha
    assert world.deliveries("pull_request", "synchronize", number=pull.number)


def test_real_git_pushes_to_a_fork(world, fork, tmp_path):
    pull = pull_from(fork, world)
    scheme, _, rest = world.box.url.partition("://")
    url = f"{scheme}://guest:{world.box.tokens['guest']}@{rest}/{fork.full_name}.git"
    runner(tmp_path)("clone", "--quiet", "--branch", pull.head.ref, url, "fork")
    git = runner(tmp_path / "fork")
    git("commit", "--quiet", "--allow-empty", "-m", "More")
    git("push", "--quiet", "origin", pull.head.ref)

    assert world.repo().get_pull(pull.number).head.sha == git("rev-parse", "HEAD")


def test_a_merge_of_a_fork_names_its_owner_and_brings_its_commits(world, fork):
    pull = pull_from(fork, world)
    done = world.repo("reviewer").get_pull(pull.number).merge()

    message = world.repo().get_commit(done.sha).commit.message
    assert message.startswith(f"Merge pull request #{pull.number} from guest/{pull.head.ref}\n")


def test_deleting_a_fork_loses_nothing_of_its_pulls(world, clone):
    made = world.repo("controller").create_fork()
    fork = world.github("controller").get_repo(made.full_name)
    head = branch_in(fork, world)
    pull = world.repo("controller").create_pull(title="T", base="main", head=f"controller:{head}")
    fork.delete()

    with pytest.raises(GithubException) as gone:
        world.github("controller").get_repo(made.full_name)
    assert gone.value.status == 404
    left = world.repo().get_pull(pull.number)
    assert left.head.repo is None and left.head.label == f"controller:{head}"
    assert left.merge().merged


def test_who_may_push_to_neither_end_cannot_propose(world):
    theirs = world.github("reviewer").get_repo(world.repo("reviewer").create_fork().full_name)
    facts = {"title": "T", "base": "main", "head": f"reviewer:{branch_in(theirs, world)}"}
    path = "/repos/acme/infrastructure/pulls"

    assert world.call("POST", path, "guest", json=facts).status_code == 403
    assert world.call("POST", path, "guest", json=facts | {"head": "nobody:main"}).status_code == 422
    assert world.call("POST", path, "reviewer", json=facts).status_code == 201


def test_the_base_is_merged_into_a_forks_branch(world, fork):
    pull = pull_from(fork, world)
    world.pull().merge()
    path = f"/repos/acme/infrastructure/pulls/{pull.number}/update-branch"
    stale = world.call("PUT", path, json={"expected_head_sha": "1" * 40})
    updated = world.call("PUT", path, json={"expected_head_sha": pull.head.sha})

    assert (stale.status_code, updated.status_code) == (422, 202)
    head = fork.get_branch(pull.head.ref).commit
    assert world.repo().get_pull(pull.number).head.sha == head.sha
    assert head.commit.message == f"Merge branch 'main' into {pull.head.ref}"
    assert world.call("PUT", path).status_code == 422


def test_a_fork_that_its_owner_keeps_to_themselves_is_not_updated_by_maintainers(world, fork):
    pull = pull_from(fork, world, maintainer_can_modify=False)
    world.pull().merge()
    path = f"/repos/acme/infrastructure/pulls/{pull.number}/update-branch"

    assert world.call("PUT", path).status_code == 403
    assert world.call("PUT", path, "guest").status_code == 202


FORKS = "/repos/acme/infrastructure/forks"


def fork_named(world, name):
    """What comes of a fork by the controller, who has none before and after."""
    answer = world.call("POST", FORKS, "controller", json={"name": name})
    if answer.status_code == 202:
        full_name = answer.json()["full_name"]
        world.call("DELETE", f"/repos/{full_name}", "controller")
    return answer


@pytest.mark.parametrize(
    ("wished", "name"),
    [("../../../pwn", "..-..-..-pwn"), ("a/b", "a-b"), ("Größe 1", "Gr-e-1"), ("x.git", "x")],
)
def test_what_no_name_may_have_becomes_a_dash(world, wished, name):
    assert fork_named(world, wished).json()["full_name"] == f"controller/{name}"


@pytest.mark.parametrize("name", ["", ".", "..", "n" * 101, "n" * 300])
def test_nothing_can_be_called_so(world, name):
    answer = fork_named(world, name)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


def test_a_repository_whose_name_leads_out_of_the_box_has_no_folder(world):
    forge = world.box._started.forge
    with pytest.raises(ValueError, match="lies outside"):
        forge.git(replace(forge.repositories.all()[0], name="../../../pwn"))


def test_a_folder_that_a_crash_left_is_in_nobodys_way(world):
    forge = world.box._started.forge
    left = forge.repositories_dir / "controller" / "left.git"
    left.mkdir(parents=True)

    assert fork_named(world, "left").status_code == 202 and not left.exists()


def test_a_deleted_repository_leaves_nothing_that_was_said_in_it(world):
    made = world.repo("controller").create_fork()
    fork = world.github("controller").get_repo(made.full_name)
    pull = fork.create_pull(title="T", base="main", head=branch_in(fork, world))
    comment = pull.create_issue_comment("Old news")
    comment.create_reaction("eyes")
    node = comment.raw_data["node_id"]
    fold = f'mutation {{ minimizeComment(input: {{subjectId: "{node}", classifier: OUTDATED}}) {{ clientMutationId }} }}'
    world.call("POST", "/../graphql", "controller", json={"query": fold})
    fork.delete()

    forge = world.box._started.forge
    assert not forge.reactions.of(comment.id) and not forge.minimized.of(comment.id)
