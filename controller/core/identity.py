"""RequestId: what a request is, wherever its file lies."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, order=True, slots=True)
class RequestId:
    """The identity of a request and of its workspace: `environment/kind/name`."""

    environment: str
    kind: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `environment/kind/name` or `environment.kind.name`.

        Raises:
            ValueError: the text has not exactly three parts.
        """
        environment, kind, name = text.replace(".", "/").split("/")
        return cls(environment, kind, name)

    @property
    def key(self) -> str:
        """`environment.kind.name`, at most 63 characters: for tags, labels and state keys."""
        return f"{self.environment}.{self.kind}.{self.name}"

    def __str__(self) -> str:
        return f"{self.environment}/{self.kind}/{self.name}"
