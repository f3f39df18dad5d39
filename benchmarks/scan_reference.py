"""The unit that scanners are measured in: CPU time of `ast.parse` over the same files.

    python benchmarks/scan_reference.py FILE

FILE names one source in each line. Prints, as JSON, the CPU seconds that parsing took, with the freeing of each tree,
and nothing else: without the start of the interpreter, without reading, without collecting garbage.
"""

import ast
import gc
import json
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path


def parse_s(path: str) -> float:
    """CPU seconds for one file; one that does not parse counts for as long as it was tried."""
    content = Path(path).read_bytes()
    began = time.process_time()
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        ast.parse(content)
    return time.process_time() - began


def main() -> int:
    """Parse all files."""
    gc.disable()
    warnings.simplefilter("ignore")  # invalid escapes of the parsed sources
    paths = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    json.dump({"parse_s": sum(map(parse_s, paths)), "files": len(paths)}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
