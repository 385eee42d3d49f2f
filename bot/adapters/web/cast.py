"""Who plays in the demo: its people and the room they share."""

from dataclasses import dataclass

PLATFORM = "web"
"""What targets and envelopes of this adapter are marked with."""

HUES = 5
"""How many people have a colour of their own in the style sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a pane of their own. ``id`` is their account and the name of their own chat."""

    id: str
    name: str
    locale: str = "en"
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The shared pane."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody in the order of their panes, and the room. Ids are unique, the room's included."""

    people: tuple[Person, ...]
    room: Room
    own_chips: tuple[str, ...] = ("/help",)
    """The commands that a person's own pane offers to write."""
    room_chips: tuple[str, ...] = ("/help",)
    """The commands that the room's pane offers to write."""

    def __post_init__(self) -> None:
        if len({*self.panes}) < len(self.panes):
            msg = "two panes have the same id; give each person and the room an id of its own"
            raise ValueError(msg)

    @property
    def panes(self) -> tuple[str, ...]:
        """The ids of all panes, the room last."""
        return (*(person.id for person in self.people), self.room.id)

    def person(self, person_id: str) -> Person | None:
        """Return the person of that id, or None."""
        return next((person for person in self.people if person.id == person_id), None)

    def name(self, person_id: str) -> str:
        """Return a person's name, or the id of somebody who is not in the cast."""
        person = self.person(person_id)
        return person.name if person else person_id

    def hue(self, person_id: str) -> int:
        """Return which colour of the style sheet is a person's."""
        ids = [person.id for person in self.people]
        return ids.index(person_id) % HUES if person_id in ids else 0


DEMO = Cast(
    people=(Person(id="alex", name="Alex"), Person(id="sam", name="Sam")),
    room=Room(id="den", title="The room"),
)
