"""The tables of a forge: how each noun is found, and what gathers it."""

from controller.sandbox import nouns
from controller.sandbox.store import Store, Table


class Tables:
    """Every record there is.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self.users = Table(store, nouns.User, lambda u: u.login.lower(), lambda u: u.token)
        self.organizations = Table(store, nouns.Organization, lambda o: o.login.lower(), lambda _: None)
        self.teams = Table(store, nouns.Team, lambda t: (t.organization, t.slug), lambda t: t.organization)
        self.repositories = Table(store, nouns.Repository, lambda r: r.full_name.lower(), lambda r: r.owner)
        self.refs = Table(store, nouns.Ref, lambda r: (r.repository, r.name), lambda r: r.repository)
        self.pulls = Table(
            store, nouns.Pull, lambda p: (p.repository, p.number), lambda p: (p.repository, p.state)
        )
        self.happenings = Table(store, nouns.Happening, lambda h: h.id, lambda h: h.pull)
        self.queue_entries = Table(
            store, nouns.QueueEntry, lambda e: e.pull, lambda e: (e.repository, e.branch)
        )
        self.reviews = Table(store, nouns.Review, lambda r: r.id, lambda r: r.pull)
        self.review_comments = Table(store, nouns.ReviewComment, lambda c: c.id, lambda c: c.pull)
        self.minimized = Table(store, nouns.Minimized, lambda m: m.subject, lambda m: m.subject)
        self.protections = Table(
            store, nouns.Protection, lambda p: (p.repository, p.branch), lambda p: p.repository
        )
        self.required_reviews = Table(
            store, nouns.RequiredReviews, lambda r: (r.repository, r.branch), lambda r: r.repository
        )
        self.required_checks = Table(
            store, nouns.RequiredChecks, lambda r: (r.repository, r.branch), lambda r: r.repository
        )
        self.rulesets = Table(
            store, nouns.Ruleset, lambda r: (r.repository, r.name.lower()), lambda r: r.repository
        )
        self.comments = Table(store, nouns.Comment, lambda c: c.id, lambda c: c.pull)
        self.commit_comments = Table(
            store, nouns.CommitComment, lambda c: c.id, lambda c: (c.repository, c.commit_id)
        )
        self.statuses = Table(store, nouns.Status, lambda s: s.id, lambda s: (s.repository, s.sha))
        self.labels = Table(
            store, nouns.Label, lambda n: (n.repository, n.name.lower()), lambda n: n.repository
        )
        self.reactions = Table(
            store, nouns.Reaction, lambda r: (r.subject, r.user, r.content), lambda r: r.subject
        )
        self.apps = Table(store, nouns.App, lambda a: a.slug, lambda a: a.owner)
        self.installations = Table(
            store, nouns.Installation, lambda i: (i.app, i.account.lower()), lambda i: i.account.lower()
        )
        self.installation_tokens = Table(
            store, nouns.InstallationToken, lambda t: t.token, lambda t: t.installation
        )
        self.hooks = Table(store, nouns.Hook, lambda h: h.id, lambda h: h.target)
        self.deliveries = Table(store, nouns.Delivery, lambda d: d.id, lambda d: d.hook)
