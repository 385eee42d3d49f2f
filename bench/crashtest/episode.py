"""An episode: people talk, all at once, through one worker after another, each killed; then everything runs out."""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import assert_never

from bench.crashtest.living import AT_MOST as STUCK_AFTER
from bench.crashtest.living import Ended, Life, Stuck
from bench.crashtest.loopback import NAME, Kind, Loopback
from bench.crashtest.people import HOUR, Person
from bench.crashtest.phases import Phases
from bench.crashtest.plans import Plans
from bench.crashtest.town import Account, begin_town, settle_in
from bench.crashtest.wire import (
    Acknowledged,
    Answer,
    Call,
    Event,
    Fault,
    FromWorker,
    History,
    Judged,
    Ready,
    Tick,
    Ticked,
)
from bench.crashtest.worker import DATABASE, PHASES, Job
from bot.conversation.envelope import Content
from bot.conversation.send_faults import NotSent, RetryLater

START = 1_772_438_400_000
"""2026-03-02T08:00Z: when quiet hours end."""

TICK = 60_000, 240_000
"""The least and the most milliseconds that pass at once."""

UNTAKEN = 0.02
"""How likely the platform does not take a message at once."""

AT_A_CALL, AT_THE_START = 0.4, 0.5
"""How likely the worker is killed as it hands a message over, or else while it starts, or else at any moment."""

AT_MOST = 12 * HOUR
"""Whoever is not through so long after the last kill waits for something that is lost."""

WAITING = "SELECT 1 FROM outbox WHERE state = 'claimed' OR (state = 'queued' AND not_before <= ?)"
"""Messages that are to be sent now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an episode is to be."""

    folder: Path
    kind: Kind
    seed: str
    kills: int
    broken: str = ""

    @property
    def database(self) -> Path:
        """The file that everything is kept in."""
        return self.folder / DATABASE


@dataclass(slots=True)
class Seen:
    """What was seen of an episode from outside."""

    platform: Loopback
    people: dict[str, Person]
    killed: Counter[str] = field(default_factory=Counter[str])
    """How often the worker was killed at what it was at."""
    breaks: int = 0
    """How often the connection broke that tells what happens."""
    judged: dict[str, bool] = field(default_factory=dict[str, bool])
    """Messages that were about to be dropped, and whether they had become out of date."""
    wrong: list[str] = field(default_factory=list[str])
    """What must never be seen, as sentences."""


class Episode:
    """People, their platform and their clock, around one worker after another."""

    def __init__(self, plan: Plan) -> None:
        self.now = START
        self.goes_on = True
        self._plan = plan
        self._chance = Random(plan.seed)  # noqa: S311  # what happens is chosen, nothing is kept secret by it
        self._plans = Plans()
        everybody = begin_town(self, plan.seed)
        self.seen = Seen(Loopback(plan.kind), {person.name: person for person, _ in everybody})
        self._acts_at: dict[str, float] = {}
        self._got_on_at = 0.0
        """When, in seconds, a worker began or had last fired everything that was due."""
        self._shown: set[str] = set()
        """What this worker has shown: it has no reason to show any of it again."""
        self._lives = 0
        self._connected = self._over = False
        self._until_call = 0
        """At how many more calls the worker is killed; 0 is never."""
        self._within = 0.0
        """How many seconds after it is ready; 0 is never."""
        asyncio.run(settle_in(plan.database, NAME, {name: Account(name, name) for name in self.seen.people}))
        self._phases = Phases(plan.folder / PHASES)
        self._life = self._begin()
        for person, script in everybody:
            person.follow(script)

    # What people have around them

    def does(self, person: Person, content: Content) -> None:
        """Bring what somebody does to the platform, after everything that they did before."""
        moment = max(self._acts_at.get(person.name, 0.0), self._plans.now() + self._chance.uniform(0, 0.006))
        self._acts_at[person.name] = moment
        self._plans.at(moment, lambda: self._bring(person, content))

    def wrong(self, told: str) -> None:
        """Note that somebody saw what must not be."""
        self.seen.wrong.append(told)

    def _bring(self, person: Person, content: Content) -> None:
        envelope = self.seen.platform.note(person.name, content, self.now)
        if self._connected:
            self._life.tell(Event(envelope=envelope))

    # The worker's lives

    def play(self) -> Seen:
        """Play it to its end."""
        try:
            self._play()
        except Ended as fault:
            self.wrong(str(fault))
        for what in self._life.kill():  # once more: nobody waits for anything
            if isinstance(what, Fault):
                self.wrong(what.told)
        self._phases.close()
        return self.seen

    def _play(self) -> None:
        ends_at = 0
        while not self._over:
            self._go_on()
            if self.goes_on and self._lives > self._plan.kills:
                self.goes_on = False
                ends_at = self.now + AT_MOST
            elif ends_at and self.now > ends_at:
                names = sorted(name for name, person in self.seen.people.items() if not person.is_through)
                self.wrong(f"{len(names)} wait for what never comes: {', '.join(names)}")
                return

    def _begin(self) -> Life:
        self._lives += 1
        self._connected = False
        self._shown.clear()
        self._got_on_at = self._plans.now()
        self._until_call, self._within = 0, 0.0
        number, plan = self._lives, self._plan
        if number <= plan.kills:
            way = self._chance.random()
            if way < AT_A_CALL:
                self._until_call = self._chance.randint(1, 30)
            elif way < AT_THE_START:
                self._plans.after(self._chance.uniform(0, 0.06), lambda: self._kill(number))
            else:
                self._within = self._chance.uniform(0.001, 0.2)
        return Life(Job(folder=plan.folder, now=self.now, single_for=plan.kind.single_for, broken=plan.broken))

    def _kill(self, number: int) -> None:
        if number != self._lives:
            return  # it was killed before
        left = self._life.kill()
        self.seen.killed[self._phases.told()] += 1
        self._until_call = 0
        for what in left:
            self._hear(what)
        self._life = self._begin()

    def _ready(self) -> None:
        """The worker stands where the one before it was killed: what it missed comes to it."""
        number, platform = self._lives, self.seen.platform
        self._connected = True
        if platform.kind.redelivers:
            for envelope in platform.to_bring_again():
                self._life.tell(Event(envelope=envelope))
        else:
            self._life.tell(History(chats=platform.chats()))
            for person in self.seen.people.values():
                self._plans.after(self._chance.uniform(0, 0.02), person.presses_again)
        if self._within:
            self._plans.after(self._within, lambda: self._kill(number))
        self._tick(number)

    def _tick(self, number: int) -> None:
        """Let some time pass. It stands still while no worker is there: keys are known again for some minutes."""
        if number != self._lives:
            return
        self.now += self._chance.randint(*TICK)
        self._life.tell(Tick(now=self.now))
        for person in self.seen.people.values():
            person.time_passes()
        self._over = not self.goes_on and self._is_over()

    def _is_over(self) -> bool:
        if not all(person.is_through for person in self.seen.people.values()) or self.seen.platform.unanswered():
            return False
        with closing(sqlite3.connect(self._plan.database)) as looking:
            return looking.execute(WAITING, (self.now,)).fetchone() is None

    def _go_on(self) -> None:
        while (what := self._plans.next_due()) is not None:
            what()
        heard = self._life.hear(self._plans.wait)
        if heard is not None:
            self._hear(heard)
        if self._plans.now() - self._got_on_at > STUCK_AFTER:
            raise Stuck

    def _hear(self, what: FromWorker) -> None:
        number = self._lives
        match what:
            case Ready():
                self._ready()
            case Ticked():
                self._got_on_at = self._plans.now()
                self._plans.after(0.006, lambda: self._tick(number))
            case Call():
                self._show(what)
            case Acknowledged(event_id=event_id):
                self.seen.platform.acknowledge(event_id)
            case Judged(key=key, fair=fair):
                self.seen.judged[key] = fair
            case Fault(told=told):
                self.wrong(told)
            case _:
                assert_never(what)

    def _show(self, call: Call) -> None:
        number = self._lives
        answer = self._answer(call)
        self._plans.after(self._chance.uniform(0, 0.004), lambda: self._tell(number, answer))
        if self._until_call:
            self._until_call -= 1
            if not self._until_call:
                self._kill(number)

    def _answer(self, call: Call) -> Answer:
        """Show it, and tell its name; or do not take it."""
        chance = self._chance.random()
        if chance < UNTAKEN:
            fault = NotSent() if chance < UNTAKEN / 2 else RetryLater(2_000)
            return Answer(number=call.number, fault=fault)
        ref, is_new = self.seen.platform.show(call.key, self.now)
        if is_new:
            if call.key in self._shown:
                self.wrong("a message was shown twice by one worker")
            self._shown.add(call.key)
            person = self.seen.people[call.target.chat]
            self._plans.after(self._chance.uniform(0, 0.002), lambda: person.sees(call.message))
        return Answer(number=call.number, ref=ref)

    def _tell(self, number: int, answer: Answer) -> None:
        if number == self._lives:
            self._life.tell(answer)
