"""What can go wrong when something is handed to a platform, by what is done about it. Adapters raise these."""


class SendFault(Exception):
    """It was not sent as it should have been."""


class RetryLater(SendFault):
    """The platform wants this chat to wait, for so many milliseconds."""

    def __init__(self, after: int) -> None:
        super().__init__(f"again in {after} ms")
        self.after = after


class NotSent(SendFault):
    """It surely did not arrive: it is sent again, less and less often."""


class Uncertain(SendFault):
    """It may have arrived or not: what may come twice is sent again, a nudge only where a key keeps it single."""


class Undeliverable(SendFault):
    """It will never arrive: the platform does not take it. It is dropped."""


class Unreachable(Undeliverable):
    """Nobody is there any more: the person blocked the bot, the room removed it. What else goes there is in vain."""
