"""Prints, as JSON, what a program can see of its surroundings."""

import builtins
import contextlib
import gc
import json
import os
import resource
import signal
import sys
import termios
import threading
import time
import warnings


def kind(thing):
    return thing if isinstance(thing, (str, type(None))) else type(thing).__name__


def handler_name(number):
    handler = signal.getsignal(number)
    return getattr(handler, "__name__", None) or str(handler)


def status_lines(*names):
    with open("/proc/self/status") as status:
        return {line.split(":")[0]: line.split()[1] for line in status if line.split(":")[0] in names}


def masks():
    """Signals by mask. 32 and 33 are the C library's own; each way to start a process treats them differently."""
    return {
        name: int(mask, 16) & ~(3 << 31) for name, mask in status_lines("SigBlk", "SigIgn", "SigCgt", "ShdPnd").items()
    }


def open_files():
    found = {}
    for number in sorted(map(int, os.listdir("/proc/self/fd"))):
        with contextlib.suppress(OSError):  # the listing's own
            found[number] = os.fstat(number).st_mode
    return found


def first_environment():
    with open("/proc/self/environ", errors="surrogateescape") as file:
        return sorted(file.read().split("\0"))


def terminal_settings():
    try:
        return repr(termios.tcgetattr(0)), os.tcgetpgrp(0) == os.getpgrp()
    except (termios.error, OSError) as error:
        return type(error).__name__


time.sleep(0.15)  # so that whoever observes has begun
main = sys.modules["__main__"]
FACTS = {
    "argv": sys.argv,
    "orig_argv": sys.orig_argv,
    "path": sys.path,
    "cwd": os.getcwd(),
    "executable": [sys.executable, sys.prefix, sys.base_prefix],
    "flags": repr(sys.flags),
    "x_options": repr(sys._xoptions),
    "warnings": [sys.warnoptions, repr(warnings.filters)],
    "main_file": getattr(main, "__file__", None),
    "main_names": sorted(vars(main)),
    "main_module": [
        kind(getattr(main, name, None)) for name in ("__name__", "__package__", "__cached__", "__loader__", "__spec__")
    ],
    "threads": [[thread.name, thread.daemon] for thread in threading.enumerate()],
    "active_count": threading.active_count(),
    "tasks": len(os.listdir("/proc/self/task")),
    "thread_hooks": [
        kind(threading.gettrace()),
        kind(threading.getprofile()),
        threading.excepthook is threading.__excepthook__,
    ],
    "open_files": open_files(),
    "signals": {int(number): handler_name(number) for number in sorted(signal.valid_signals())},
    "signal_masks": masks(),
    "signal_wakeup": signal.set_wakeup_fd(-1),
    "timers": [signal.getitimer(which) for which in (signal.ITIMER_REAL, signal.ITIMER_PROF, signal.ITIMER_VIRTUAL)],
    "hooks": [
        sys.excepthook is sys.__excepthook__,
        sys.displayhook is sys.__displayhook__,
        sys.unraisablehook is sys.__unraisablehook__,
    ],
    "tracing": [kind(sys.gettrace()), kind(sys.getprofile())],
    "imports": [
        [kind(finder) for finder in sys.meta_path],
        [getattr(hook, "__name__", "?") for hook in sys.path_hooks],
    ],
    "customize": {
        name: getattr(sys.modules.get(name), "__file__", None) for name in ("sitecustomize", "usercustomize")
    },
    "modules": sorted(sys.modules),
    "builtins": sorted(vars(builtins)),
    "gc": [gc.isenabled(), gc.get_threshold(), len(gc.callbacks)],
    "switch_interval": sys.getswitchinterval(),
    "recursion_limit": sys.getrecursionlimit(),
    "streams": [
        [s.encoding, s.errors, s.line_buffering, s.write_through, s.fileno(), s.isatty()]
        for s in (sys.stdin, sys.stdout, sys.stderr)
    ],
    "terminal": terminal_settings(),
    "limits": {
        name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")
    },
    "process_group": [os.getpgrp(), os.getsid(0)],
    "identity": [os.getuid(), os.getgid(), os.getgroups(), os.nice(0), sorted(os.sched_getaffinity(0))],
    "privileges": status_lines("NoNewPrivs", "Seccomp", "CapEff", "CapBnd", "Umask"),
    "environment": dict(os.environ),
    "first_environment": first_environment(),
}
print(json.dumps(FACTS, indent=1))
