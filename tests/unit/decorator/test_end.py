"""What the decorator does when a program ends."""

from __future__ import annotations

import sys

import pytest


@pytest.mark.parametrize("fails", [False, True])
def test_threads_that_compute_while_the_program_ends_hand_over_the_gil_soon_and_keep_their_interval(
    advise, fails, capsys
):
    seen = []

    def tell(_):
        seen.append(sys.getswitchinterval())
        if fails:
            raise ZeroDivisionError

    @advise
    def work():
        pass

    work()
    advise.ledger.tell, advise.ledger.tells_at_exit = tell, True
    before = sys.getswitchinterval()
    advise.ledger._at_exit()
    assert seen == [pytest.approx(0.0001)] and seen[0] < before
    assert sys.getswitchinterval() == before
    assert ("ZeroDivisionError" in capsys.readouterr().err) is fails
