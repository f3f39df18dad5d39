from iobound.decorator.advising import advise as advise
from iobound.pipeline.finished import Report as Report
from iobound.pipeline.observing import Observation as Observation
from iobound.pipeline.observing import Observation as observe  # noqa: N813
from iobound.pipeline.observing import run as run
from iobound.pipeline.predicting import predict as predict

__version__: str
__all__ = ["Observation", "Report", "advise", "observe", "predict", "run"]

def load_ipython_extension(shell: object) -> None: ...
def unload_ipython_extension(shell: object) -> None: ...
