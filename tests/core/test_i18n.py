"""Every text exists in every language with the same variables, and code and texts name the same keys."""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

import lumi
from lumi.core import i18n, logging
from lumi.core.i18n import LANGUAGES, TextMissing, direction, known_language, language_name, tr
from lumi.core.settings import get_settings

CODE = Path(lumi.__file__).parent
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"


# --- the check of the files -------------------------------------------------------------------------------


class _Names(Visitor):
    """The variables and the messages a text refers to."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.messages: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:
        self.variables.add(node.id.name)

    def visit_MessageReference(self, node: ftl.MessageReference) -> None:
        self.messages.add(node.id.name)


def texts_of(folder: Path) -> tuple[dict[str, _Names], list[str]]:
    """Each key of a language with what it refers to, and what is wrong with the files."""
    found: dict[str, _Names] = {}
    wrong: list[str] = []
    for file in sorted(folder.glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            if isinstance(entry, ftl.Junk):
                wrong.append(f"{folder.name}/{file.name}: cannot be read: {(entry.content or '').strip()[:40]}")
            if not isinstance(entry, ftl.Message):
                continue
            key = entry.id.name
            if key in found:
                wrong.append(f"{folder.name}: {key} is there twice")
            if not key.startswith(f"{file.stem}-"):
                wrong.append(f"{folder.name}: {key} does not belong into {file.name}")
            names = _Names()
            names.visit(entry)
            found[key] = names
    return found, wrong


def complaints_about_texts(locales: Path) -> list[str]:
    """Missing keys and variables, keys only one language has, files that cannot be read."""
    languages = {code: texts_of(locales / code) for code in LANGUAGES}
    wrong = [one for _, found in languages.values() for one in found]
    every = {key for texts, _ in languages.values() for key in texts}
    for key in sorted(every):
        wanted = {name for texts, _ in languages.values() if key in texts for name in texts[key].variables}
        for code, (texts, _) in languages.items():
            if key not in texts:
                wrong.append(f"{code}: {key} is missing")
                continue
            lacking = wanted - texts[key].variables
            wrong.extend(f"{code}: {key} lacks ${name}" for name in sorted(lacking))
    return wrong


def complaints_about_code(code: Path, locales: Path) -> list[str]:
    """Keys the code asks for that do not exist, keys nobody names, keys that nobody can check."""
    texts, _ = texts_of(locales / "en")
    named: set[str] = {name for names in texts.values() for name in names.messages}
    wrong: list[str] = []
    for file in sorted(code.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
        for key in asked_for(tree):
            if isinstance(key, ast.JoinedStr | ast.BinOp):
                wrong.append(f"{file.name}:{key.lineno}: a key must be written out")
            elif isinstance(key, ast.Constant) and key.value not in texts:
                wrong.append(f"{file.name}:{key.lineno}: there is no text {key.value}")
    wrong.extend(f"{key} is named nowhere in the code" for key in sorted(set(texts) - named))
    return wrong


def asked_for(tree: ast.AST) -> Iterator[ast.expr]:
    """The first argument of every call of tr()."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
            if name == "tr":
                yield node.args[0]


def test_every_text_is_there_in_every_language_with_the_same_variables() -> None:
    assert complaints_about_texts(i18n.LOCALES) == []


def test_the_code_names_every_text_and_only_texts_that_exist() -> None:
    assert complaints_about_code(CODE, i18n.LOCALES) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the texts and a small piece of code, to be broken."""
    shutil.copytree(i18n.LOCALES, tmp_path / "locales")
    code = tmp_path / "code"
    code.mkdir()
    named = sorted(texts_of(i18n.LOCALES / "en")[0])
    (code / "all.py").write_text(f"KEYS = {named!r}\n")
    assert complaints_about_texts(tmp_path / "locales") == []
    assert complaints_about_code(code, tmp_path / "locales") == []
    return tmp_path


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_a_missing_text_is_found(copy: Path) -> None:
    change(copy / "locales/de/assistant.ftl", "assistant-thanks =", "assistant-tanks =")
    assert set(complaints_about_texts(copy / "locales")) == {
        "de: assistant-thanks is missing",
        *(f"{code}: assistant-tanks is missing" for code in LANGUAGES if code != "de"),
    }


def test_a_missing_variable_is_found(copy: Path) -> None:
    change(copy / "locales/ar/assistant.ftl", "{ $title }", "")
    assert complaints_about_texts(copy / "locales") == ["ar: assistant-source lacks $title"]


def test_a_misspelt_variable_is_found(copy: Path) -> None:
    change(copy / "locales/ru/assistant.ftl", "{ $title }", "{ $titel }")
    assert "ru: assistant-source lacks $title" in complaints_about_texts(copy / "locales")


def test_a_text_that_cannot_be_read_is_found(copy: Path) -> None:
    change(copy / "locales/it/channels.ftl", "channels-stopped =", "channels stopped =")
    found = complaints_about_texts(copy / "locales")
    assert "it: channels-stopped is missing" in found
    assert any(one.startswith("it/channels.ftl: cannot be read") for one in found)


def test_a_missing_file_is_found(copy: Path) -> None:
    (copy / "locales/pt/channels.ftl").unlink()
    assert "pt: channels-stopped is missing" in complaints_about_texts(copy / "locales")


def test_a_text_nobody_names_any_more_is_found(copy: Path) -> None:
    change(copy / "code/all.py", "'assistant-thanks', ", "")
    assert complaints_about_code(copy / "code", copy / "locales") == ["assistant-thanks is named nowhere in the code"]


def test_a_call_for_a_text_that_does_not_exist_is_found(copy: Path) -> None:
    (copy / "code/one.py").write_text("i18n.tr('assistant-hello', lang)\n")
    assert complaints_about_code(copy / "code", copy / "locales") == ["one.py:1: there is no text assistant-hello"]


def test_a_key_put_together_at_run_time_is_found(copy: Path) -> None:
    (copy / "code/one.py").write_text("tr(f'assistant-{what}', lang)\ntr('assistant-' + what, lang)\n")
    assert complaints_about_code(copy / "code", copy / "locales") == [
        "one.py:1: a key must be written out",
        "one.py:2: a key must be written out",
    ]


# --- the texts as people read them ------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_greeting_names_the_organisation_and_differs_by_language(lang: str) -> None:
    greeting = tr("assistant-greeting", lang, organisation="Casa Brava")
    assert "Casa Brava" in greeting
    assert [greeting == tr("assistant-greeting", each, organisation="Casa Brava") for each in LANGUAGES].count(
        True
    ) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_not_knowing_says_what_to_write_to_reach_a_person(lang: str) -> None:
    assert tr("assistant-human-phrase", lang) in tr("assistant-unknown", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_cannot_be_read_is_named_by_its_kind(lang: str) -> None:
    kinds = ("voice", "image", "video", "document", "location", "sticker")
    texts = {tr("assistant-unreadable", lang, kind=kind) for kind in kinds}
    assert len(texts) == len(kinds)
    assert "\n" not in "".join(texts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_word_that_resumes_is_in_the_text_that_stops(lang: str) -> None:
    assert "START" in tr("channels-stopped", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_quotation_names_its_language_in_the_language_of_the_reader(lang: str) -> None:
    named = language_name("fr", lang)
    assert named in tr("assistant-quoted", lang, language=named)


# --- how texts are found and put together -----------------------------------------------------------------


@pytest.mark.parametrize("tag", ["fr-CA", "fr_FR", "FR"])
def test_a_regional_tag_finds_its_language(tag: str) -> None:
    assert tr("assistant-thanks", tag) == tr("assistant-thanks", "fr")


@pytest.mark.parametrize("tag", ["ja", "", "xx-YY", "../fr"])
def test_an_unknown_language_is_answered_in_english(tag: str) -> None:
    assert known_language(tag) is None
    assert tr("assistant-thanks", tag) == tr("assistant-thanks", "en")


def test_a_latin_name_in_an_arabic_sentence_is_kept_apart() -> None:
    text = tr("assistant-greeting", "ar", organisation="Casa Brava")
    assert f"{ISOLATE}Casa Brava{END_OF_ISOLATE}" in text


def test_an_arabic_name_in_a_latin_sentence_is_kept_apart() -> None:
    assert f"{ISOLATE}دفاتر{END_OF_ISOLATE}" in tr("assistant-source", "fr", title="دفاتر")


@pytest.mark.parametrize(("lang", "title"), [("fr", "Tarifs 2026"), ("ar", "الأسعار"), ("ar", "2026"), ("ru", "Цены")])
def test_a_text_of_one_direction_has_no_marks(lang: str, title: str) -> None:
    assert ISOLATE not in tr("assistant-source", lang, title=title)


def test_a_variable_is_never_read_as_markup_of_the_text() -> None:
    assert tr("assistant-source", "en", title="{ $x } { assistant-thanks }") == "Source: { $x } { assistant-thanks }"


def test_a_very_long_title_is_shortened() -> None:
    text = tr("assistant-source", "en", title="x" * 10_000)
    assert text.startswith("Source: xxx")
    assert text.endswith("x…")
    assert len(text) < 1_100


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings read afresh, and afterwards as they were."""
    get_settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    get_settings.cache_clear()


def test_in_a_test_a_missing_text_or_variable_is_an_error(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("APP_ENV", "test")
    with pytest.raises(TextMissing, match="no-such-text"):
        tr("no-such-text", "fr")
    with pytest.raises(TextMissing, match="organisation"):
        tr("assistant-greeting", "fr")


def test_elsewhere_the_best_there_is_is_shown_and_the_mistake_is_logged(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("APP_ENV", "development")
    logging.configure(get_settings().model_copy(update={"log_format": "json"}))
    assert tr("no-such-text", "fr") == "no-such-text"
    assert tr("assistant-greeting", "fr").startswith("Bonjour")
    assert capsys.readouterr().err.count('"level":"error"') == 3


def test_directions() -> None:
    assert {lang: direction(lang) for lang in LANGUAGES if direction(lang) == "rtl"} == {"ar": "rtl"}
    assert direction("he-IL") == "rtl"
    assert direction("ja") == "ltr"


@pytest.mark.parametrize(
    ("code", "lang", "name"),
    [
        ("fr", "fr", "français"),
        ("en", "de", "Englisch"),
        ("ar", "ru", "арабский"),
        ("es", "ar", "الإسبانية"),
        ("pt-BR", "en", "Portuguese"),
        ("ca", "es", "catalán"),
        ("tlh-XX-nothing", "en", "Klingon"),
        ("qqq", "en", "qqq"),
    ],
)
def test_languages_are_named_as_their_readers_call_them(code: str, lang: str, name: str) -> None:
    assert name in language_name(code, lang)


def test_nothing_heavy_is_loaded_before_the_first_text() -> None:
    tree = ast.parse(Path(i18n.__file__).read_text())
    loaded = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    loaded |= {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not [name for name in loaded if name.startswith(("babel", "fluent"))]
