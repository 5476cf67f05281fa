"""A cloud in a box: moto's server, which answers AWS' own API from memory.

`python -m controller.sandbox.cloud` prints one line of JSON, `{"url": …}`, and serves until SIGTERM or SIGINT.
https://docs.getmoto.org/en/latest/docs/server_mode.html
"""

import json
import signal
import sys
import threading

from moto.server import ThreadedMotoServer


def main() -> int:
    """Serve on a free port of this machine."""
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        sys.stdout.write(json.dumps({"url": f"http://{host}:{port}"}) + "\n")
        sys.stdout.flush()
        done.wait()
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
