"""How many deliveries a second are accepted durably, beside the same server that only checks the signature and reads JSON.

    python benchmarks/accept.py [--rounds ROUNDS] [--seconds SECONDS] [--write]

`infrautomater serve` records each delivery in SQLite with fsync, answers, and sends its call to an embedded Valkey;
the baseline is uvicorn and FastAPI with a route that does neither. A third process sends signed deliveries of 22 KB on
16 connections, each about another pull. Exits 1 where ours answers fewer than 0.35 of the baseline's, or its 99th percentile is 50 ms or more.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response

from benchmarks.figures import Limit, Report, options, percentile, publish, take_turns
from controller.edge.valkey import embedded_valkey

SHARE = 0.35
LIMIT_MS = 50.0
CONNECTIONS = 16
SIZE = 22_000
PULLS = 100
"""So many are told of in turn: calls that say the same are sent once."""

SECRET = "rehearsal"
REPOSITORY = "acme/infrastructure"
OURS, BASELINE = "infrautomater serve", "signature and JSON only"
PATIENCE = 30.0


@dataclass(frozen=True)
class Turn:
    """What one turn of load came to: answers a second, the 99th percentile in ms, the sender's share of a core."""

    rate: float
    p99: float
    load: float


def main() -> int:
    asked = options(__doc__, {"rounds": 7, "seconds": 4})
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        servers(Path(folder)) as ports,
        ProcessPoolExecutor(1, mp_context=spawn) as sender,
    ):
        turns = {
            name: partial(lambda port, _round: sender.submit(send, port, asked.seconds).result(), port)
            for name, port in ports.items()
        }
        for begin in turns.values():
            begin(0)  # the first requests of a process are its slowest
        results = take_turns(asked.rounds, turns)
    return publish(report(results), write=asked.write)


def report(results: dict[str, list[Turn]]) -> Report:
    rates = {name: statistics.median(turn.rate for turn in turns) for name, turns in results.items()}
    tails = {name: statistics.median(turn.p99 for turn in turns) for name, turns in results.items()}
    share = rates[OURS] / rates[BASELINE]
    busiest = max(turn.load for turns in results.values() for turn in turns)
    rows = [(f"{CONNECTIONS} connections", "answers a second", "99th percentile", "share")]
    rows += [
        (name, f"{rates[name]:,.0f}", f"{tails[name]:.1f} ms", f"{rates[name] / rates[BASELINE]:.2f}")
        for name in results
    ]
    limits = [
        Limit(f"{share:.2f} of the baseline's answers a second, at least {SHARE}", share >= SHARE),
        Limit(
            f"99th percentile {tails[OURS]:.1f} ms, under {LIMIT_MS:.0f} ms at {CONNECTIONS} connections",
            tails[OURS] < LIMIT_MS,
        ),
    ]
    remark = f"Medians of {len(results[OURS])} turns. The sender took at most {busiest:.0%} of a core."
    return Report("accept", rows, limits, remark)


# --- the servers


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[dict[str, int]]:
    """Both, each a process of its own; their ports."""
    ours, baseline = free_port(), free_port()
    with embedded_valkey(folder / "valkey") as broker, (folder / "serve.log").open("wb") as log:
        env = {**os.environ, **settings(folder, broker, ours)}
        argv = (sys.executable, "-m", "controller", "serve")
        bare = multiprocessing.get_context("spawn").Process(target=serve_bare, args=(baseline,), daemon=True)
        bare.start()
        with subprocess.Popen(argv, env=env, stdout=log, stderr=log) as process:
            try:
                for port in (ours, baseline):
                    await_answer(port)
                yield {OURS: ours, BASELINE: baseline}
            finally:
                process.terminate()
                bare.kill()
                bare.join()


def settings(folder: Path, broker: str, port: int) -> dict[str, str]:
    return {
        "REDIS_URL": broker,
        "INFRAUTOMATER_DATA": str(folder / "data"),
        "INFRAUTOMATER_REPOSITORY": REPOSITORY,
        "INFRAUTOMATER_GITHUB_TOKEN": "none",
        "INFRAUTOMATER_WEBHOOK_SECRETS": SECRET,
        "INFRAUTOMATER_PORT": str(port),
    }


def serve_bare(port: int) -> None:
    """The baseline: what cannot be left out of any listener."""
    app = FastAPI()

    @app.get("/healthz")
    def _healthz() -> str:
        return "ok"

    @app.post("/webhooks/github", status_code=202)
    async def _receive(request: Request) -> Response:
        body = await request.body()
        if not hmac.compare_digest(request.headers["x-hub-signature-256"], signed(body)):
            return Response(status_code=401)
        json.loads(body)
        return Response('{"message": "recorded"}', status_code=202, media_type="application/json")

    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run([listener])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def await_answer(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz"):
            return
        time.sleep(0.05)
    raise SystemExit("a server did not start")


# --- the sender


def send(port: int, seconds: float) -> Turn:
    """Load a server from so many connections at once, each sending its next delivery when the last one is answered."""
    times: list[float] = []
    before, began = os.times(), time.perf_counter()
    asyncio.run(load(port, began + seconds, times))
    took, after = time.perf_counter() - began, os.times()
    spent = after.user + after.system - before.user - before.system
    return Turn(len(times) / took, percentile(times, 0.99) * 1000, spent / took)


async def load(port: int, until: float, times: list[float]) -> None:
    deliveries = cycle([prepared(payload(pull)) for pull in range(1, PULLS + 1)])
    await asyncio.gather(*(converse(port, deliveries, until, times) for _ in range(CONNECTIONS)))


def prepared(body: bytes) -> tuple[bytes, bytes]:
    """A request's head, up to the delivery's GUID, and its body."""
    head = (
        "POST /webhooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-GitHub-Event: pull_request\r\nX-Hub-Signature-256: {signed(body)}\r\n"
        f"Content-Length: {len(body)}\r\nX-GitHub-Delivery: "
    )
    return head.encode(), body


async def converse(
    port: int, deliveries: Iterator[tuple[bytes, bytes]], until: float, times: list[float]
) -> None:
    """One connection's deliveries, one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (began := time.perf_counter()) < until:
        head, body = next(deliveries)
        writer.write(b"%b%b\r\n\r\n%b" % (head, str(uuid.uuid4()).encode(), body))
        said = await reader.readuntil(b"\r\n\r\n")
        if not said.startswith(b"HTTP/1.1 202"):
            raise SystemExit(f"not accepted: {said.decode()}")
        await reader.readexactly(int(said.lower().partition(b"content-length:")[2].split(b"\r\n")[0]))
        times.append(time.perf_counter() - began)
    writer.close()


def payload(pull: int) -> bytes:
    """A delivery as large as GitHub's are."""
    event = {
        "action": "synchronize",
        "number": pull,
        "pull_request": {"number": pull, "merged": False, "body": ""},
        "repository": {"full_name": REPOSITORY, "default_branch": "main"},
    }
    event["pull_request"]["body"] = "x" * (SIZE - len(json.dumps(event)))
    return json.dumps(event).encode()


def signed(body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
