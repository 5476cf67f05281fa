"""What it takes to have a merge queue: a ruleset, pulls that may get in, and looks at it."""

REPO = "/repos/acme/infrastructure"
ENTRY = "position state enqueuer { login } headCommit { oid } baseCommit { oid }"


def ruleset(world, base, contexts=("a",), method="MERGE", **more):
    """A queue for a branch: https://docs.github.com/rest/repos/rules#create-a-repository-ruleset."""
    queue = {
        "check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5,
        "max_entries_to_merge": 5, "merge_method": method, "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    }  # fmt: skip
    checks = {
        "required_status_checks": [{"context": one} for one in contexts],
        "strict_required_status_checks_policy": False,
    }
    body = {
        "name": f"Queue of {base}",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": [f"refs/heads/{base}"], "exclude": []}},
        "rules": [
            {"type": "merge_queue", "parameters": queue},
            {"type": "required_status_checks", "parameters": checks},
        ],
    }
    answer = world.call("POST", f"{REPO}/rulesets", "admin", json=body | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def pull_on(world, base, *green, files=None):
    pull = world.pull(files, base=base)
    for context in green:
        world.repo("controller").get_commit(pull.head.sha).create_status("success", context=context)
    return pull


def ask(world, query, login="reviewer", **variables):
    answer = world.call("POST", "/../graphql", login, json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    return answer.json()


def enqueue(world, pull, login="reviewer", **more):
    query = f"mutation($input: EnqueuePullRequestInput!) {{ enqueuePullRequest(input: $input) {{ mergeQueueEntry {{ {ENTRY} }} }} }}"
    return ask(world, query, login, input={"pullRequestId": pull.raw_data["node_id"]} | more)


def dequeue(world, pull, login="reviewer"):
    query = "mutation($id: ID!) { dequeuePullRequest(input: {id: $id}) { mergeQueueEntry { state } } }"
    return ask(world, query, login, id=pull.raw_data["node_id"])


def entry(world, pull):
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on PullRequest {{ isInMergeQueue isMergeQueueEnabled mergeQueueEntry {{ {ENTRY} }} }} }} }}"
    return ask(world, query, id=pull.raw_data["node_id"])["data"]["node"]


def groups(world, base):
    found = world.call("GET", f"{REPO}/git/matching-refs/heads/gh-readonly-queue/{base}/").json()
    return {one["ref"]: one["object"]["sha"] for one in found}


def head(world, pull):
    return entry(world, pull)["mergeQueueEntry"]["headCommit"]["oid"]


def set_status(world, sha, state="success", context="a"):
    world.repo("controller").get_commit(sha).create_status(state, context=context)
