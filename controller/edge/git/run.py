"""Running git: argv lists only, in an environment that nobody's configuration reaches, and for so long."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from subprocess import PIPE, CompletedProcess, Popen, TimeoutExpired
from textwrap import shorten

from controller.errors import GitError

NO_CONFIG: Mapping[str, str] = {}
HEADER = "http.extraHeader"

_LONGEST = 300

# What of our own environment git may see: where programs are, and how the network is reached.
_PASSED = (
    *("PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE"),
    *("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"),
)
# https://git-scm.com/docs/git#_environment_variables
_ENVIRONMENT = {
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "HOME": os.devnull,
    "LC_ALL": "C",
}
# https://git-scm.com/docs/git-config
_CONFIG = {
    "core.hooksPath": os.devnull,
    "credential.helper": "",
    # A pack appears whole or not at all; loose objects of a killed fetch would look like a commit that we have.
    "fetch.unpackLimit": "1",
    "gc.autoDetach": "false",
    "gc.cruftPacks": "true",
    # The header with the token would be sent wherever a redirect leads.
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": "60",
    # A rename that git guesses would move somebody's edit into a file that they never saw; for merges see `GitCli`.
    "diff.renames": "false",
    "merge.directoryRenames": "false",
    "merge.renames": "false",
    "protocol.allow": "never",
    "protocol.ext.allow": "never",
    "protocol.file.allow": "always",
    "protocol.http.allow": "always",
    "protocol.https.allow": "always",
}


@dataclass(frozen=True, slots=True)
class Runner:
    """git on one bare repository.

    Args:
        repository: Its folder.
        timeout: Seconds after which a command, and all that it started, is killed.
    """

    repository: Path
    timeout: float

    def output(self, *arguments: str, data: bytes = b"", config: Mapping[str, str] = NO_CONFIG) -> bytes:
        """What a command prints that has to succeed.

        Raises:
            GitError: It did not.
        """
        done = self.run(*arguments, data=data, config=config)
        if done.returncode:
            raise failure(arguments, done.stderr, config)
        return done.stdout

    def run(
        self, *arguments: str, data: bytes = b"", config: Mapping[str, str] = NO_CONFIG
    ) -> CompletedProcess[bytes]:
        """Run a command whose exit code is an answer.

        Args:
            arguments: The command's argv after `git`.
            data: What it reads.
            config: Configuration for this command alone; its HEADER shows in no error.

        Raises:
            GitError: It could not be started, or took too long.
        """
        with self._spawn(arguments, config) as process:
            try:
                output, said = process.communicate(data, self.timeout)
            except TimeoutExpired:
                raise failure(arguments, f"no end after {self.timeout:g} s".encode(), config) from None
        return CompletedProcess(arguments, process.returncode, output, said)

    def beginning(self, *arguments: str, size: int) -> bytes:
        """The first bytes that a command prints; the rest is never made.

        Raises:
            GitError: It could not be started, or printed less.
        """
        with self._spawn(arguments, NO_CONFIG) as process:
            printed = process.stdout.read(size) if process.stdout else b""
        if len(printed) < size:
            raise failure(arguments, f"printed {len(printed)} bytes, {size} were awaited".encode())
        return printed

    @contextmanager
    def _spawn(self, arguments: tuple[str, ...], config: Mapping[str, str]) -> Iterator[Popen[bytes]]:
        argv, env = ("git", *arguments), _environment(self.repository, config)
        here = self.repository
        try:
            process = Popen(argv, -1, None, PIPE, PIPE, PIPE, cwd=here, env=env, start_new_session=True)
        except OSError as error:
            raise failure(arguments, str(error).encode(), config) from error
        with process:
            try:
                yield process
            finally:
                # Its children hold our pipes: with git alone dead we would wait for them.
                if process.poll() is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, SIGKILL)


def failure(arguments: tuple[str, ...], said: bytes, config: Mapping[str, str] = NO_CONFIG) -> GitError:
    """The error for a command that failed, with what git said, and without the header that `config` may have."""
    text = said.decode(errors="replace").strip() or "failed and said nothing"
    secret = config.get(HEADER, "").rpartition(" ")[2]
    text = text.replace(secret, "…") if secret else text
    return GitError(f"git {shorten(' '.join(arguments), _LONGEST)}: {text}")


def _environment(repository: Path, config: Mapping[str, str]) -> dict[str, str]:
    passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
    # By environment, since an argv is seen by everybody on the machine, and a file by whoever finds it.
    settings = {"GIT_CONFIG_COUNT": str(len(_CONFIG) + len(config))}
    for number, (key, value) in enumerate((_CONFIG | {**config}).items()):
        settings |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {**passed, **_ENVIRONMENT, **settings, "GIT_DIR": str(repository)}
