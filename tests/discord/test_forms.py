"""Questions that follow each other, answered in one modal."""

from bot.adapters.discord.forms import carried_by, handed_in, modal_of
from bot.conversation.forms import Field, Form
from bot.conversation.message import FormButton
from tests.conversation.world import new_world
from tests.discord.server.faults import Say
from tests.discord.server.interactions import Interaction
from tests.discord.server.messages import Message
from tests.discord.server.people import Person
from tests.discord.server.refusals import unknown_interaction
from tests.discord.server.server import DiscordServer
from tests.discord.whole import Whole, whole

AT_ONCE = "Write it all at once"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"


async def asked_what_happened(bot: Whole, person: Person) -> Message:
    person.command("say_it")
    await bot.settle()
    return next(one for one in reversed(person.from_bot) if AT_ONCE in one.buttons)


def labels(form: Interaction) -> list[str]:
    assert form.modal is not None
    return [row["label"] for row in form.modal["components"]]


async def test_the_first_of_several_questions_opens_a_modal_of_all_of_them(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with whole(server) as bot:
        question = await asked_what_happened(bot, alex)
        form = alex.press(question, AT_ONCE)
        await bot.settle()
        assert form.modal is not None
        assert form.modal["title"] == "Say it kindly"
        assert labels(form) == ["What happened", "The feeling", "What matters"]
        assert form.modal["components"][0]["description"] == "What happened? Just what a camera would see."


async def test_a_modal_that_is_handed_in_answers_all_of_them_in_one_step(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with whole(server) as bot:
        form = alex.press(await asked_what_happened(bot, alex), AT_ONCE)
        await bot.settle()
        before = len(alex.from_bot)
        filled = {"What happened": "It got late", "The feeling": "tense", "What matters": "rest"}
        submit = alex.submit(form, filled)
        await bot.settle()
        assert not submit.failed
        (next_question,) = alex.from_bot[before:]
        assert next_question.content.startswith("You can add what you notice in yourself")
        assert not any(word in one.content for one in alex.from_bot for word in filled.values())


async def test_the_question_has_no_button_any_more_once_the_modal_is_handed_in(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with whole(server) as bot:
        question = await asked_what_happened(bot, alex)
        form = alex.press(question, AT_ONCE)
        await bot.settle()
        alex.submit(form, {"What happened": "It got late", "The feeling": "tense", "What matters": "rest"})
        await bot.settle()
        assert question.buttons == {}


async def test_a_modal_that_comes_too_late_gives_its_words_back(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with whole(server) as bot:
        form = alex.press(await asked_what_happened(bot, alex), AT_ONCE)
        await bot.settle()
        alex.write("It got late")
        await bot.settle()
        alex.submit(form, {"What happened": "Something else", "The feeling": "tense", "What matters": "rest"})
        await bot.settle()
        back, question = alex.from_bot[-2:]
        assert "Something else\n\ntense\n\nrest" in back.content
        assert question.content.startswith("What did you feel?")


async def test_a_modal_of_a_session_that_has_ended_gives_its_words_back(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with whole(server) as bot:
        form = alex.press(await asked_what_happened(bot, alex), AT_ONCE)
        await bot.settle()
        alex.write("stop")
        await bot.settle()
        alex.submit(form, {"What happened": "It got late", "The feeling": "tense", "What matters": "rest"})
        await bot.settle()
        assert "It got late\n\ntense\n\nrest" in alex.from_bot[-1].content


async def test_a_modal_that_cannot_be_opened_in_time_changes_nothing(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with whole(server) as bot:
        question = await asked_what_happened(bot, alex)
        server.faults.add(
            "POST", "/interactions/{interaction_id}/{interaction_token}/callback", Say(unknown_interaction())
        )
        alex.press(question, AT_ONCE)
        await bot.settle()
        alex.write("It got late")
        await bot.settle()
        assert alex.from_bot[-1].content.startswith("What did you feel?")


async def test_a_form_of_a_revision_that_is_gone_tells_where_one_is(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with whole(server) as bot:
        question = await asked_what_happened(bot, alex)
        (row,) = (row for row in question.components if row["components"][0]["label"] == AT_ONCE)
        button = row["components"][0]
        button["custom_id"] = button["custom_id"].replace(":f:en.", ":f:en.gone")
        press = alex.press(question, AT_ONCE)
        await bot.settle()
        assert press.acknowledged
        assert alex.from_bot[-2].content.startswith("That choice is from an earlier moment")
        assert alex.from_bot[-1].content.startswith("What happened?")


async def test_a_modal_in_somebodys_language_is_in_that_language(server: DiscordServer) -> None:
    alex = server.person("Alex", locale="es-ES")
    async with whole(server) as bot:
        alex.command("say_it")
        await bot.settle()
        form = alex.press(alex.from_bot[-1], "Escribirlo todo a la vez")
        await bot.settle()
        assert labels(form)[0] == "Lo que pasó"


def test_a_name_too_long_to_be_carried_opens_nothing() -> None:
    button = FormButton(label="All", token="t" * 16, form="en.0123456789ab." + "f" * 80)  # a prompt's
    assert carried_by(button) is None


def test_what_is_written_is_read_by_the_numbers_of_the_fields() -> None:
    first, second = ({"type": 4, "custom_id": str(number), "value": f"answer {number}"} for number in range(2))
    rows = [{"type": 18, "component": second}, {"type": 1, "components": [first]}]
    found = handed_in({"custom_id": "v1:abc:f", "components": rows})
    assert found is not None
    assert (found.token, found.answers) == ("abc", ("answer 0", "answer 1"))


def test_what_is_none_of_ours_is_read_as_nothing() -> None:
    assert handed_in({"custom_id": "somebody else's", "components": []}) is None
    strange = handed_in({"custom_id": "v1:abc:f", "components": [{"type": 4, "custom_id": "x"}, None, 3]})
    assert strange is not None
    assert strange.answers == ()


async def test_a_long_question_and_a_long_title_are_cut_to_what_a_modal_takes() -> None:
    field = Field(label="L" * 60, question="Q" * 101, most=300, optional=True)
    sent = modal_of(Form(title="T" * 60, fields=(field,)), "abc").to_dict()
    assert len(sent["title"]) == 45
    (label,) = sent["components"]
    assert (len(label["label"]), label.get("description")) == (45, None)
    assert (label["component"]["required"], label["component"]["max_length"]) == (False, 300)


async def test_a_platform_without_forms_asks_the_same_questions_one_by_one() -> None:
    world = await new_world("alex")
    await world.say("alex", "/say_it")
    asked = [one for one in world.platform.heard if "a camera would see" in one.text]
    assert asked
    assert AT_ONCE not in asked[-1].labels
    world.close()
