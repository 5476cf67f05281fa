"""Files that move: what a request is, its identity says, not its path."""


def test_a_file_under_another_name_changes_nothing(world, ask, at):
    name = world.provisioned(size="medium")
    new = world.name()
    pull = world.propose({at(name): None, at(new): ask(name, size="medium")})

    plan = world.says(pull, "Ready: nothing changes")
    assert "destroy" not in plan
    before = len(world.runs(name))
    merged = world.merge(pull)
    world.says(pull, "Done: nothing to do", "result")
    world.reaches(merged, "apply", "success")
    assert len(world.runs(name)) == before
    world.reaches_status(name, "provisioned")

    # It is known by its new path: what is deleted there goes.
    gone = world.propose({at(new): None})
    world.says(gone, f"Ready: 1 change, low risk, destroys {name} (sandbox)")
    world.merge(gone)
    world.says(gone, "Done: 1 request destroyed", "result")


def test_a_file_in_another_teams_folder_changes_tags_only_and_says_so(world, ask, at):
    name = world.provisioned()
    pull = world.propose({at(name): None, at(name, "search"): ask(name)})

    plan = world.says(pull, "Ready: 1 change, low risk")
    assert f"| `dev/sandbox/{name}` | moves from team `payments` to `search`: tags only |" in plan
    assert "2 to change</summary>" in plan
    world.merge(pull)
    result = world.says(pull, "Done: 1 request provisioned", "result")
    assert f"| `endpoint` | `dev-{name}.search.sandbox.invalid` |" in result


def test_a_rename_within_a_file_is_refused_with_the_way_out_and_that_works(world, ask, at):
    name, other = world.provisioned(), world.name()
    pull = world.propose({at(name): ask(other)})

    plan = world.says(pull, "Cannot merge: 1 mistake")
    assert f"`{at(name)}:1:" in plan and f"dev/sandbox/{name}" in plan
    world.reaches(pull.head.sha, "validate", "failure")

    assert (
        f"Put `dev/sandbox/{other}` into a new file, and delete this one to destroy `dev/sandbox/{name}`."
        in plan
    )
    world.commit(pull.head.ref, {at(name): None, at(other): ask(other)})
    plan = world.says(pull, f"Ready: 2 changes, low risk, destroys {name} (sandbox)")
    assert f"`dev/sandbox/{other}` | a new `sandbox` |" in plan
    world.merge(pull)
    world.says(pull, "Done: 1 request provisioned, 1 request destroyed", "result")
    world.reaches_status(name, "destroyed")
    world.reaches_status(other, "provisioned")


def test_a_rename_that_was_merged_all_the_same_destroys_nothing(world, ask, at):
    name, other = world.provisioned(), world.name()
    pull = world.propose({at(name): ask(other)})
    world.says(pull, "Cannot merge: 1 mistake")

    merged = world.as_("admin").get_pull(pull.number).merge().sha

    result = world.says(pull, "Not all was done: 1 mistake", "result")
    assert "These files changed nothing; what they asked for before stands as it is." in result
    world.reaches(merged, "apply", "failure")
    world.reaches_status(name, "provisioned")
    mending = world.brought({at(name): ask(name)})
    world.says(mending, "Done: nothing to do", "result")
    assert world.status_of(other) in {None, "rejected"}
