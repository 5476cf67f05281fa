"""What is wrong with CODEOWNERS: https://docs.github.com/rest/repos/repos#list-codeowners-errors."""

from controller.sandbox.errors import not_found
from controller.sandbox.git import objects
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints
from controller.sandbox.rules import codeowners, owners


def list_errors(call: Call) -> Answer:
    """The mistakes in the CODEOWNERS file of `ref` (default branch).

    Raises:
        RefusedError: 404, there is no such commit, or no such file.
    """
    repository = call.repository()
    git = call.git(repository)
    commit = objects.resolve(git, call.query.get("ref") or repository.default_branch)
    found = owners.text(git, commit) if commit else None
    if found is None:
        raise not_found()
    path, text = found
    wrong = codeowners.mistakes(text, lambda owner: owners.known(call.forge, repository, owner))
    return ok({"errors": [_shown(path, one) for one in wrong]})


def _shown(path: str, found: codeowners.Mistake) -> Json:
    summary = f"{found.kind} on line {found.line}"
    hint = f": {found.suggestion}" if found.suggestion else ""
    marker = " " * (found.column + 1) + "^"
    return {
        "line": found.line,
        "column": found.column,
        "source": f"{found.source}\n",
        "kind": found.kind,
        "suggestion": found.suggestion,
        "message": f"{summary}{hint}\n\n  {found.source}\n {marker}",
        "path": path,
    }


ENDPOINTS = endpoints(REPO + "/codeowners", "repos/repos", ("contents",), ("GET /errors", list_errors))
