"""`python -m controller.sandbox --dir D --port P`: a box as a process of its own, until SIGTERM or SIGINT."""

import argparse
import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from controller.sandbox.box import REPOSITORY, Box


def main(argv: list[str] | None = None) -> int:
    """Start a box, say where it is in one line of JSON, and stop it at the signal.

    The line is `{"url", "api_url", "graphql_url", "git_url", "repository", "tokens", "pid"}`, and with `--app` also "app".
    """
    options = _parser().parse_args(argv)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    files = _files(options.seed) if options.seed else {}
    with Box(options.dir, options.host, options.port, repository=options.repository, seed_files=files) as box:
        sys.stdout.write(json.dumps(_facts(box) | (_app(box) if options.app else {})) + "\n")
        sys.stdout.flush()
        done.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m controller.sandbox", description="GitHub in a box")
    parser.add_argument("--dir", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; a free one by default")
    parser.add_argument("--repository", default=REPOSITORY, help="the repository to be there")
    parser.add_argument("--seed", type=Path, help="a folder whose files become the first commit")
    parser.add_argument(
        "--app", action="store_true", help="tell the App's ids, private key and webhook secret too"
    )
    return parser


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def _facts(box: Box) -> dict[str, object]:
    return {
        "url": box.url,
        "api_url": box.api_url,
        "graphql_url": box.graphql_url,
        "git_url": f"{box.url}/{box.repository}.git",
        "repository": box.repository,
        "tokens": box.tokens,
        "pid": os.getpid(),
    }


def _app(box: Box) -> dict[str, object]:
    return {"app": asdict(box.app)}


if __name__ == "__main__":
    sys.exit(main())
