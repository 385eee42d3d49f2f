"""Faults of the engine: each one means that the turn must not be stored."""


class EngineFault(Exception):
    """The turn cannot be carried out; nothing of it may be kept."""


class PrivacyBreach(EngineFault):
    """A message would have shown a value to somebody who may not read it. Fails closed: report the flow."""


class TooManySteps(EngineFault):
    """The flow went through more steps in one turn than a person could ever cause: park it and report it."""


class FlowBroken(EngineFault):
    """The session stands where the flow has no such step: it belongs to another revision."""
