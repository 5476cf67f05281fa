"""Cut GitHub's published description of its API down to the shapes of what the box speaks.

What is left are facts for a machine: paths, parameters, bodies, answers and payloads; every sentence and example is gone.

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
    python tests/github/prune.py package/generated/api.github.com.json
"""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
METHODS = {"get", "post", "put", "patch", "delete"}
WORDS = {"description", "summary", "example", "examples", "title", "externalDocs", "tags", "deprecated"}
REPO = "/repos/{owner}/{repo}"
PATHS = (
    r"/user|/user/repos|/users/{username}|/rate_limit|/meta",
    r"/app|/app/hook/.*|/app/installations|/app/installations/{installation_id}(|/access_tokens|/suspended)",
    r"/apps/{app_slug}|/installation/(repositories|token)|/user/installations(|/{installation_id}/repositories(|/{repository_id}))",
    r"/orgs/{org}(|/installation|/installations|/members|/members/{username}|/memberships/{username}|/repos)",
    r"/orgs/{org}/teams(|/{team_slug}(|/members|/memberships/{username}|/repos|/repos/{owner}/{repo}))",
    REPO + r"(|/installation|/teams|/forks|/merges|/statuses/{sha}|/codeowners/errors|/readme)",
    REPO + r"/branches(|/{branch}|/{branch}/protection(?!/restrictions/|/required_signatures).*)",
    REPO + r"/collaborators(|/{username}(|/permission))",
    REPO + r"/(comments|contents|git|labels|compare)(|/.*)",
    REPO + r"/commits(|/{ref}|/{ref}/status|/{ref}/statuses|/{commit_sha}/comments|/{commit_sha}/pulls)",
    REPO + r"/hooks(|/{hook_id}(|/config|/pings|/deliveries.*))",
    REPO
    + r"/issues(|/comments.*|/{issue_number}(|/comments|/labels.*|/lock|/reactions.*|/events|/timeline))",
    REPO + r"/(rulesets(|/{ruleset_id})|rules/branches/{branch})",
    REPO + r"/pulls(?!.*(codespaces|merge-async)).*",
)
EVENTS = (
    "commit-comment", "create", "delete", "fork", "installation", "issue-comment", "merge-group", "ping", "pull-request", "push", "status",
)  # fmt: skip

# By what a form is known; the fields that some of its kind lack; those that GitHub gives as null where the thing is gone.
MENDS = (
    (("default_branch", "clone_url"), ("has_discussions", "web_commit_signoff_required"), ()),
    (("slug", "members_url", "repositories_url"), ("notification_setting", "type", "parent"), ()),
    (("label", "ref", "sha", "user", "repo"), (), ("repo",)),
    (("diff_hunk", "original_commit_id"), (), ("line", "original_line", "position")),
)


def main(source: Path) -> None:
    """Write `api.json` beside this file."""
    whole = json.loads(source.read_text())
    paths = {path: operations(item) for path, item in whole["paths"].items() if speaks(path)}
    # The package has a copy of the schema here, in which an account is a user and an enterprise at once.
    listed = paths["/app/installations"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    listed["items"] = {"$ref": "#/components/schemas/installation"}
    events = {name: item for name, item in whole["x-webhooks"].items() if name.startswith(EVENTS)}
    kept = {"openapi": whole["openapi"], "paths": wordless(paths), "x-webhooks": wordless(events)}
    kept["components"] = components(kept, whole["components"])
    version = {
        "title": "GitHub REST API, shapes only",
        "version": whole["info"]["version"],
        "license": whole["info"]["license"],
    }
    for schema in objects(kept):
        mend(schema["properties"])
    text = json.dumps({"info": version, **kept}, indent=0, sort_keys=True, separators=(",", ":"))
    (HERE / "api.json").write_text(text + "\n")


def objects(node):
    """Every schema of an object in a part."""
    if isinstance(node, dict) and isinstance(node.get("properties"), dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects(part)


def mend(fields: dict) -> None:
    """Let the forms of one noun agree, where some leave out what others have, or forget that it may be null."""
    for marks, missing, nullable in MENDS:
        if all(mark in fields for mark in marks):
            for name in missing:
                fields.setdefault(name, {})
            for name in nullable:
                fields[name] = {**fields.get(name, {}), "nullable": True}


def speaks(path: str) -> bool:
    """Whether a path is one that the box may answer."""
    return any(re.fullmatch(wanted.replace("{", r"\{").replace("}", r"\}"), path) for wanted in PATHS)


def operations(item: dict) -> dict:
    """A path's methods and the parameters that they share."""
    return {name: part for name, part in item.items() if name in METHODS | {"parameters"}}


def wordless(node):
    """The same without what only a person reads; a property may be called like a word."""
    if isinstance(node, list):
        return [wordless(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for name, part in node.items():
        if name in ("properties", "schemas", "responses", "paths") and isinstance(part, dict):
            kept[name] = {key: wordless(value) for key, value in part.items()}
        elif name not in WORDS and not name.startswith("x-"):
            kept[name] = wordless(part)
    return kept


def components(kept: dict, whole: dict) -> dict:
    """Every component that is referred to, and those that these refer to."""
    found: dict = {}
    waiting = references(kept)
    while waiting:
        kind, name = waiting.pop()
        if name not in found.setdefault(kind, {}):
            found[kind][name] = wordless(whole[kind][name])
            waiting |= references(found[kind][name])
    return found


def references(node) -> set[tuple[str, str]]:
    """The components that a part refers to, as (kind, name)."""
    return set(re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(node)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
