"""Whose review is asked for: https://docs.github.com/rest/pulls/review-requests."""

from controller.sandbox.acts import review_requests
from controller.sandbox.errors import invalid, unprocessable
from controller.sandbox.forge import allows
from controller.sandbox.nouns import Pull, Team, User
from controller.sandbox.render.pulls import requested_teams, summary
from controller.sandbox.render.users import account
from controller.sandbox.rest.answers import Answer, created, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import PULL, endpoints
from controller.sandbox.rest.fields import strings


def list_requested_reviewers(call: Call) -> Answer:
    """The people and teams whose review is asked for."""
    pull = call.pull()
    people = [account(call.view, login) for login in pull.requested_reviewers]
    return ok({"users": people, "teams": requested_teams(call.view, pull)})


def request_reviewers(call: Call) -> Answer:
    """Ask people and teams for their review.

    Raises:
        RefusedError: 422, the author is asked, or somebody or a team that cannot be.
    """
    pull = call.pull("write")
    people, teams = _named(call, pull)
    if any(user.login == pull.user for user in people):
        raise invalid("PullRequest", "Review cannot be requested from pull request author.")
    asked = review_requests.ask(call.forge, pull, call.user, people, teams)
    return created(summary(call.view, asked))


def remove_reviewers(call: Call) -> Answer:
    """Ask people and teams no more.

    Raises:
        RefusedError: 422, somebody or a team that could not be asked is named.
    """
    pull = call.pull("write")
    return ok(summary(call.view, review_requests.withdraw(call.forge, pull, call.user, *_named(call, pull))))


def _named(call: Call, pull: Pull) -> tuple[list[User], list[Team]]:
    repository, body = call.forge.repository_of(pull), call.json()
    people = [call.forge.user(login) for login in strings("reviewers", body.get("reviewers"))]
    if not all(allows(call.forge.role(repository, user), "read") for user in people):
        message = "Reviews may only be requested from collaborators. One or more of the users or teams you specified"
        raise unprocessable(f"{message} is not a collaborator of the {repository.full_name} repository.")
    slugs = strings("team_reviewers", body.get("team_reviewers"))
    teams = [call.forge.teams.find((repository.owner, slug.lower())) for slug in slugs]
    if not all(teams):
        raise unprocessable(f"Reviews may only be requested from teams of {repository.owner}.")
    return people, [team for team in teams if team]


ENDPOINTS = endpoints(
    PULL + "/requested_reviewers",
    "pulls/review-requests",
    ("pull_requests",),
    ("GET ", list_requested_reviewers),
    ("POST ", request_reviewers),
    ("DELETE ", remove_reviewers),
)
