"""Asking about chats and who is in them."""

from tests.telegram.server.accounts import Standing
from tests.telegram.server.refusals import refuse
from tests.telegram.server.spec import Json
from tests.telegram.server.world import World


def get_me(world: World, _: Json) -> Json:
    """Return the bot itself."""
    return world.bot.user() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(world: World, call: Json) -> Json:
    """Return what is known of a chat."""
    chat = world.entered_chat(call["chat_id"])
    gifts = world.spec.types["AcceptedGiftTypes"]["fields"]
    return chat.json() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


def get_chat_member(world: World, call: Json) -> Json:
    """Return what somebody is in a chat."""
    chat = world.entered_chat(call["chat_id"])
    account = world.accounts.get(call["user_id"])
    if account is None:
        refuse("invalid user_id specified")
    if chat.person is not None:
        if account not in {chat.person, world.bot}:
            refuse("member not found")
        return Standing("member").member(world.spec, account)
    return chat.standing(account).member(world.spec, account)


def get_chat_administrators(world: World, call: Json) -> list[Json]:
    """Return the administrators, other bots left out unless they are asked for."""
    chat = world.entered_chat(call["chat_id"])
    if chat.person is not None:
        refuse("there are no administrators in the private chat")
    found = [(world.accounts[one], standing) for one, standing in chat.standings.items() if standing.leads]
    with_bots: bool = call.get("return_bots", False)
    shown = [(a, s) for a, s in found if with_bots or not a.is_bot or a is world.bot]
    return [standing.member(world.spec, account) for account, standing in shown]


def get_chat_member_count(world: World, call: Json) -> int:
    """Return how many are in a chat."""
    chat = world.entered_chat(call["chat_id"])
    return 2 if chat.person is not None else sum(one.inside for one in chat.standings.values())


def leave_chat(world: World, call: Json) -> bool:
    """Leave a room."""
    chat = world.entered_chat(call["chat_id"])
    if chat.person is not None:
        refuse("chat member status can't be changed in private chats")
    world.change(chat, world.bot, Standing("left"), world.bot)
    return True
