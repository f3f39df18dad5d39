# Starts iobound's agent in an observed Python process, then leaves no trace: the directory of this file is taken off
# sys.path again, and a sitecustomize of the user's own runs as it would have. Any Python may find this file on its
# PYTHONPATH, hence the plain syntax.
import sys


def _start():
    import os

    here = os.path.dirname(os.path.abspath(__file__))
    if sys.version_info >= (3, 11) and os.environ.get("IOBOUND_AGENT"):
        try:
            import _iobound_agent

            _iobound_agent.start(os.environ["IOBOUND_AGENT"])
        except BaseException:  # the target must not notice, whatever went wrong
            pass
        sys.modules.pop("_iobound_agent", None)
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)


_start()
sys.modules.pop("sitecustomize", None)
import sitecustomize  # noqa: E402,F401  # the next one on the path; its absence is what site expects of ours
