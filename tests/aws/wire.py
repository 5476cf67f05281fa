"""What the provider says to the cloud, overheard: a proxy that keeps it, and can hold one action before it arrives."""

import http.client
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

OURS = {"connection", "transfer-encoding", "content-length", "server", "date"}
"""Headers of one connection (https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1), and those that the proxy writes."""


@dataclass(frozen=True)
class Said:
    """One request: AWS' query protocol has its action in a form, its JSON protocol in a header."""

    target: str
    body: bytes

    @property
    def form(self):
        return {name: values[0] for name, values in parse_qs(self.body.decode("utf-8", "replace")).items()}

    @property
    def action(self):
        return self.target.rpartition(".")[2] or self.form.get("Action", "")


class Wire:
    """A loopback address in front of the cloud's; `hold` names an action that never arrives there and is never answered."""

    def __init__(self, cloud):
        self.cloud = urlsplit(cloud).netloc
        self.said = []
        self.hold = ""
        self.held, self.over = threading.Event(), threading.Event()

    def passwords(self):
        """Every password that RDS was sent, in their order."""
        return [said.form["MasterUserPassword"] for said in self.said if "MasterUserPassword" in said.form]

    @contextmanager
    def listening(self):
        """Serve for the length of a block; yields the address."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            self.over.set()
            server.shutdown()
            thread.join()
            server.server_close()

    def passes(self, said):
        """Keep what was said; whether it may go on to the cloud. What is held waits until all is over."""
        if said.action == self.hold != "":
            self.held.set()
            self.over.wait()
            return False
        self.said.append(said)
        return True

    def ask(self, verb, path, body, headers):
        """Ask the cloud: the status, the headers and the body of its answer."""
        connection = http.client.HTTPConnection(self.cloud, timeout=60)
        try:
            connection.request(verb, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in OURS]
        length = answer.getheader("Content-Length", "0") if verb == "HEAD" else str(len(content))
        return answer.status, [*kept, ("Content-Length", length)], content


def _handler(wire):
    """The handler of one wire, as the standard library's server wants it: a class."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self):
            try:
                super().handle_one_request()
            except ConnectionError:  # a provider that was stopped hangs up in the middle
                self.close_connection = True

        def relay(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not wire.passes(Said(self.headers.get("X-Amz-Target", ""), body)):
                self.close_connection = True
                return
            status, headers, content = wire.ask(self.command, self.path, body, dict(self.headers))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Say nothing."""

    for verb in ("GET", "HEAD", "PUT", "POST", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler.relay)
    return Handler
