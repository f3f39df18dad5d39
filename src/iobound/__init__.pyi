from iobound.pipeline.finished import Report as Report
from iobound.pipeline.observing import Observation as Observation
from iobound.pipeline.observing import Observation as observe  # noqa: N813
from iobound.pipeline.observing import run as run

__version__: str
__all__ = ["Observation", "Report", "observe", "run"]
