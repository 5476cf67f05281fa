"""Authority: whose word counts, asked of GitHub each time and never believed of a payload."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from controller.core.approval import PERMISSIONS, Approval, approve
from controller.core.catalogue import environment_path
from controller.core.environment import ApprovalRule, DestroyRule, EnvironmentFormat
from controller.core.pull import Pull, Review, ReviewDecision
from controller.core.ruling import Authority
from controller.errors import GitHubNotFound, GitHubRefused
from controller.pipeline.look import trusted_catalogue
from controller.ports import Ports

CODE_OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-file-location."""

LEFT_BEHIND = ApprovalRule.model_validate({"from": ["admin"]})
"""Who decides about what lives in an environment that is gone from the default branch."""


def rules_for(ports: Ports, name: str, pull: Pull, tip: str) -> EnvironmentFormat | None:
    """The rules of an environment by which a pull is judged: today's, unless the pull changed them itself.

    Then it is those that it was reviewed by, until somebody else changes them again.
    """
    proposal = ports.views.proposal(pull.number)
    if proposal is not None and name in proposal.reruled and not _ruled_since(ports, name, pull, tip):
        tip = proposal.tip
    return rules_at(ports, name, tip)


def rules_at(ports: Ports, name: str, commit: str) -> EnvironmentFormat | None:
    """The rules of an environment as a commit of the default branch has them."""
    environment = trusted_catalogue(ports, commit).environments.get(name)
    return environment.format if environment else None


def _ruled_since(ports: Ports, name: str, pull: Pull, tip: str) -> bool:
    """Whether the default branch changed an environment's file again after the pull was merged."""
    later = ports.git.first_parents(pull.merge_commit, tip) if pull.merge_commit else None
    return any(environment_path(name) in commit.paths for commit in later or ())


class People:
    """Who is who, asked once for each person and approver in the length of one story."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._known: dict[tuple[str, str], bool | None] = {}

    def may_write(self, person: str) -> bool:
        """Whether somebody has write access."""
        return self.is_one_of(person, "write") or False

    def is_one_of(self, person: str, approver: str) -> bool | None:
        """Whether somebody is meant by an approver; None where GitHub does not show it to us."""
        key = person, approver
        if key not in self._known:
            self._known[key] = self._ask(person, approver)
        return self._known[key]

    def authority(self, person: str, pull: Pull, rules: EnvironmentFormat | None) -> Authority:
        """What somebody may decide of what a pull changes in an environment with these rules, None where it is gone."""
        rule = rules.approvals if rules else LEFT_BEHIND
        answers = [self.is_one_of(person, approver) for approver in rule.approvers]
        granted = True if True in answers else None if None in answers else False
        is_own = person.lower() == pull.author.lower() and not rule.author
        destroy = rules.destroy if rules else DestroyRule.CONFIRM
        return Authority(False if is_own else granted, rule.approvers, destroy)

    def approvals(self, pull: Pull, tip: str, rules: Mapping[str, ApprovalRule]) -> tuple[Approval, ...]:
        """How far a pull's reviews satisfy each environment's rule, and GitHub's own where code owners are used."""
        reviews = self._reviews(pull) if any(rule.required for rule in rules.values()) else ()
        decision = self._decision(pull, tip)
        people = sorted({review.author for review in reviews} | {pull.author})
        return tuple(
            replace(
                approve(name, rule, pull, reviews, self._among(people, rule.approvers)),
                unseen=self._unseen(people, rule.approvers),
                decision=decision,
            )
            for name, rule in sorted(rules.items())
        )

    def _among(self, people: Iterable[str], approvers: tuple[str, ...]) -> Mapping[str, bool]:
        return {person: any(self.is_one_of(person, each) for each in approvers) for person in people}

    def _unseen(self, people: Iterable[str], approvers: tuple[str, ...]) -> tuple[str, ...]:
        everybody = tuple(people)
        return tuple(each for each in approvers if None in {self.is_one_of(one, each) for one in everybody})

    def _reviews(self, pull: Pull) -> tuple[Review, ...]:
        """A pull that GitHub does not show any more has none that could count."""
        try:
            return self._ports.github.reviews(pull.number)
        except (GitHubNotFound, GitHubRefused):
            return ()

    def _decision(self, pull: Pull, tip: str) -> ReviewDecision | None:
        """GitHub's own judgement, asked only where a file names code owners."""
        uses_owners = bool(self._ports.git.blobs(tip, *CODE_OWNERS))
        try:
            return self._ports.github.review_decision(pull.number) if uses_owners else None
        except (GitHubNotFound, GitHubRefused):
            return ReviewDecision.REVIEW_REQUIRED

    def _ask(self, person: str, approver: str) -> bool | None:
        organisation, slash, team = approver.removeprefix("@").partition("/")
        try:
            if approver in PERMISSIONS:
                return self._ports.github.permission(person) >= PERMISSIONS[approver]
            if not slash:
                return person.lower() == organisation.lower()
            return self._ports.github.is_member(organisation, team, person)
        except (GitHubNotFound, GitHubRefused):
            return None
