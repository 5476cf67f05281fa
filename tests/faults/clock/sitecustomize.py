"""Python runs this at its start where its folder is on PYTHONPATH: its clock is as far ahead as a file says.

The monotonic clock stays as it is, as it does when a machine's clock is set, and when a machine wakes up
(https://docs.python.org/3/library/time.html#time.monotonic). Guards run without it; they know no other clock.
"""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine


def _watch(file: Path) -> None:
    jumped = 0.0
    while True:
        wanted = float(file.read_text() or 0) if file.exists() else 0.0
        if wanted != jumped:
            at = datetime.now(UTC) + timedelta(seconds=wanted - jumped)
            time_machine.travel(at, tick=True).start()
            jumped = wanted
        time.sleep(0.05)


threading.Thread(target=_watch, args=(Path(os.environ["FAULTS_CLOCK"]),), daemon=True).start()
