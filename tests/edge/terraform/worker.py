"""A worker of its own process, to be killed, frozen and told to stop: `worker.py DATA ENGINE SILENCE MAIN`."""

import contextlib
import sys
import threading
from pathlib import Path

from controller.core.identity import RequestId
from controller.edge.guarded import Rule
from controller.edge.terraform import TerraformCli, find_engine
from controller.errors import TerraformFailed
from controller.ports import Job


class Heart:
    """A pulse that beats as long as this process runs."""

    def is_lost(self):
        return False

    @contextlib.contextmanager
    def listen(self, beat):
        ended = threading.Event()
        thread = threading.Thread(target=self._beat, args=(beat, ended), daemon=True)
        thread.start()
        yield
        ended.set()
        thread.join()

    def _beat(self, beat, ended):
        beat()
        while not ended.wait(0.1):
            beat()


def main(data, engine, silence, source):
    cli = TerraformCli(Path(data), find_engine(engine), rule=Rule(silence=float(silence), grace=20))
    job = Job(7, RequestId("dev", "sandbox", "one"), {"main.tf": Path(source).read_bytes()}, "local")
    with cli.session(job, Heart(), lambda text: None) as session:
        session.init()
        session.plan(destroy=False, lock=True)
        try:
            session.apply()
        except TerraformFailed as failed:
            sys.stdout.write(f"{type(failed).__name__}\n")


main(*sys.argv[1:])
