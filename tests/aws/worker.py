"""A worker of its own process, to be killed: `python -m tests.aws.worker LEDGER DATA RUN`."""

import sys
from pathlib import Path

from tests.aws.cloud import Cloud


def main(ledger, data, run):
    Cloud(ledger, Path(data)).execute(int(run))


main(*sys.argv[1:])
