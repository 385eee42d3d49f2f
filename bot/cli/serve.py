"""``serve``: the bot on the platforms that are set up."""

from bot.cli.refusing import refused


def serve() -> None:
    """Run the bot for everybody who writes to it. It needs the name of whoever runs it."""
    from bot.wiring.settings import SettingWrong, read_settings

    try:
        settings = read_settings()
    except SettingWrong as fault:
        raise refused(str(fault)) from None
    if not settings.operator.strip():
        message = (
            "it is not known who runs this bot, and people are told who could read what is kept: "
            "set BREATHING_ROOM_OPERATOR to a name that they know."
        )
        raise refused(message)
    message = "there is no platform to serve yet: ./run demo and ./run chat are where this version talks."
    raise refused(message)
