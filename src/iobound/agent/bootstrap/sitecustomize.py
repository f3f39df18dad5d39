"""Starts iobound's agent in an observed Python process, then leaves no trace.

The directory of this file is taken off sys.path again, and a sitecustomize of the user's own runs as it would have.
Any Python may find this file on its PYTHONPATH, hence the plain syntax.
"""

import sys


def _start():  # type: ignore[no-untyped-def]  # older Pythons cannot read an annotation
    import os

    here = os.path.dirname(os.path.abspath(__file__))
    if sys.version_info >= (3, 11) and os.environ.get("IOBOUND_AGENT"):
        try:
            import _iobound_agent

            _iobound_agent.start(os.environ["IOBOUND_AGENT"])
        except BaseException:  # the target must not notice, whatever went wrong
            pass
        for name in ("_iobound_agent", "_iobound_frames", "_iobound_ring", "_iobound_stacks"):
            sys.modules.pop(name, None)
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)


_start()  # type: ignore[no-untyped-call]
sys.modules.pop("sitecustomize", None)
import sitecustomize  # noqa: E402,F401  # the next one on the path; its absence is what site expects of ours
