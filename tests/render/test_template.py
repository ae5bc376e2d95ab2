"""What holds for each file and each question of the template, found without rendering it."""

from __future__ import annotations

import re
import warnings
from pathlib import Path, PurePosixPath

import pytest
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta
from pathspec import GitIgnoreSpec

from poc2prod.effects import PROJECT, SUFFIX, effects, mentioned, rendered
from poc2prod.questions import Question, load, settable
from rendering import ROOT

QUESTIONS = load(ROOT)
PATHS = sorted(
    path.relative_to(ROOT / PROJECT).as_posix()
    for path in (ROOT / PROJECT).rglob("*")
    if path.is_file() and "__pycache__" not in path.parts and "_cache" not in path.as_posix()
)
JINJA = [f"{PROJECT}/{path}" for path in PATHS if path.endswith(SUFFIX)]
JINJA += [path.relative_to(ROOT).as_posix() for path in (ROOT / "template/macros").iterdir()]

BY_COPIER = {"_copier_answers", "_copier_conf", "_folder_name"}
CONDITION = re.compile(r"\{% if (\w+) %\}([^{}%]+)\{% endif %\}(\.jinja)?")
LONGEST_NAME = 40
"""Of a project, and so of its package: see template/macros/names.jinja."""

every_file = pytest.mark.parametrize("path", PATHS)
every_question = pytest.mark.parametrize("name", settable(QUESTIONS))


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT),
        undefined=StrictUndefined,
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        autoescape=False,
    )


@pytest.mark.parametrize("path", JINJA)
def test_a_file_compiles_and_knows_its_variables(environment: Environment, path: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # "\A" is an escape that Python will refuse one day
        environment.compile(source, path, path)

    unknown = meta.find_undeclared_variables(environment.parse(source)) - BY_COPIER
    assert unknown <= QUESTIONS.keys()


def test_no_project_hides_what_it_imports(environment: Environment) -> None:
    names = environment.get_template("template/macros/names.jinja").module
    pins = "\n".join(
        file.read_text("utf-8") for file in (ROOT / PROJECT / "requirements").rglob("*.txt*")
    )
    libraries = set(re.findall(r"^([a-z0-9.-]+)==", pins, re.MULTILINE))
    helpers = {
        PurePosixPath(shown).stem.replace("_", "-")
        for shown in map(rendered, PATHS)
        if shown.startswith("tests/") and not PurePosixPath(shown).name.startswith("test_")
    }
    assert {"pandera", "dask", "ray"} <= libraries
    assert {"conftest", "edges"} <= helpers
    free = {name for name in libraries | helpers if not names.refusal(name)}  # type: ignore[attr-defined]
    assert free == set()
    assert not names.refusal("pumps")  # type: ignore[attr-defined]


def test_git_leaves_out_no_package() -> None:
    text = (ROOT / PROJECT / ".gitignore").read_text(encoding="utf-8")
    ignored = GitIgnoreSpec.from_lines(text.splitlines())
    assert ignored.match_file("dist/x.whl")
    for name in re.findall("[a-z]+", text):
        assert not ignored.match_file(f"src/{name}/ops/cli.py")


@every_file
def test_a_path_is_legal_everywhere_and_short(path: str) -> None:
    shown = rendered(path)
    for part in PurePosixPath(shown.replace("<package_name>", "package")).parts:
        assert not re.search(r'[<>:"\\|?*\x00-\x1f]', part)
        assert not part.endswith((" ", "."))
        assert part.partition(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}
    assert len(re.sub("<.*?>", "x" * LONGEST_NAME, shown)) < 150
    assert not re.search(r'[<>:"\\|?*]', path), "Windows can't check out the template"


def test_no_two_paths_differ_in_case_alone_and_a_clash_has_different_conditions() -> None:
    paths: dict[str, list[str]] = {}
    for path in PATHS:
        paths.setdefault(rendered(path).lower(), []).append(path)
    for same in paths.values():
        conditions = [tuple(re.findall(r"\{% if (\w+) %\}", path)) for path in same]
        assert len(set(conditions)) == len(same)
        assert len(same) == 1 or all(conditions)


@every_file
def test_a_condition_in_a_path_is_one_computed_boolean(path: str) -> None:
    conditional_folders = 0
    *folders, file = path.split("/")
    for part in [*folders, file]:
        if "{%" in part:
            match = CONDITION.fullmatch(part)
            assert match, f"{part}: write {{% if use_x %}}name{{% endif %}}"
            assert QUESTIONS[match[1]].computed
            assert QUESTIONS[match[1]].type == "bool"
            conditional_folders += part is not file
        else:
            assert set(re.findall(r"\{\{(.*?)\}\}", part)) <= {" package_name "}
    assert conditional_folders <= 1, "condition a folder once, at the highest level"


@pytest.mark.parametrize("path", [path for path in PATHS if ".py" in path])
def test_python_is_plain_python(path: str) -> None:
    if not rendered(path).endswith(".py"):
        return
    assert not path.endswith(SUFFIX)
    source = (ROOT / PROJECT / path).read_text(encoding="utf-8")
    names = "|".join(QUESTIONS)
    assert not re.search(rf"\{{%|\{{\{{-?\s*({names})\b", source), "Jinja, which isn't rendered"
    assert len(source.splitlines()) <= 250


def test_copier_is_asked_for_nothing_that_needs_trust() -> None:
    files = [ROOT / "copier.yml", *(ROOT / "template/questions").iterdir()]
    for file in files:
        text = file.read_text(encoding="utf-8")
        for setting in ("_tasks", "_migrations", "_jinja_extensions", "_external_data"):
            assert setting not in text


def test_includes_are_literal_and_complete() -> None:
    text = (ROOT / "copier.yml").read_text(encoding="utf-8")
    included = re.findall(r"^!include (.*)$", text, re.MULTILINE)

    assert included == [path for path in included if not re.search(r"[*?\[]", path)]
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "template/questions").iterdir()}
    assert set(included) == files
    assert len(included) == len(files)


def test_nothing_is_excluded_by_an_answer() -> None:
    # poc2prod explain doesn't look into _exclude; teach it before an answer decides there.
    for file in [ROOT / "copier.yml", *(ROOT / "template/questions").iterdir()]:
        text = re.sub("!include .*", "", file.read_text(encoding="utf-8"))
        for document in filter(None, yaml.safe_load_all(text)):
            assert mentioned(document.get("_exclude")) <= {"_copier_operation"}


def test_at_most_18_questions_are_asked() -> None:
    assert len([question for question in QUESTIONS.values() if question.asked]) <= 18


@every_question
def test_a_question_has_a_help_text_a_default_and_a_type(name: str) -> None:
    question = QUESTIONS[name]
    text, _, consequence = question.help.partition("? ")

    assert text
    assert consequence.endswith("."), "say what the answer changes"
    assert question.default is not None
    assert question.type in {"str", "float", "int", "bool"}


@every_question
def test_a_question_is_used(name: str) -> None:
    found = effects(ROOT, QUESTIONS, name)
    edited = [path for path in found.edited if path != ".poc2prod/answers.yaml"]

    assert found.present or found.moved or edited


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.name)
def test_a_question_uses_only_what_precedes_it(
    environment: Environment, question: Question
) -> None:
    names = list(QUESTIONS)
    known = {*names[: names.index(question.name)], *BY_COPIER}
    for template in (question.default, question.when):
        assert mentioned(template) <= known
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            environment.from_string(str(template))


def test_a_computed_value_is_used() -> None:
    computed = QUESTIONS.keys() - settable(QUESTIONS)
    for name in sorted(computed):
        if QUESTIONS[name].topic == "ownership":  # for Copier itself: test_ownership.py
            continue
        found = effects(ROOT, QUESTIONS, name)
        assert found.present or found.moved or found.edited or found.through, name


def test_a_folder_of_the_template_holds_no_waste() -> None:
    assert not [path for path in PATHS if Path(path).suffix in {".pyc", ".orig", ".rej", ".tmp"}]
