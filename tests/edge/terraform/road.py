"""A road to a server, on loopback, that can be closed and opened again: the server itself lives on."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Road:
    """Leads to a server as long as it is open; whoever is on it when it closes is cut off."""

    def __init__(self, url):
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port)
        self._entrance = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._entrance.getsockname()[1]}"
        self._open = threading.Event()
        self._threads = []
        self._ways = []
        self.open()

    def open(self):
        self._open.set()

    def close(self):
        self._open.clear()
        for way in tuple(self._ways):
            _end(way)

    def __enter__(self):
        self._start(self._let_in)
        return self

    def __exit__(self, *_):
        self.close()
        _end(self._entrance)
        self._entrance.close()
        for thread in self._threads:
            thread.join()
        for way in self._ways:
            way.close()

    def _start(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _let_in(self):
        with contextlib.suppress(OSError):
            while True:
                guest, _ = self._entrance.accept()
                self._ways.append(guest)
                if not self._open.is_set():
                    _end(guest)
                    continue
                server = socket.create_connection(self._target)
                self._ways.append(server)
                self._start(self._carry, guest, server)
                self._start(self._carry, server, guest)

    def _carry(self, here, there):
        with contextlib.suppress(OSError):
            while self._open.is_set() and (data := here.recv(65536)):
                there.sendall(data)
        _end(there, socket.SHUT_WR)


def _end(way, how=socket.SHUT_RDWR):
    with contextlib.suppress(OSError):
        way.shutdown(how)
