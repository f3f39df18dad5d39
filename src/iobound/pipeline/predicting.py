"""A prediction for numbers that are known, without a run."""

from __future__ import annotations

from iobound.verbs.predict import predict

__all__ = ["predict"]
