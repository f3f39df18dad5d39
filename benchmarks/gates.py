"""How often gates on unchanged programs raise a false alarm, and how often they miss a change that was planted.

Two programs run 40 times as a baseline, 40 times unchanged, and 40 times with each change; every other time a second
load runs beside them. Limits are set as a user would set them, each trial from five baseline runs of its own, then the
runs are held against them by `iobound report --check` and `iobound compare --fail-on`.

    python benchmarks/gates.py runs --for 150       # as often as it takes; goes on where it was left
    python benchmarks/gates.py runs --again         # judges the runs that are there
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import gate_runs
from gate_judging import Row, judged

LEAST_CAUGHT, MOST_ALARMS = 38 / 40, 1 / 40
"""What is asked of gates that docs/gates.md recommends."""


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as lines of text, a block for each program."""
    lines = []
    for program in dict.fromkeys(row.program for row in rows):
        changes = list(gate_runs.CHANGES[program])
        head = "".join(f"{change:>10}" for change in changes)
        lines += ["", f"{program + ': gate':48}{'false alarms':>14}{'loaded':>8}   missed:{head}"]
        for row in rows:
            if row.program == program:
                missed = "".join(f"{row.missed[change]:>6} /{row.trials:2}" for change in changes)
                sign = "" if not row.recommended else " ok" if row.kept(LEAST_CAUGHT, MOST_ALARMS) else " FAILS"
                alarms = f"{row.alarms:>8} /{row.trials:3}{row.loaded_alarms:>7}"
                lines.append(f"{row.gate:48}{alarms}   {'':7}{missed}{sign}")
    return lines


def main() -> int:
    """Measure what is missing, judge what is there; 1 when a gate that is recommended is not as good as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="keeps recordings and reports")
    parser.add_argument("--rounds", type=int, default=gate_runs.ROUNDS)
    parser.add_argument("--for", dest="at_most_s", type=float, metavar="SECONDS", help="measure no longer than that")
    parser.add_argument("--again", action="store_true", help="measure nothing, judge what is there")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not options.again and not gate_runs.measure(options.folder, options.rounds, at_most_s=options.at_most_s):
        print("not all runs are there yet: go on with the same command", file=sys.stderr)
        return 0
    rows = judged(options.folder, options.rounds)
    print("\n".join(table(rows)))
    if options.json:
        options.json.write_text(json.dumps([row.as_json() for row in rows], indent=2), encoding="utf-8")
    return 0 if all(row.kept(LEAST_CAUGHT, MOST_ALARMS) for row in rows if row.recommended) else 1


if __name__ == "__main__":
    raise SystemExit(main())
