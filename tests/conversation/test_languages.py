"""Each person reads their own language and the time where they are; what has no translation is in English."""

from dataclasses import replace

import pytest

from bot.conversation.units import Person
from bot.conversation.wording import Reading, language_of, render, shared_language
from bot.engine.effects import HiddenWords, Text
from bot.engine.session import Composed, ComposedPart, Session
from bot.engine.template import parse_template
from bot.flows.library import Library
from bot.flows.transcript import Declare
from tests.conversation.world import HOUR, START, World, new_world, shipped
from tests.engine.rehearsal import flow_of
from tests.sealed import Stored


async def world_of(*people: tuple[str, str, str], library: Library | None = None) -> World:
    world = await new_world(library=library)
    for name, locale, zone in people:
        await world.play(Declare(number=0, name=name, zone=zone, locale=locale))
    return world


def person(locale: str = "", language: str = "") -> Person:
    return Person(id="p", platform="x", account="a", name="A", locale=locale, language=language)


# Which language


@pytest.mark.parametrize(
    ("locale", "chosen", "language"),
    [
        ("", "", "en"),
        ("es-AR", "", "es"),
        ("fr", "", "en"),
        ("es", "en", "en"),
        ("en", "es", "es"),
        ("es", "fr", "es"),
    ],
)
def test_a_persons_own_choice_goes_before_their_platforms(locale: str, chosen: str, language: str) -> None:
    assert language_of(shipped(), person(locale, chosen)) == language


@pytest.mark.parametrize(
    ("locales", "language"),
    [
        ([], "en"),
        (["es", "es-AR"], "es"),
        (["es", "en"], "en"),
        (["es", ""], "es"),
        (["", ""], "en"),
        (["es", "fr"], "en"),
    ],
)
def test_a_room_speaks_the_language_that_all_who_are_known_share(locales: list[str], language: str) -> None:
    assert shared_language(shipped(), [person(locale) for locale in locales]) == language


async def test_a_session_knows_the_language_that_its_people_read_by_now() -> None:
    world = await world_of(("alex", "es-MX", "America/Lima"))

    async def member() -> str:
        (session,) = await world.sessions()
        return next(iter(session.members.values())).language

    await world.say("alex", "/say_it")
    assert await member() == "es"
    await world.say("alex", "/language en")
    await world.say("alex", "We talked at the door.")
    assert await member() == "en"
    world.close()


async def test_a_consent_names_the_language_in_which_the_rules_were_read() -> None:
    world = await world_of(("alex", "en", ""), ("sam", "es", ""))
    await world.answer("alex", "/pair", "[Yes, gladly]", "[My own idea]")
    await world.say("sam", f"/pair {world.code_of('alex')}")
    await world.answer("sam", "[Vincular]", "[Idea mía]")
    (pair,) = Stored(world.database).pairs()
    assert {consent.language for consent in pair.consents} == {"en", "es"}
    world.close()


# What is read


async def test_a_time_is_told_in_the_readers_language_and_zone() -> None:
    world = await world_of(("alex", "es", "Asia/Tokyo"))
    await world.room("den", "alex", "sam")
    await world.say("alex", "/pause 24h", room="den")
    await world.say("alex", "/pause", room="den")
    assert world.news("alex@den")[-1] == "La pausa ya está en marcha. De vuelta el miércoles a las 03:00."
    world.close()


async def test_what_has_no_translation_is_read_in_english() -> None:
    library = shipped()
    gaps = {key: text for key, text in library.translations["es"].items() if key != "welcome"}
    slow = library.flows["slow"]
    holed = replace(
        library,
        translations={"es": gaps},
        flows={**library.flows, "slow": replace(slow, translations={})},
    )
    world = await world_of(("alex", "es", ""), library=holed)
    await world.say("alex", "/ayuda")
    assert world.news("alex")[0].startswith("Hi. I'm a program")
    assert world.platform.heard[-1].text.startswith("Puedes escribir:")
    await world.room("den", "alex")
    await world.say("alex", "/slow", room="den")
    assert world.news("den")[-1] == "Someone here is getting tense. Slow down, please."
    world.close()


async def test_a_room_counts_those_who_are_in_it_and_never_wrote() -> None:
    world = await world_of(("alex", "es", ""), ("sam", "en", ""), ("kim", "es-CL", ""))
    await world.room("den", "alex", "sam")
    await world.room("nook", "alex", "kim")
    assert world.news("den")[0].startswith("Hi. I can pause this room")
    assert world.news("nook")[0].startswith("Hola. Puedo poner esta sala en pausa")
    world.close()


def test_in_a_composed_text_labels_and_days_are_in_its_authors_language_too() -> None:
    flow = flow_of("""
        flow: built
        version: 1
        title: Built
        roles: {me: one}
        slots:
          how: {type: choice, class: draft, options: {rest: "Rest", walk: "A walk"}}
          day: {type: date, class: draft}
          card: {type: text, class: draft}
        steps:
          - {id: how, ask: "How?", save: how}
          - {id: day, ask: "When?", save: day}
          - {id: build, compose: card, parts: ["{how}, {day}."]}
          - {id: done, say: "Here: {card}", to: me, end: true}
    """)
    spanish = {"slots.how.options.walk": parse_template("Un paseo"), "done.say": parse_template("Aquí: {card}")}
    flow = replace(flow, translations={"es": spanish})
    library = replace(shipped(), flows={"built": flow})
    args = {"how": "walk", "day": "2026-05-12"}
    card = Composed(flow="built", parts=(ComposedPart(key="build.parts.0", args=args),), language="es")
    shown = HiddenWords(flow="built", slot="card", data=card)
    for language, told in (("en", "Here: "), ("es", "Aquí: ")):
        reading = Reading(library=library, reader="p", zone="", session=None, names={}, now=START, language=language)
        spans = render(Text(flow="built", key="done.say", args={"card": shown}), reading)
        assert "".join(span.text for span in spans) == f"{told}Un paseo, martes 12 de mayo."


async def test_a_message_says_in_which_language_it_is() -> None:
    world = await world_of(("alex", "es", ""), ("sam", "en", ""))
    for name in ("alex", "sam"):
        await world.say(name, "/help")
    views = world.platform.views
    assert [views.of(name).seen[-1].message.language for name in ("alex", "sam")] == ["es", "en"]
    world.close()


async def test_the_language_can_be_chosen_by_its_name_its_code_or_its_number() -> None:
    world = await world_of(("alex", "en", ""))
    for named, answer in (
        ("español", "Bien."),
        ("ENGLISH", "Good."),
        ("es", "Bien."),
        ("1", "Good."),
        ("2", "Bien."),
        ("en", "Good."),
    ):
        heard = await world.say("alex", f"/language {named}")
        assert heard[-1].text.startswith(answer), named
    world.close()


async def test_a_language_that_is_not_offered_any_more_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await world_of(("alex", "es", ""))
    await world.say("alex", "/language")
    talk = world.talks[-1]
    batches = replace(talk._batches, library=replace(shipped(), standings={}))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(talk, "_batches", batches)
    heard = await world.press("alex", "Español")
    assert [one.text[:9] for one in heard] == ["Esa opció"]
    world.close()


# What is written


async def test_a_standing_label_stands_for_what_a_flow_calls_it() -> None:
    world = await world_of(("alex", "en", ""), ("sam", "es", ""))
    await world.answer("alex", "/pair", "[Yes, gladly]", "[My own idea]")
    await world.say("sam", f"/pair {world.code_of('alex')}")
    assert world.platform.views.of("sam").seen[-1].message.buttons[0].label == "Vincular"
    await world.say("sam", "sí")
    assert world.news("sam")[-1].startswith("Entre tú y yo")
    world.close()


async def test_english_labels_are_understood_where_nothing_can_be_written() -> None:
    world = await world_of(("alex", "es", ""))
    await world.say("alex", "/say_it")
    await world.say("alex", "Hablamos en la puerta.")
    await world.say("alex", "tired")
    (session,) = await world.sessions()
    assert answer(session, "feeling") == "tired", "free text is theirs"
    await world.answer("alex", "descanso", "go on", "What I will do", "leer un libro")
    assert answer(session_of(await world.sessions()), "about_whom") == "mine"
    world.close()


async def test_what_was_written_in_a_pause_is_read_as_the_choice_that_it_names() -> None:
    world = await world_of(("alex", "en", ""), ("sam", "es", ""))
    await world.answer("alex", "/pair", "[Yes, gladly]", "[My own idea]")
    await world.say("sam", f"/pair {world.code_of('alex')}")
    await world.answer("sam", "[Vincular]", "[Idea mía]")
    await world.answer("alex", "/hear_it_back", "It was a long day.", "[Share]")
    await world.answer("sam", "[Abrir]")
    await world.say("alex", "/pause")
    await world.say("sam", "Más tarde")
    await world.travel(3 * HOUR)
    world.news("sam")
    await world.answer("sam", "/open", "[Usarlo]")
    assert world.news("sam")[-1].endswith("No se avisa a nadie.")
    world.close()


def session_of(sessions: list[Session]) -> Session:
    (session,) = sessions
    return session


def answer(session: Session, slot: str) -> object:
    return next(value.data for key, value in session.values.items() if key.split(".")[1] == slot)
