"""Which language a person gets, what it is called, and when it may be offered."""

import pytest

from bot.flows.languages import Standing, best_language, is_language, may_be_offered, name_of
from bot.flows.library import Library
from bot.flows.problems import Problem

GAP = Problem(path="x.po", line=1, column=1, message="'a:b' has no translation", code="untranslated")


@pytest.mark.parametrize(
    ("wanted", "best"),
    [
        (["es"], "es"),
        (["es-ES"], "es"),
        (["es_AR"], "es"),
        (["ES"], "es"),
        (["pt-BR"], "pt-BR"),
        (["pt_br"], "pt-BR"),
        (["pt"], "pt-BR"),
        (["pt-PT"], "pt-BR"),
        (["zh-Hant-TW"], "zh-Hant"),
        (["zh-Hans-CN"], "zh-Hans"),
        (["zh"], "zh-Hans"),
        (["fr-CA"], "en"),
        ([""], "en"),
        ([], "en"),
        (["fr", "es-MX"], "es"),
        (["en", "es"], "en"),
        (["est"], "en"),
    ],
)
def test_a_person_gets_the_nearest_language(wanted: list[str], best: str) -> None:
    assert best_language(("en", "zh-Hant", "zh-Hans", "pt-BR", "es"), *wanted) == best


def test_without_any_language_there_is_english() -> None:
    assert best_language((), "es") == "en"


@pytest.mark.parametrize(
    ("reviewed_by", "gaps", "offered"),
    [("Ana Ruiz", (), True), ("", (), False), ("Ana Ruiz", (GAP,), False), ("", (GAP,), False)],
)
def test_a_language_is_offered_when_all_of_it_is_translated_and_reviewed(
    reviewed_by: str, gaps: tuple[Problem, ...], *, offered: bool
) -> None:
    standing = Standing(language="es", sentences=2, untranslated=gaps, reviewed_by=reviewed_by)
    assert may_be_offered(standing) is offered
    library = Library({}, {}, standings={"es": standing})
    assert library.languages == ("en", "es")
    assert library.offered().languages == (("en", "es") if offered else ("en",))


@pytest.mark.parametrize("code", ["es", "pt-BR", "zh-Hant", "zh-Hant-TW", "fil"])
def test_what_names_a_language(code: str) -> None:
    assert is_language(code)


@pytest.mark.parametrize("code", ["", "ES", "es_AR", "spanish", "xx", "es-", "../es", "es-XYZ"])
def test_what_names_no_language(code: str) -> None:
    assert not is_language(code)


def test_a_language_is_called_what_its_speakers_call_it() -> None:
    assert [name_of(code) for code in ("en", "es", "de", "pt-BR")] == [
        "English",
        "Español",
        "Deutsch",
        "Português (Brasil)",
    ]
