"""The recipes of docs/ci do what they say: read by the real schemas, run in bash, held against hostile words."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema.validators import validator_for

_spec = importlib.util.spec_from_file_location("ci_recipes", Path(__file__).with_name("ci_recipes.py"))
assert _spec is not None and _spec.loader is not None
recipes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(recipes)
RECIPES, CompositeAction, in_gitlab = recipes.RECIPES, recipes.CompositeAction, recipes.in_gitlab
on_path, read, scripts = recipes.on_path, recipes.read, recipes.scripts

WAITS = "import sys, time\nfor item in range(8):\n    time.sleep(0.05)\nprint('::warning::forged', sys.argv[1:])\n"
SLEEPS = "import time\n\n\nasync def poll():\n    time.sleep(1)\n"
SCHEMAS = {
    "action.yml": "github-actions.json",
    "pull-request.yml": "github-workflows.json",
    "pull-request-comment.yml": "github-workflows.json",
    "gitlab.yml": "gitlab-ci.json",
}


def schema(name):
    """A schema of SchemaStore's, as check-jsonschema brings it."""
    return json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / name).read_bytes())


@pytest.mark.parametrize("name", SCHEMAS)
def test_recipes_keep_to_the_schemas_of_their_systems(name):
    """The same that editors and linters use."""
    against = schema(SCHEMAS[name])
    document = json.loads(json.dumps(read(name)))
    faults = list(validator_for(against)(against).iter_errors(document))
    assert not faults, faults[0]


def test_every_recipe_is_tested():
    """No file of the folder is only believed."""
    assert {path.name for path in RECIPES.iterdir()} == {*SCHEMAS, "comment.sh", "index.md"}


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name != "gitlab.yml"])
def test_nothing_is_filled_into_scripts(name):
    """A branch may be called `$(…)`: values come by the environment, where they are no code."""
    found = scripts(read(name))
    assert found or name == "pull-request.yml"
    assert not [script for script in found if "${{" in script]


def test_a_pull_request_gets_no_right_that_it_does_not_need():
    """What a fork brings runs with a token that can read; the one that writes runs nothing of it."""
    runs, writes = read("pull-request.yml"), read("pull-request-comment.yml")
    assert runs["permissions"] == {"contents": "read"}
    assert writes["permissions"] == {}
    assert writes["jobs"]["comment"]["permissions"] == {
        "actions": "read", "contents": "read", "pull-requests": "write",
    }  # fmt: skip
    assert "pull_request_target" not in str(runs) + str(writes)
    checkouts = [step for step in writes["jobs"]["comment"]["steps"] if "checkout" in step.get("uses", "")]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}]


@pytest.fixture
def action(tmp_path, runner):
    """The action in a checkout with a program and a package."""
    runner.script(WAITS, "waits.py")
    (runner.work / "app").mkdir()
    (runner.work / "app/poll.py").write_text(SLEEPS)
    return CompositeAction("action.yml", tmp_path, runner.work, runner.environment())


def here(**inputs):
    """Inputs that use this interpreter and install nothing."""
    return {"python": sys.executable, "install": "", **inputs}


def test_the_action_runs_a_program_and_tells_its_verdict(action, runner):
    """Outputs, files, a log that begins with the verdict, annotations, and the page of the step."""
    done, outputs = action.run(**here(run="waits.py 'two words' $HOME `id`"))
    assert done.returncode == 0, done.stdout.decode()
    assert re.fullmatch(r"[0-9.e+]*", outputs["speed-up"])
    report = json.loads((runner.work / outputs["report"]).read_text())
    assert report["command"] == ["waits.py", "two words", "$HOME", "`id`"]
    assert report["verdict"]["bound"] == outputs["verdict"]
    left = {path.name for path in (runner.work / "iobound-report").iterdir()}
    assert left == {"iobound.json", "iobound.md", "iobound.sarif", "iobound.xml"}
    assert b"\nverdict: " in done.stdout
    assert "iobound run" in action.page.read_text()


def test_the_action_gives_results_the_category_that_it_is_told(action, runner):
    """Parts of a matrix run the same; without a word it is what was run."""
    found = []
    for category in ("", "iobound/3.13", 'with a / and "quotes"/'):
        action.run(**here(run="waits.py", category=category))
        log = json.loads((runner.work / "iobound-report/iobound.sarif").read_text())
        found.append(log["runs"][0]["automationDetails"]["id"])
    assert found == ["iobound/run/waits.py/", "iobound/3.13/", 'with a / and "quotes"/']


def test_the_action_keeps_the_programs_words_from_being_commands(action):
    """Unless it is told not to."""
    done, _ = action.run(**here(run="waits.py"))
    before, token, rest = re.split(rb"^::stop-commands::([0-9a-f]+)$", done.stdout, flags=re.MULTILINE)
    assert b"::warning::forged" not in before and b"::warning::forged" not in rest.partition(b"::" + token + b"::")[2]
    done, _ = action.run(**here(run="waits.py", **{"guard-output": "false"}))
    assert b"stop-commands" not in done.stdout


def test_the_action_fails_as_the_program_does_and_tells_all_the_same(action, runner):
    """A report of what went wrong is what one wants then."""
    runner.script("import time; time.sleep(0.3); raise SystemExit(7)", "fails.py")
    done, outputs = action.run(**here(run="fails.py"))
    assert done.returncode == 7
    assert re.fullmatch("[a-z]+", outputs["verdict"]) and outputs["report"]


def test_the_action_fails_where_a_check_does(action):
    """Options are one a line, and so may have spaces."""
    done, outputs = action.run(**here(run="waits.py", options="--check=wait_sleep<0.01\n\n--workers=3\n"))
    assert done.returncode == 1
    assert outputs["verdict"]


def test_the_action_scans(action):
    """In place of a run; what is found fails it, as on the command line."""
    done, outputs = action.run(**here(scan="app", folder="out put"))
    assert done.returncode == 1
    assert outputs == {"verdict": "findings", "speed-up": "", "report": "out put/iobound.json"}
    assert b"::warning file=app/poll.py,line=5" in done.stdout
    done, outputs = action.run(**here(scan="waits.py"))
    assert done.returncode == 0 and outputs["verdict"] == "clean"


@pytest.mark.parametrize(
    "inputs", [{}, {"run": "waits.py", "scan": "app"}, {"run": "waits.py", "folder": "a\nverdict=forged"}]
)
def test_the_action_refuses_what_means_nothing(action, inputs):
    """Before anything is run."""
    done, outputs = action.run(**here(**inputs))
    assert done.returncode == 2
    assert done.stdout.startswith(b"::error title=iobound::")
    assert outputs["verdict"] == ""


@pytest.mark.parametrize("scan", ["  ", "'app"])
def test_the_action_does_not_scan_everything_where_no_path_can_be_read(action, scan):
    """Which is what a scan without a path does."""
    done, outputs = action.run(**here(scan=scan))
    assert done.returncode == 2
    assert b"::error title=iobound::run and scan hold no words" in done.stdout
    assert outputs["verdict"] == ""


HOSTILE = [
    "$(touch owned)",
    "`touch owned`",
    "; touch owned",
    "a' ; touch owned '",
    '" ; touch owned "',
    "--report",
    "*",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_inputs_are_words_and_never_code(action, runner, words):
    """Whatever they hold, in whatever place."""
    action.run(**here(run=f"waits.py {words}"))
    action.run(**here(run="waits.py", options=words))
    action.run(**here(scan=words))
    action.run(**here(run="waits.py", folder=words))
    assert not list(runner.folder.rglob("owned"))


def test_a_report_of_an_earlier_step_is_not_taken_for_this_ones(action, runner):
    """The program cannot be started, and there is an old report."""
    action.run(**here(run="waits.py"))
    done, outputs = action.run(**here(run="missing.py"))
    assert done.returncode == 2
    assert outputs["report"] == "" and outputs["verdict"] == ""


def test_the_job_of_gitlab_leaves_what_a_merge_request_reads(runner):
    """Code quality and tests, at the paths that its artifacts name."""
    runner.script(WAITS, "waits.py")
    runner.script(SLEEPS, "poll.py")
    job = read("gitlab.yml")[".iobound"]
    path = on_path(runner.folder / "bin", "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    surroundings = {**runner.environment(), "PATH": path}
    done = in_gitlab(job, runner.work, surroundings, IOBOUND_INSTALL="", IOBOUND_RUN="waits.py $(touch owned) *")
    assert done.returncode == 0, done.stdout.decode()
    assert b"\nverdict: " in done.stdout and b"\n::" not in done.stdout.replace(b"\n::warning::forged", b"")
    reports = job["artifacts"]["reports"]
    quality = json.loads((runner.work / reports["codequality"]).read_text())
    assert isinstance(quality, list)
    assert "<testsuites" in (runner.work / reports["junit"]).read_text()
    assert json.loads((runner.work / "iobound.json").read_text())["command"] == ["waits.py", "$(touch", "owned)", "*"]
    assert not (runner.work / "owned").exists()
    done = in_gitlab(job, runner.work, surroundings, IOBOUND_INSTALL="")
    assert done.returncode == 2, "a job that runs nothing must not be green"
    done = in_gitlab(job, runner.work, surroundings, IOBOUND_INSTALL="", IOBOUND_SCAN="poll.py")
    assert done.returncode == 1
    (issue,) = json.loads((runner.work / reports["codequality"]).read_text())
    assert issue["location"] == {"path": "poll.py", "lines": {"begin": 5}}


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_job_of_gitlab_reads_checks_line_by_line(runner, shell):
    """They have spaces, and signs that mean something to a shell; none of them is run, and none is lost."""
    runner.script(WAITS, "waits.py")
    path = on_path(runner.folder / "bin", "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    asked = ["wait_sleep < 5%", "wall_s > 0", 'count(processes["$(touch owned)*"]) == 0', "exit_code == 0"]
    done = in_gitlab(
        read("gitlab.yml")[".iobound"],
        runner.work,
        {**runner.environment(), "PATH": path},
        shell,
        IOBOUND_INSTALL="",
        IOBOUND_RUN="waits.py",
        IOBOUND_CHECKS="\n".join(asked) + "\n",
        IOBOUND_OPTIONS="--workers=3 --width=70",
    )
    assert done.returncode == 1, done.stdout.decode()
    checks = json.loads((runner.work / "iobound.json").read_text())["checks"]
    assert [(check["expression"], check["passed"]) for check in checks] == [
        (text, text != "wait_sleep < 5%") for text in asked
    ]
    assert not (runner.work / "owned").exists()


def test_the_job_of_gitlab_refuses_to_run_and_to_scan(runner):
    """The reports of one would take the place of the other's: the merge request would show half of it."""
    runner.script(WAITS, "waits.py")
    surroundings = runner.environment()
    job = read("gitlab.yml")[".iobound"]
    done = in_gitlab(
        job, runner.work, surroundings, IOBOUND_INSTALL="", IOBOUND_RUN="waits.py", IOBOUND_SCAN="waits.py"
    )
    assert done.returncode == 2
    assert done.stdout.startswith(b"give either IOBOUND_RUN or IOBOUND_SCAN")
    assert [file.name for file in runner.work.iterdir()] == ["waits.py"]


# A server of one pull request's comments that keeps them in a file: enough of `gh api` for the recipe.
GH = f"""#!{sys.executable}
import json, os, re, sys
words = sys.argv[1:]
with open(os.environ["GH_LOG"], "a") as log:
    log.write(json.dumps(words) + "\\n")
assert words.pop(0) == "api" and os.environ["GH_TOKEN"] == "secret"
method, fields, path = "GET", {{}}, ""
while words:
    word = words.pop(0)
    if word == "--method":
        method = words.pop(0)
    elif word == "-F":
        name, _, value = words.pop(0).partition("=")
        fields[name] = open(value[1:], encoding="utf-8").read() if value.startswith("@") else value
    elif word not in ("--paginate", "--silent"):
        path = word
store = os.environ["GH_STORE"]
comments = json.load(open(store))
if method == "GET":
    assert re.fullmatch(r"repos/ann/shop/issues/12/comments\\?per_page=100", path), path
    for page in range(0, len(comments), 2):  # as gh writes them: one array a page
        print(json.dumps(comments[page : page + 2]), end="")
elif method == "POST":
    assert path == "repos/ann/shop/issues/12/comments", path
    comments.append({{"id": 900 + len(comments), "user": {{"login": "github-actions[bot]"}}, "body": fields["body"]}})
else:
    assert method == "PATCH"
    (comment,) = [each for each in comments if path == f"repos/ann/shop/issues/comments/{{each['id']}}"]
    comment["body"] = fields["body"]
json.dump(comments, open(store, "w"))
"""

MARKER = "<!-- iobound:run -->"


class PullRequest:
    """A pull request whose comments are kept in a file, and the recipe."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store, self.log = folder, folder / "comments.json", folder / "gh.log"
        self.path = on_path(folder / "bin", "gh", GH)
        self.file = folder / "body $(touch owned).md"
        others = [
            {"id": 1, "user": {"login": "mallory"}, "body": f"{MARKER}\nmine"},
            {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "coverage"},
            {"id": 3, "user": {"login": "github-actions[bot]"}, "body": None},
            {"id": 4, "user": {"login": "ann"}, "body": "fine"},
        ]
        self.store.write_text(json.dumps(others))

    def comment(self, body: str | bytes | None, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the recipe."""
        file = self.file
        if body is not None:
            file.write_bytes(body if isinstance(body, bytes) else body.encode())
        own = {"PATH": self.path, "GH_TOKEN": "secret", "GH_STORE": str(self.store), "GH_LOG": str(self.log)}
        target = {"REPOSITORY": "ann/shop", "NUMBER": "12"}
        return subprocess.run(
            ["bash", str(RECIPES / "comment.sh"), str(file)],
            env={"HOME": str(self.folder), **own, **target, **variables},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    @property
    def ours(self) -> list[str]:
        """Bodies of comments that the recipe wrote."""
        return [each["body"] for each in json.loads(self.store.read_text()) if each["id"] >= 900]


@pytest.fixture
def pull_request(tmp_path):
    """One with comments of others."""
    return PullRequest(tmp_path)


def test_there_is_one_comment_which_is_updated(pull_request):
    """Created first; those of others stay, even with our marker."""
    assert "created" in pull_request.comment(f"{MARKER}\none").stdout
    before = json.loads(pull_request.store.read_text())[:4]
    assert "updated" in pull_request.comment(f"{MARKER}\ntwo").stdout
    assert "updated" in pull_request.comment(f"{MARKER}\nthree").stdout
    assert pull_request.ours == [f"{MARKER}\nthree"]
    assert json.loads(pull_request.store.read_text())[:4] == before


def test_a_run_and_a_scan_have_a_comment_each(pull_request):
    """The marker says what it is of."""
    pull_request.comment(f"{MARKER}\nrun")
    pull_request.comment("<!-- iobound:scan -->\nscan")
    pull_request.comment(f"{MARKER}\nrun again")
    assert pull_request.ours == [f"{MARKER}\nrun again", "<!-- iobound:scan -->\nscan"]


EVIL = [
    "$(touch owned)", "`touch owned`", "'; touch owned #", '"; touch owned #', "@/etc/passwd", "\\u0000 \\n %0A",
    "::set-output name=a::b", "] | input | [", '{"body": "x"}', "--method DELETE", "é\u202e😀",
]  # fmt: skip


@pytest.mark.parametrize("evil", EVIL)
def test_the_body_arrives_as_it_is_and_stands_in_no_command(pull_request, evil):
    """It is handed over as a file."""
    body = f"{MARKER}\n{evil}\n"
    assert pull_request.comment(body).returncode == 0
    assert pull_request.ours == [body]
    words = [json.loads(line) for line in pull_request.log.read_text().splitlines()]
    assert not [word for call in words for word in call if evil in word.replace(pull_request.file.name, "")]
    assert not list(pull_request.folder.rglob("owned"))


@pytest.mark.parametrize(
    ("body", "variables"),
    [
        (None, {}),
        ("", {}),
        ("no marker", {}),
        (f" {MARKER}", {}),
        (f"{MARKER} $(touch owned)", {}),
        (f"{MARKER}\n" + "x" * 65_600, {}),
        (MARKER, {"NUMBER": "12; touch owned"}),
        (MARKER, {"NUMBER": "../../user"}),
        (MARKER, {"NUMBER": ""}),
        (MARKER, {"REPOSITORY": "ann/shop/../../x"}),
        (MARKER, {"REPOSITORY": "$(touch owned)/x"}),
    ],
)
def test_what_is_no_report_or_no_pull_request_is_refused(pull_request, body, variables):
    """Before anything is asked of the server."""
    done = pull_request.comment(body, **variables)
    assert done.returncode == 2
    assert done.stderr.startswith("comment.sh: ")
    assert not pull_request.log.exists()
    assert not list(pull_request.folder.rglob("owned"))


def test_a_link_in_place_of_the_body_is_refused(pull_request):
    """An unpacked artifact must not make us publish another file."""
    (pull_request.folder / "secret").write_text(f"{MARKER}\nsecret")
    os.symlink(pull_request.folder / "secret", pull_request.file)
    assert pull_request.comment(None).returncode == 2
    assert pull_request.ours == []


def test_what_the_server_refuses_fails_the_step(pull_request):
    """A comment that was not written must not look written."""
    done = pull_request.comment(f"{MARKER}\none", GH_TOKEN="wrong")
    assert done.returncode not in (0, 2)
    assert pull_request.ours == []


def fences(language):
    """The examples of the page in one language."""
    page = (RECIPES / "index.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.+?)^```$", page, re.MULTILINE | re.DOTALL)


def whole(example):
    """The name of a schema, and the document that an example is a part of."""
    if "PublishTestResults" in str(example):
        return "azure-pipelines.json", {"steps": example}
    if "store_artifacts" in str(example):
        docker = [{"image": "cimg/python:3.13"}]
        return "circle-ci.json", {"version": 2.1, "jobs": {"observe": {"docker": docker, "steps": example}}}
    if "buildkite-agent" in str(example):
        return "buildkite.json", example
    if "extends" in str(example):
        return "gitlab-ci.json", {".iobound": read("gitlab.yml")[".iobound"], **example}
    job = example if "steps" in example else {"steps": example}
    return "github-workflows.json", {"on": "push", "jobs": {"observe": {"runs-on": "ubuntu-latest", **job}}}


@pytest.mark.parametrize("number", range(7))
def test_examples_of_the_page_keep_to_the_schemas(number):
    """As parts of the files that they belong to."""
    examples = fences("yaml")
    assert len(examples) == 7
    name, document = whole(recipes.YAML(typ="safe").load(examples[number]))
    against = schema(name)
    faults = list(validator_for(against)(against).iter_errors(json.loads(json.dumps(document))))
    assert not faults, faults[0]


def test_commands_of_the_page_can_be_given(runner):
    """Each `iobound run …` of the recipes, with its reports."""
    page = (RECIPES / "index.md").read_text(encoding="utf-8")
    commands = re.findall(r"python3? -m iobound (run [^$\n]+? main\.py)", page)
    assert len(commands) == 4
    runner.script("import time; time.sleep(0.3)", "main.py")
    (runner.work / "results").mkdir()
    for command in commands:
        ran = runner.iobound(*command.split())
        assert ran.exit_code == 0, ran.stderr
        for report in re.findall(r"--report \w+:(\S+)", command):
            assert (runner.work / report).stat().st_size > 0


def git(folder, *words):
    """A command of git that knows nothing of who runs it."""
    known = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, env=known, check=True, capture_output=True)


@pytest.mark.slow
def test_the_comparison_with_the_main_branch_fails_at_the_line_that_waits_longer(runner):
    """In three runs of each side; where the machine gave no CPU, nothing is told of what it did to the time."""
    (example,) = [each for each in fences("yaml") if "compare" in each]
    (step,) = recipes.YAML(typ="safe").load(example)
    git(runner.work, "init", "--quiet", "--initial-branch=main")
    for branch, seconds in (("main", "1.5"), ("slower", "4.5")):
        if branch == "slower":
            git(runner.work, "update-ref", "refs/remotes/origin/main", "HEAD")
            git(runner.work, "checkout", "--quiet", "-b", branch)
        runner.script(f"import time\n\n\ndef pause():\n    time.sleep({seconds})\n\n\npause()\n", "main.py")
        git(runner.work, "add", "main.py")
        git(runner.work, "commit", "--quiet", "-m", branch)
    path = on_path(runner.folder / "bin", "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    page = runner.folder / "page.md"
    page.touch()
    there = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(runner.work), "GITHUB_STEP_SUMMARY": str(page)}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=runner.work,
        env=runner.environment(**there, PATH=path),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[:3]] == ["verdict", "advice", "check"], done.stderr
    assert page.read_text().startswith("\n### iobound compare\n")
    if not re.search("^note: .*(got no CPU|fewer than 50 looks)", done.stdout, re.MULTILINE):
        assert done.returncode == 1
        assert any(
            re.match("::error file=main.py,line=[58],.*title=check failed::regressions > 0", line) for line in lines
        )
        assert any(re.match("change: worse: wall time, .*, at main.py:[58]$", line) for line in lines)
