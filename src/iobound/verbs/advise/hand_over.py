"""What handing work from process to process costs, in one place for all advice about it."""

from __future__ import annotations

SWITCH_S = 60e-6
"""Seconds that one blocking switch of a hand-over costs: the system call, the wake-up and pickling something small."""

SWITCHES_PER_ITEM = 2.5
"""Blocking switches per item that goes to a pool and back, for the pool and its parent together."""

ITEM_S = SWITCHES_PER_ITEM * SWITCH_S
