"""AUD-04: what the audit finds keeps a change out."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from poc2prod.audit.files import makefile, pipelines, shell, workflows
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, unknown
from poc2prod.audit.scoring import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.audit.context import Context
    from poc2prod.audit.files.workflows import Step

SECONDS = 180.0
"""That the audit of an empty folder has."""

PROFILES = ("pr", "release")
IDLE = "--level L0 asks for nothing"
VARIABLE = "READINESS_LEVEL"
"""Of generated makefiles: the level that CI holds a project to, set in project.mk."""

_OWN = re.compile(r"(.*/)?poc2prod([@=~<>!].*)?")
_LAUNCHERS = re.compile(r"(.*/)?(uvx|uv|pipx|timeout|env|nice|time|exec|command|python[\d.]*)")
_VALUED = ("--profile", "--level", "--format", "--output", "--as-of")
_HARMLESS = ("--allow-exec", "--quiet", "-q")
_HERE = (".", "./", "$PWD", "$GITHUB_WORKSPACE", "${GITHUB_WORKSPACE}", "${{github.workspace}}")
_MAKE_LOSES = ("-i", "-n", "-q", "-t", "--ignore-errors", "--just-print", "--dry-run", "--touch")


@dataclass(frozen=True, slots=True)
class Gate:
    """A place where a workflow runs the audit.

    Attributes:
        step: the step that does.
        options: the options that the audit gets, without those that write files.
        weak: how a failure is lost, one phrase each; without any, it gates.
    """

    step: Step
    options: tuple[str, ...]
    weak: tuple[str, ...]


def gates(context: Context) -> Outcome:
    """Workflows run the audit on every way into the main branch, and fail with it."""
    steps = [*workflows.steps(context), *pipelines.steps(context)]
    found = [gate for step in steps for gate in _gates(context, step)]
    if not found:
        gitlab = context.tree.has(pipelines.FILE)
        place = f"job of {pipelines.FILE}" if gitlab else "workflow in .github/workflows"
        where = Location(pipelines.FILE if gitlab else ".github/workflows")
        return missing(f"no {place} runs `poc2prod audit`, itself or by make", where)
    sound = [gate for gate in found if not gate.weak]
    if not sound and all(gate.weak == (IDLE,) for gate in found):
        return _idle(context, found)
    covered = {event for gate in sound for event in gate.step.events}
    if open_ := [said for event, said in workflows.EVENTS.items() if event not in covered]:
        reasons = [f"{_name(gate)}: {gate.weak[0]}" for gate in found if gate.weak]
        because = f" ({'; '.join(dict.fromkeys(reasons))})" if reasons else ""
        return failed(
            f"nothing stops at a failed audit on {', '.join(open_)}{because}",
            *_places(context, [gate for gate in found if gate.weak] or found),
            examined=len(found),
        )
    for options in dict.fromkeys(gate.options for gate in sound):
        if outcome := _refused(options, len(found)):
            return outcome
    names = ", ".join(dict.fromkeys(map(_name, sound)))
    return passed(
        f"{names} stops at a failed audit; whether the branch requires it is not visible here",
        len(found),
        locations=tuple(_places(context, sound)),
    )


def _idle(context: Context, found: list[Gate]) -> Outcome:
    """Say where to raise the level: nothing else is wrong, as in a project that is new."""
    said = "CI holds the project to L0, which asks for nothing"
    made = makefile.read(context.tree)
    given = any(VARIABLE in gate.step.environment for gate in found)
    if made is None or VARIABLE not in made.settings or given:
        places = _places(context, found)
        return failed(f"{said}: run it with --level L1", *places, examined=len(found))
    path = next(
        (path for path in ("project.mk", *makefile.FILES) if context.line(path, VARIABLE)),
        "Makefile",
    )
    place = Location(path, context.line(path, VARIABLE))
    message = f"{said}: set {VARIABLE} = L1 in project.mk"
    return failed(message, place, examined=len(found))


def _gates(context: Context, step: Step) -> Iterator[Gate]:
    """Yield where a step runs the audit, itself or by make."""
    for command in shell.commands(step.script):
        words = list(command.words)
        weak = list(step.weak)
        if options := _options(words):
            lost = shell.losses(step.script, command, stops=step.stops, pipefail=step.pipefail)
            yield _gate(step, options, weak + lost)
        elif words and re.fullmatch(r"(.*/)?g?make", words[0]):
            lost = shell.losses(step.script, command, stops=step.stops, pipefail=step.pipefail)
            for inner, more in _made(context, words[1:], step.environment):
                yield _gate(step, inner, [*weak, *lost, *more])


def _made(
    context: Context, words: list[str], environment: Mapping[str, str]
) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the words after `poc2prod` that make targets run, and how make loses their failure."""
    made = makefile.read(context.tree)
    if made is None or "-C" in words or "-f" in words:
        return
    given = {k: v for k, v in environment.items() if k in made.soft or k not in made.settings}
    given |= dict(word.split("=", 1) for word in words if "=" in word and word[0] not in "-=")
    lost = ["make ignores errors"] if made.ignores or set(words) & set(_MAKE_LOSES) else []
    for target in (word for word in words if "=" not in word and not word.startswith("-")):
        for line in made.commands(target, given):
            script = line.lstrip("@+- ")
            for command in shell.commands(script):
                if options := _options(list(command.words)):
                    more = shell.losses(script, command, stops=False, pipefail=False)
                    if "-" in line[: len(line) - len(script)]:
                        more.append("its recipe starts with -")
                    yield options, [*lost, *(f"make {target}: {phrase}" for phrase in more)]


def _options(words: list[str]) -> list[str] | None:
    """Return the words from `audit` on if a command runs poc2prod's audit."""
    for number, word in enumerate(words[:-1]):
        if words[number + 1] == "audit" and _OWN.fullmatch(word):
            before = words[:number]
            if before and not _LAUNCHERS.fullmatch(before[0]):
                return None
            if before and "python" in before[0] and before[-1:] != ["-m"]:
                return None
            options = words[number + 1 :]
            report = {"--help", "-h", "--list", "diff"} & set(options)
            return None if report else options
    return None


def _gate(step: Step, words: list[str], weak: list[str]) -> Gate:
    """Read the options of an audit."""
    values = {"--profile": "fast", "--level": "L1"}
    rest = iter(words[1:])
    for word in rest:
        name, equals, value = word.partition("=")
        if name in _VALUED:
            values[name] = value if equals else next(rest, "")
        elif word not in (*_HARMLESS, *_HERE) and not re.fullmatch(r"\d?>.*", word):
            weak.append(f"poc2prod audit {word[:80]}")
    if "--as-of" in values:
        weak.append("--as-of stops the clock, so that nothing ever expires")
    if values["--profile"] not in PROFILES:
        weak.append(f"--profile {values['--profile'][:40]} leaves out what has to be run")
    if values["--level"] == LEVELS[0]:
        weak.append(IDLE)
    elif values["--level"] not in LEVELS:
        weak.append(f"--level {values['--level'][:40]} is no level that can be read here")
    options = ("--profile", values["--profile"], "--level", values["--level"])
    return Gate(step, options, tuple(dict.fromkeys(weak)))


def _refused(options: tuple[str, ...], examined: int) -> Outcome | None:
    """Run the gate, as it is called, on a repository without anything: it must be red."""
    command = [sys.executable, "-m", "poc2prod", "audit", *options, "--quiet"]
    with TemporaryDirectory(prefix="poc2prod-gate-") as folder:
        home = Path(folder, "home")
        home.mkdir()
        try:
            done = subprocess.run(
                [*command, str(home)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return unknown(f"the audit of an empty folder did not end within {SECONDS:.0f} s")
    called = f"poc2prod audit {' '.join(options)}"
    if done.returncode == 0:
        return failed(f"{called} passes an empty repository", examined=examined)
    if done.returncode == 2:
        return failed(f"{called} is refused by this poc2prod", examined=examined)
    return None


def _name(gate: Gate) -> str:
    return f"{gate.step.path}: job {gate.step.job[:80]}"


def _places(context: Context, found: list[Gate]) -> list[Location]:
    places: dict[Location, None] = {}
    for gate in found:
        text = context.tree.text(gate.step.path) or ""
        match = re.search(rf"^ *{re.escape(gate.step.job)}:", text, re.MULTILINE)
        line = text.count("\n", 0, match.start()) + 1 if match else 0
        places[Location(gate.step.path, line)] = None
    return list(places)
