"""Files to facts, and the digests under which they are kept."""

from __future__ import annotations

import json

from iobound.model.gathered import SourceFile
from iobound.model.scan_options import ScanOptions
from iobound.pipeline.reading_files import Task, in_processes

CELL = {"cell_type": "code", "source": "import os\n", "metadata": {}, "outputs": []}
NOTEBOOK = json.dumps({"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def test_the_same_bytes_are_something_else_in_a_notebook(tmp_path):
    tasks = []
    for name in ("a.py", "b.py", "c.ipynb"):
        (tmp_path / name).write_text(NOTEBOOK)
        file = SourceFile(name, str(tmp_path / name), size=len(NOTEBOOK))
        tasks.append(Task(file, frozenset()))
    answers = {task.file.name: answer for task, answer in in_processes(tasks, ScanOptions(jobs=1))}
    digests = {name: answer[1] for name, answer in answers.items()}
    assert digests["a.py"] == digests["b.py"] != digests["c.ipynb"]
