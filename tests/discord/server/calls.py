"""The calls of the HTTP API: what each does, and what it answers."""

from collections.abc import Callable
from typing import Final

from tests.discord.server.channels import Channel
from tests.discord.server.commands import judged_commands
from tests.discord.server.components import judge_components
from tests.discord.server.interactions import COMPONENT, GOOD_FOR, IN_TIME, MODAL, Interaction
from tests.discord.server.messages import COMMAND, EPHEMERAL, LOADING, REPLY, Message
from tests.discord.server.refusals import (
    answered_already,
    archived,
    empty,
    missing_access,
    not_the_author,
    refuse,
    refuse_form,
    token_over,
    unknown_channel,
    unknown_interaction,
    unknown_message,
    unknown_webhook,
)
from tests.discord.server.spec import Json
from tests.discord.server.world import TEXT_LIMIT, World

NONCE_WINDOW: Final = 5 * 60_000
"""Milliseconds in which a second message with the same nonce is the first one."""

FOREIGN_ANSWERS: Final = 5
"""Answers beyond the first where the bot is not a member (Discord API docs, Create Followup Message)."""

Answer = tuple[int, object]
Call = Callable[[World, dict[str, str], Json, Json], Answer]


def judge_words(body: Json, *, new: bool) -> None:
    """Refuse what is too long, or says nothing."""
    content, components = body.get("content"), body.get("components")
    if content is not None and len(content) > TEXT_LIMIT:
        refuse_form("content: Must be 2000 or fewer in length.")
    judge_components(components or [])
    if new and not (content or "").strip() and not components:
        raise empty()


# --- messages ---


def create_message(world: World, where: dict[str, str], _query: Json, body: Json) -> Answer:
    channel = world.open_channel(int(where["channel_id"]))
    judge_words(body, new=True)
    nonce = str(body["nonce"]) if body.get("nonce") is not None else None
    if nonce is not None and body.get("enforce_nonce"):
        at, first = channel.nonces.get(nonce, (0, None))
        if first is not None and world.clock.now() - at < NONCE_WINDOW * world.pace:
            return 200, first.json()
    message = world.write(channel, body, nonce=nonce)
    if nonce is not None:
        channel.nonces[nonce] = (world.clock.now(), message)
    return 200, message.json()


def list_messages(world: World, where: dict[str, str], query: Json, _body: Json) -> Answer:
    channel = world.seen_channel(int(where["channel_id"]))
    found = sorted(channel.messages.values(), key=lambda one: -one.id)
    limit = query.get("limit", 50)
    if "after" in query:
        found = [one for one in found if one.id > int(query["after"])][-limit:]
    if "before" in query:
        found = [one for one in found if one.id < int(query["before"])]
    return 200, [one.json() for one in found[:limit]]


def get_message(world: World, where: dict[str, str], _query: Json, _body: Json) -> Answer:
    return 200, _message(world, where).json()


def edit_message(world: World, where: dict[str, str], _query: Json, body: Json) -> Answer:
    message = _message(world, where)
    if message.author is not world.me:
        raise not_the_author()
    if message.channel.archived:
        raise archived()
    judge_words(body, new=False)
    return 200, world.change(message, body).json()


def delete_message(world: World, where: dict[str, str], _query: Json, _body: Json) -> Answer:
    message = _message(world, where)
    if message.author is not world.me:
        refuse(403, 50003, "Cannot execute action on a DM channel")
    world.take_away(message)
    return 204, None


def _message(world: World, where: dict[str, str]) -> Message:
    return world.known_message(world.seen_channel(int(where["channel_id"])), int(where["message_id"]))


# --- answers to interactions ---


def answer(world: World, where: dict[str, str], query: Json, body: Json) -> Answer:
    interaction = world.interactions.get(int(where["interaction_id"]))
    if interaction is None or interaction.token != where["interaction_token"]:
        raise unknown_interaction()
    if interaction.acknowledged:
        raise answered_already()
    if world.clock.now() - interaction.at > IN_TIME * world.pace:
        raise unknown_interaction()
    kind: int = body["type"]
    data: Json = body.get("data") or {}
    _first_answer(world, interaction, kind, data)
    interaction.kind_of_answer = kind
    interaction.acknowledged_after_ms = world.clock.now() - interaction.at
    world.bell.ring()
    if not query.get("with_response"):
        return 204, None
    return 200, _callback(interaction, kind)


def _first_answer(world: World, interaction: Interaction, kind: int, data: Json) -> None:
    pressed = interaction.message
    match kind:
        case 4:
            judge_words(data, new=True)
            interaction.original = world.answer_message(interaction, data, (data.get("flags") or 0) & EPHEMERAL)
        case 5:
            flags = LOADING | ((data.get("flags") or 0) & EPHEMERAL)
            interaction.original = world.answer_message(interaction, {}, flags)
        case 6 | 7 if pressed is not None and interaction.kind in {COMPONENT, MODAL}:
            interaction.original = pressed
            if kind == 7:
                judge_words(data, new=False)
                world.change(pressed, data)
        case 9 if interaction.kind != MODAL:
            if not 1 <= len(data["components"]) <= 5:
                refuse_form("components: a form has one to five fields")
            interaction.modal = data
        case _:
            refuse_form("type: not for this kind of interaction")


def _callback(interaction: Interaction, kind: int) -> Json:
    told: Json = {
        "interaction": {
            "id": str(interaction.id),
            "type": interaction.kind,
            "response_message_loading": kind == 5,
            "response_message_ephemeral": bool(interaction.original and interaction.original.ephemeral),
            "channel_id": str(interaction.channel.id),
        }
    }
    if interaction.original is not None and kind in {4, 5, 6, 7}:
        told["interaction"]["response_message_id"] = str(interaction.original.id)
        if kind != 6:
            told["resource"] = {"type": kind if kind == 7 else 4, "message": interaction.original.json()}
    return told


def follow_up(world: World, where: dict[str, str], query: Json, body: Json) -> Answer:
    interaction = _answered(world, where)
    judge_words(body, new=True)
    original = interaction.original
    if original is not None and original.loading and not original.deleted:
        # Right after a deferral it takes its place, and is seen by whom that was for, whatever its flags say.
        return 200, world.change(original, body).json()
    foreign = not world.bot_is_in(interaction.channel)
    if foreign and len(interaction.followups) >= FOREIGN_ANSWERS:
        refuse(400, 40094, "Maximum number of follow up messages reached")
    flags = (body.get("flags") or 0) & EPHEMERAL
    message = world.answer_message(interaction, body, flags, kind=REPLY if original is not None else COMMAND)
    interaction.followups.append(message)
    return (200, message.json()) if query.get("wait", True) else (204, None)


def get_answer(world: World, where: dict[str, str], _query: Json, _body: Json) -> Answer:
    return 200, _own_answer(world, where).json()


def edit_answer(world: World, where: dict[str, str], _query: Json, body: Json) -> Answer:
    message = _own_answer(world, where)
    judge_words(body, new=False)
    return 200, world.change(message, body).json()


def delete_answer(world: World, where: dict[str, str], _query: Json, _body: Json) -> Answer:
    world.take_away(_own_answer(world, where))
    return 204, None


def _answered(world: World, where: dict[str, str]) -> Interaction:
    interaction = world.by_token(where["webhook_token"])
    if where["webhook_id"] != str(world.me.id) or interaction is None:
        raise unknown_webhook()
    if world.clock.now() - interaction.at > GOOD_FOR * world.pace:
        raise token_over()
    if not interaction.acknowledged:
        raise unknown_webhook()
    return interaction


def _own_answer(world: World, where: dict[str, str]) -> Message:
    interaction = _answered(world, where)
    if "message_id" not in where:
        if interaction.original is None or interaction.original.deleted:
            raise unknown_message()
        return interaction.original
    found = interaction.answers_by(int(where["message_id"]))
    if found is None:
        raise unknown_message()
    return found


# --- people, servers, the bot itself ---


def create_dm(world: World, _where: dict[str, str], _query: Json, body: Json) -> Answer:
    person = world.accounts.get(int(body["recipient_id"]))
    if person is None or person is world.me:
        refuse(400, 50033, "Invalid Recipient(s)")
    return 200, world.dm(person).json()


def get_user(world: World, where: dict[str, str], _query: Json, _body: Json) -> Answer:
    person = world.accounts.get(int(where["user_id"]))
    if person is None:
        refuse(404, 10013, "Unknown User")
    return 200, person.json()


def get_me(world: World, _where: dict[str, str], _query: Json, _body: Json) -> Answer:
    return 200, {**world.me.json(), "mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}


def get_application(world: World, _where: dict[str, str], _query: Json, _body: Json) -> Answer:
    name = world.me.username
    nothing = ("icon", "type", "interactions_endpoint_url", "role_connections_verification_url", "team")
    counts = ("approximate_guild_count", "approximate_user_install_count", "approximate_user_authorization_count")
    return 200, {
        "id": str(world.me.id),
        "name": name,
        "description": "",
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": next(iter(world.accounts.values())).json(),
        **dict.fromkeys(nothing),
        **dict.fromkeys(counts, 0),
    }


def get_guild(world: World, where: dict[str, str], query: Json, _body: Json) -> Answer:
    guild = world.guilds.get(int(where["guild_id"]))
    if guild is None or not guild.has(world.me):
        raise missing_access()
    counts: Json = {"approximate_member_count": len(guild.members), "approximate_presence_count": 1}
    return 200, guild.plain_json() | (counts if query.get("with_counts") else {})


def get_member(world: World, where: dict[str, str], _query: Json, _body: Json) -> Answer:
    guild = world.guilds.get(int(where["guild_id"]))
    if guild is None or not guild.has(world.me):
        raise missing_access()
    member = guild.members.get(int(where["user_id"]))
    if member is None:
        refuse(404, 10007, "Unknown Member")
    return 200, guild.member(member)


def get_channel(world: World, where: dict[str, str], _query: Json, _body: Json) -> Answer:
    return 200, world.seen_channel(int(where["channel_id"])).json()


def type_in(world: World, where: dict[str, str], _query: Json, _body: Json) -> Answer:
    channel: Channel = world.open_channel(int(where["channel_id"]))
    if channel.deleted:
        raise unknown_channel()
    return 204, None


def list_commands(world: World, _where: dict[str, str], query: Json, _body: Json) -> Answer:
    if query.get("with_localizations"):
        return 200, world.commands
    hidden = {"name_localizations", "description_localizations"}
    return 200, [{key: value for key, value in one.items() if key not in hidden} for one in world.commands]


def set_commands(world: World, _where: dict[str, str], _query: Json, body: Json) -> Answer:
    world.commands = judged_commands(body, str(world.me.id), world.ids)  # pyright: ignore[reportArgumentType]  # a list
    return 200, world.commands


WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
MESSAGES = "/channels/{channel_id}/messages"

CALLS: Final[dict[tuple[str, str], Call]] = {
    ("POST", MESSAGES): create_message,
    ("GET", MESSAGES): list_messages,
    ("GET", MESSAGES + "/{message_id}"): get_message,
    ("PATCH", MESSAGES + "/{message_id}"): edit_message,
    ("DELETE", MESSAGES + "/{message_id}"): delete_message,
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"): answer,
    ("POST", WEBHOOK): follow_up,
    ("GET", WEBHOOK + "/messages/@original"): get_answer,
    ("PATCH", WEBHOOK + "/messages/@original"): edit_answer,
    ("DELETE", WEBHOOK + "/messages/@original"): delete_answer,
    ("GET", WEBHOOK + "/messages/{message_id}"): get_answer,
    ("PATCH", WEBHOOK + "/messages/{message_id}"): edit_answer,
    ("DELETE", WEBHOOK + "/messages/{message_id}"): delete_answer,
    ("POST", "/users/@me/channels"): create_dm,
    ("GET", "/users/{user_id}"): get_user,
    ("GET", "/users/@me"): get_me,
    ("GET", "/oauth2/applications/@me"): get_application,
    ("GET", "/guilds/{guild_id}"): get_guild,
    ("GET", "/guilds/{guild_id}/members/{user_id}"): get_member,
    ("GET", "/channels/{channel_id}"): get_channel,
    ("POST", "/channels/{channel_id}/typing"): type_in,
    ("GET", "/applications/{application_id}/commands"): list_commands,
    ("PUT", "/applications/{application_id}/commands"): set_commands,
}
