"""Runs a program that dies with its parent, also when that is killed -9. Run as a file: ``leash.py PARENT PROGRAM ARG…``

``PR_SET_PDEATHSIG`` outlives the exec. A ``preexec_fn`` could do the same, but is not safe in a process with threads.
Systems other than Linux have no such call: there the inherited lock keeps a second broker from an orphan's store.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent, program = int(sys.argv[1]), sys.argv[2]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the parent died before the start")
    os.setpgid(0, 0)  # Ctrl-C in the terminal is the service's: it stops the broker last
    os.execv(program, sys.argv[2:])
