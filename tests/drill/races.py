"""The races between people: two or more of them act on one conversation at the same moment.

Each race has a customer of its own, and agents who take part in races only. All are prepared before the moment. Their
requests are sent within a few milliseconds of each other, in any order. Customers, their second tabs and agents use different
desks.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg

from handoff.runtime.errors import NotFound, Unavailable
from tests.drill.agents import Agent
from tests.drill.customers import Customer, outcome
from tests.drill.records import Race, Vanished
from tests.drill.system import WAYS_TO_VANISH, DrillError, System

Call = Callable[[], Awaitable[str]]

#: The largest distance between the requests of one moment in seconds, and the additional delay of one of them.
GAP_SECONDS, LATE_SECONDS = 0.005, 0.025
#: Agents and supervisors who take part in races, in addition to those whose accounts vanish.
RACERS, SUPERVISORS = 6, 2
PASSWORD = "drill-password"  # of accounts that exist only during the drill
#: Customers of races are numbered from here.
_FIRST_NUMBER = 100_000
_QUEUED_SECONDS = 20.0
#: Questions that a customer asks until an answer with buttons comes.
_QUESTIONS = 4
_TRIES, _PAUSE_SECONDS = 100, 0.3
_GRAVE_WORDS = ("刚刚有人登录了我的账号，把钱转走了", "我的账号被盗了，密码也被改了", "我好像被骗了，钱已经转给对方了")
_NOT_SOLVED, _THANKS = ("没解决", "还是不行", "问题还在"), ("谢谢", "好的谢谢", "辛苦了")


class Scene:
    """One race: the customer, the agents, and the moment in which they act."""

    def __init__(
        self, kind: str, customer: Customer, cast: Cast, rng: random.Random, vanish: Callable[..., Awaitable[str]]
    ) -> None:
        self.kind, self.customer, self.rng, self._vanish = kind, customer, rng, vanish
        self.agents, self.supervisors, self.guests = cast.agents, cast.supervisors, cast.guests
        self.tabs: list[Customer] = []
        #: A race may have more than one moment.
        self.moments: list[Race] = []

    @property
    def conversation(self) -> str:
        """The conversation's id."""
        return self.customer.client.conversation

    async def second_tab(self) -> Customer:
        """The customer opens a second tab, at another desk."""
        tab = self.customer.another_tab()
        self.tabs.append(tab)
        await tab.open()
        return tab

    async def queue(self, *, words: str | None = None) -> bool:
        """The customer asks for a person, by `words` or by the button; whether they wait now. A turn may be running."""
        if words is not None:
            await self.customer.say(words)
        else:
            if self.rng.random() < 0.6:
                await self.customer.say()
            await self.customer.ask_for_person()
        await self.customer.until(lambda: self.customer.owner == "queue", _QUEUED_SECONDS)
        return self.customer.owner == "queue"

    async def assign(self, agent: Agent) -> bool:
        """Assign an agent to the customer; whether it worked."""
        return await self.queue() and (await agent.claim(self.conversation)).status_code == 200

    async def meet(self, *calls: Call) -> None:
        """Send all requests of the moment, in any order; the responses become the race's record.

        Some take longer than others to reach the row that all of them lock, so in half of the races one is sent later.
        """
        order = list(calls)
        self.rng.shuffle(order)
        began: list[float] = []
        ended: list[float] = []
        answers: list[str] = []

        async def one(call: Call, delay: float) -> None:
            await asyncio.sleep(delay)
            began.append(time.time())
            answers.append(await call())
            ended.append(time.time())

        delays = sorted(self.rng.uniform(0, GAP_SECONDS) for _ in order)
        if self.rng.random() < 0.5:
            delays[-1] += self.rng.uniform(0, LATE_SECONDS)
        at = time.time()
        await asyncio.gather(*(one(call, delay - delays[0]) for call, delay in zip(order, delays)))
        gap_ms, together = 1000 * (max(began) - min(began)), max(began) < min(ended)
        self.moments.append(Race(self.kind, self.conversation, at, gap_ms, together, tuple(answers)))

    def writing(self, text: str | None = None, tab: Customer | None = None) -> Call:
        """The customer writes."""
        return lambda: (tab or self.customer).say(text)

    def acting(self, agent: Agent, action: str, **body: object) -> Call:
        """An agent acts. A resolution says how the case ended, because the case may be urgent."""
        more = {"outcome": "solved", "note": "drill: done"} if action == "resolve" else {}

        async def act() -> str:
            answer = await agent.act(self.conversation, action, {**more, **body})
            return f"{action} {outcome(answer)}"

        return act

    def claiming(self, agent: Agent) -> Call:
        """An agent claims the conversation."""

        async def claim() -> str:
            return f"claim {outcome(await agent.claim(self.conversation))}"

        return claim

    def vanishing(self, agent: Agent, how: str) -> Call:
        """An agent's account changes while they use it."""
        return lambda: self._vanish(agent, how)

    async def finish(self, *agents: Agent) -> None:
        """The present agent finishes the case: reads, perhaps writes, and ends it."""
        for agent in agents:
            seen_seq = await agent.read(self.conversation)
            if seen_seq and self.rng.random() < 0.5:
                await agent.write(self.conversation)
            await agent.let_go(self.conversation, self.rng.choice(("resolve", "resolve", "return")), seen_seq)


# --- an agent ends their part while the customer writes --------------------------------------------------------------------


async def _write_and_let_go(scene: Scene, action: str, *, pieces: int = 1) -> None:
    agent = scene.agents[0]
    if await scene.assign(agent):
        seen_seq = await agent.read(scene.conversation)
        words = [scene.writing() for _ in range(pieces)]
        await scene.meet(*words, scene.acting(agent, action, seen_seq=seen_seq))
        await scene.finish(agent)


async def write_and_resolve(scene: Scene) -> None:
    """The agent closes the case while the customer writes."""
    await _write_and_let_go(scene, "resolve")


async def write_and_return(scene: Scene) -> None:
    """The agent returns the conversation to the bot while the customer writes."""
    await _write_and_let_go(scene, "return")


async def pieces_and_resolve(scene: Scene) -> None:
    """The customer writes one sentence in three messages while the agent closes the case."""
    await _write_and_let_go(scene, "resolve", pieces=3)


async def reply_and_resolve(scene: Scene) -> None:
    """The agent writes and closes by two keys at once, and presses the second key twice; the customer writes."""
    agent = scene.agents[0]
    if await scene.assign(agent):
        seen_seq = await agent.read(scene.conversation)
        closing = scene.acting(agent, "resolve", seen_seq=seen_seq)
        await scene.meet(scene.writing(), lambda: agent.write(scene.conversation), closing, closing)
        await scene.finish(agent)


async def write_and_transfer(scene: Scene) -> None:
    """The agent puts the conversation back into the queue while the customer writes."""
    agent, other = scene.agents[:2]
    if await scene.assign(agent):
        await scene.meet(scene.writing(), scene.acting(agent, "transfer", note="drill: a race"))
        if scene.rng.random() < 0.5:
            await other.claim(scene.conversation)
            await scene.finish(other)


async def write_and_pass_on(scene: Scene) -> None:
    """The agent transfers the conversation to a colleague while the customer writes."""
    agent, other = scene.agents[:2]
    if await scene.assign(agent):
        await other.show_up()
        await scene.meet(scene.writing(), scene.acting(agent, "transfer", to=other.login))
        await scene.finish(other)


async def transfer_and_resolve(scene: Scene) -> None:
    """The agent transfers the conversation in one tab and closes it in another; the customer writes."""
    agent, other = scene.agents[:2]
    if await scene.assign(agent):
        await other.show_up()
        seen_seq = await agent.read(scene.conversation)
        passing, closing = (
            scene.acting(agent, "transfer", to=other.login),
            scene.acting(agent, "resolve", seen_seq=seen_seq),
        )
        await scene.meet(scene.writing(), passing, closing)
        await scene.finish(other, agent)


# --- an agent claims -------------------------------------------------------------------------------------------------------


async def write_and_claim(scene: Scene) -> None:
    """An agent claims the conversation while the customer writes, during a turn of the bot."""
    agent = scene.agents[0]
    if await scene.queue():
        await scene.meet(scene.writing(), scene.claiming(agent), scene.writing())
        await scene.finish(agent)


async def two_claims(scene: Scene) -> None:
    """Two agents claim the same conversation, and the customer writes."""
    agent, other = scene.agents[:2]
    if await scene.queue():
        await scene.meet(scene.claiming(agent), scene.claiming(other), scene.writing())
        await scene.finish(agent, other)


async def claim_and_cancel(scene: Scene) -> None:
    """The customer cancels the wait while an agent claims."""
    agent = scene.agents[0]
    if await scene.queue():
        await scene.meet(scene.claiming(agent), lambda: scene.customer.cancel(confirm=True), scene.writing())
        await scene.finish(agent)


# --- the customer and the wait ---------------------------------------------------------------------------------------------


async def write_and_cancel(scene: Scene) -> None:
    """One tab cancels the wait while the other one writes."""
    tab = await scene.second_tab()
    if await scene.queue():
        await scene.meet(lambda: scene.customer.cancel(confirm=True), scene.writing(tab=tab))


async def cancel_twice(scene: Scene) -> None:
    """Both tabs cancel the wait; the second cancel finds none."""
    tab = await scene.second_tab()
    if await scene.queue():
        await scene.meet(lambda: scene.customer.cancel(confirm=True), lambda: tab.cancel(confirm=True))


async def cancel_and_graver_words(scene: Scene) -> None:
    """The customer cancels without being asked while their message makes the case serious."""
    tab = await scene.second_tab()
    if await scene.queue():
        writing = scene.writing(scene.rng.choice(_GRAVE_WORDS), tab)
        if scene.rng.random() < 0.5:  # the bot has read it: the decision races with the cancel
            await writing()
            await asyncio.sleep(scene.rng.uniform(0, 0.08))
            writing = scene.writing(tab=tab)
        await scene.meet(scene.customer.cancel, writing)


async def cancel_a_grave_wait(scene: Scene) -> None:
    """A victim cancels by button and by message at once, unasked; then confirms, or stays."""
    tab = await scene.second_tab()
    if await scene.queue(words=scene.rng.choice(_GRAVE_WORDS)):
        await scene.meet(scene.customer.cancel, scene.writing("不用了", tab), scene.customer.cancel)
        await scene.customer.until(lambda: "cancel_wait" in scene.customer.choices, 3)
        if "cancel_wait" in scene.customer.choices:
            pressing = [lambda choice=choice: tab.say(choice=choice) for choice in ("cancel_wait", "keep_waiting")]
            await scene.meet(*pressing, lambda: scene.customer.say("取消排队"))


async def undo_and_write(scene: Scene) -> None:
    """The customer undoes the cancel twice while they write."""
    tab = await scene.second_tab()
    if await scene.queue() and await scene.customer.cancel(confirm=True) == "cancel 200":
        await scene.meet(scene.customer.undo, tab.undo, scene.writing(tab=tab))


async def undo_and_claim(scene: Scene) -> None:
    """The customer undoes the cancel while an agent who still sees the card claims it, and cancels again."""
    agent = scene.agents[0]
    if await scene.queue() and await scene.customer.cancel(confirm=True) == "cancel 200":
        calls = [scene.customer.undo, scene.claiming(agent), scene.claiming(agent), lambda: scene.customer.cancel(confirm=True)]
        await scene.meet(*calls)
        await scene.finish(agent)


async def person_and_write(scene: Scene) -> None:
    """The customer presses the button for a person twice, in both tabs, while they write."""
    tab = await scene.second_tab()
    await scene.customer.say()
    pressing = [scene.customer.ask_for_person, lambda: tab.say(choice="human")]
    await scene.meet(*pressing, scene.writing(), scene.writing(tab=tab))
    if scene.rng.random() < 0.5:
        await scene.customer.cancel(confirm=True)


async def one_message_twice(scene: Scene) -> None:
    """Both tabs send the same message under the same id, at different desks."""
    tab = await scene.second_tab()
    await scene.meet(*scene.customer.same_message(tab))


async def one_button_twice(scene: Scene) -> None:
    """The customer presses a button of the bot's answer in both tabs, twice in one of them, or two different ones."""
    tab = await scene.second_tab()
    for _ in range(_QUESTIONS):
        await scene.customer.say()
        await scene.customer.hear()
        await scene.customer.until(lambda: bool(scene.customer.choices), 1)
        if scene.customer.choices:
            one, other = scene.customer.choices[0], scene.rng.choice(scene.customer.choices)
            pressing = [(scene.customer, one), (scene.customer, one), (tab, other)]
            await scene.meet(*[lambda who=who, choice=choice: who.say(choice=choice) for who, choice in pressing])
            return


async def two_tabs_write(scene: Scene) -> None:
    """Both tabs write to the bot in pieces."""
    tab = await scene.second_tab()
    await scene.meet(*[scene.writing(tab=each) for each in (scene.customer, tab, scene.customer, tab)])


# --- after the end ---------------------------------------------------------------------------------------------------------


async def back_after_the_end(scene: Scene) -> None:
    """An agent closes the case; the customer says that it is not solved: at that moment, or later with thanks and a rating."""
    agent, tab = scene.agents[0], await scene.second_tab()
    if not await scene.assign(agent):
        return
    await agent.write(scene.conversation)
    seen_seq = await agent.read(scene.conversation)
    not_solved, thanks = scene.writing(scene.rng.choice(_NOT_SOLVED)), scene.writing(scene.rng.choice(_THANKS), tab)
    closing = scene.acting(agent, "resolve", seen_seq=seen_seq)
    if scene.rng.random() < 0.5:
        await scene.meet(closing, not_solved)
    else:
        await closing()
        await scene.meet(not_solved, thanks, scene.customer.rate)
    await scene.customer.hear()
    await scene.finish(agent)


# --- agents who leave ------------------------------------------------------------------------------------------------------


async def write_and_sign_out(scene: Scene) -> None:
    """The agent signs out with the conversation open while the customer writes, and returns to it."""
    agent = scene.agents[0]
    if await scene.assign(agent):
        seen_seq = await agent.read(scene.conversation)
        leaving: list[Call] = [agent.sign_out]
        if scene.rng.random() < 0.5:
            leaving.append(scene.acting(agent, "resolve", seen_seq=seen_seq))
        await scene.meet(scene.writing(), *leaving)
        await agent.sign_in()
        await scene.finish(agent)


async def _write_and_vanish(scene: Scene, how: str) -> None:
    guest, colleague = scene.guests[0], scene.agents[0]
    await guest.sign_in()
    if await scene.assign(guest):
        seen_seq = await guest.read(scene.conversation)
        third = scene.rng.choice(
            (
                scene.acting(guest, "resolve", seen_seq=seen_seq),
                scene.acting(guest, "transfer", note="drill: a race"),
                lambda: guest.write(scene.conversation),
            )
        )
        await scene.meet(scene.writing(), scene.vanishing(guest, how), *scene.rng.choice(((), (third,))))
    else:
        await scene.vanishing(guest, how)()
    await colleague.show_up()


async def account_removed(scene: Scene) -> None:
    """The agent's account is removed or disabled while the customer writes."""
    await _write_and_vanish(scene, scene.rng.choice(("removed", "removed in the database", "disabled")))


async def account_made_editor(scene: Scene) -> None:
    """The agent's account becomes an editor's while the customer writes."""
    await _write_and_vanish(scene, scene.rng.choice(("made editor", "made editor in the database")))


async def pass_on_to_a_vanishing_account(scene: Scene) -> None:
    """A colleague's account is removed while the conversation is transferred to them."""
    agent, guest = scene.agents[0], scene.guests[0]
    await guest.sign_in()
    if await scene.assign(agent):
        how = scene.rng.choice(WAYS_TO_VANISH)
        passing = scene.acting(agent, "transfer", to=guest.login)
        await scene.meet(scene.writing(), scene.vanishing(guest, how), passing)
        await scene.finish(agent)
    else:
        await scene.vanishing(guest, "removed")()


# --- supervisors -----------------------------------------------------------------------------------------------------------


async def supervisor_resolves_a_waiting_one(scene: Scene) -> None:
    """A supervisor closes a queued conversation while the customer writes and an agent claims."""
    supervisor, agent = scene.supervisors[0], scene.agents[0]
    if await scene.queue():
        seen_seq = await supervisor.read(scene.conversation)

        async def close() -> str:
            return f"resolve {await supervisor.resolve_waiting(scene.conversation, seen_seq)}"

        third = scene.claiming(agent) if scene.rng.random() < 0.5 else scene.acting(supervisor, "resolve", seen_seq=seen_seq)
        await scene.meet(scene.writing(), close, third)
        await scene.finish(agent)


async def supervisor_and_agent(scene: Scene) -> None:
    """A supervisor closes, returns or transfers an agent's conversation while the agent and the customer write."""
    supervisor, agent, other = scene.supervisors[0], *scene.agents[:2]
    if await scene.assign(agent):
        await other.show_up()
        seen_seq = await supervisor.read(scene.conversation)
        theirs = scene.rng.choice(
            (
                scene.acting(supervisor, "resolve", seen_seq=seen_seq),
                scene.acting(supervisor, "return", seen_seq=seen_seq),
                scene.acting(supervisor, "transfer", to=other.login),
            )
        )
        own = scene.rng.choice((lambda: agent.write(scene.conversation), scene.acting(agent, "resolve", seen_seq=seen_seq)))
        await scene.meet(scene.writing(), theirs, own)
        await scene.finish(agent, other)


@dataclass(frozen=True)
class Kind:
    """The number of each kind among two hundred races, and the agents, supervisors and vanishing accounts that one needs."""

    play: Callable[[Scene], Awaitable[None]]
    share: int
    agents: int = 0
    supervisors: int = 0
    guests: int = 0


KINDS = {
    "write, resolve": Kind(write_and_resolve, 20, 1),
    "write, return": Kind(write_and_return, 12, 1),
    "pieces, resolve": Kind(pieces_and_resolve, 8, 1),
    "write, reply, resolve twice": Kind(reply_and_resolve, 8, 1),
    "write, transfer to the queue": Kind(write_and_transfer, 10, 2),
    "write, transfer to a colleague": Kind(write_and_pass_on, 8, 2),
    "write, transfer, resolve": Kind(transfer_and_resolve, 6, 2),
    "write, claim": Kind(write_and_claim, 10, 1),
    "write, two claims": Kind(two_claims, 8, 2),
    "write, claim, cancel": Kind(claim_and_cancel, 8, 1),
    "write, cancel": Kind(write_and_cancel, 8),
    "cancel twice": Kind(cancel_twice, 4),
    "cancel, graver words": Kind(cancel_and_graver_words, 8),
    "cancel of a grave wait": Kind(cancel_a_grave_wait, 8),
    "undo twice, write": Kind(undo_and_write, 6),
    "undo, claim, cancel": Kind(undo_and_claim, 6, 1),
    "person twice, write": Kind(person_and_write, 6),
    "one message in two tabs": Kind(one_message_twice, 4),
    "one button in two tabs": Kind(one_button_twice, 4),
    "pieces in two tabs": Kind(two_tabs_write, 6),
    "back after the end": Kind(back_after_the_end, 8, 1),
    "write, sign out": Kind(write_and_sign_out, 6, 1),
    "write, account removed": Kind(account_removed, 4, 1, 0, 1),
    "write, account made editor": Kind(account_made_editor, 4, 1, 0, 1),
    "write, transfer to a vanishing account": Kind(pass_on_to_a_vanishing_account, 4, 1, 0, 1),
    "write, supervisor resolves what waits": Kind(supervisor_resolves_a_waiting_one, 8, 1, 1),
    "write, supervisor and agent": Kind(supervisor_and_agent, 8, 2, 1),
}
SHARES = {name: kind.share for name, kind in KINDS.items()}


@dataclass
class Cast:
    """Agents who take part in one race."""

    agents: list[Agent]
    supervisors: list[Agent]
    guests: list[Agent]


class Races:
    """Runs the races of a drill; `log` has all their moments, and `unmet` the kinds of races whose moment never came."""

    def __init__(self, system: System, sentences: list[str], seed: object, reserved: set[str]) -> None:
        self._system, self._sentences, self._seed, self._reserved = system, sentences, seed, reserved
        self._free: list[Agent] = []
        self._free_supervisors: list[Agent] = []
        self._guests: list[Agent] = []
        self._changed = asyncio.Condition()
        self.agents: list[Agent] = []
        self.customers: list[Customer] = []
        self.log: list[Race] = []
        self.unmet: list[str] = []
        self.vanished: list[Vanished] = []

    async def prepare(self, kinds: list[str]) -> None:
        """Create the accounts of all participants, and sign them in."""
        guests = sum(KINDS[kind].guests for kind in kinds)
        names = {f"racer{i}": f"赛手{i}" for i in range(1, RACERS + 1)}
        leads = {f"lead{i}": f"领班{i}" for i in range(1, SUPERVISORS + 1)}
        leavers = {f"guest{i}": f"过客{i}" for i in range(1, guests + 1)}
        await self._system.add_accounts(names | leavers, PASSWORD)
        await self._system.add_accounts(leads, PASSWORD, "supervisor")
        desks = self._system.desks()
        for number, (login, name) in enumerate((names | leads | leavers).items()):
            rng = random.Random(f"{self._seed}-{login}")
            url = desks[number % len(desks)]
            self.agents.append(Agent(url, login, name, PASSWORD, rng, 2 * _FIRST_NUMBER + number))
        self._free, rest = self.agents[:RACERS], self.agents[RACERS:]
        self._free_supervisors, self._guests = rest[:SUPERVISORS], rest[SUPERVISORS:]
        for agent in (*self._free, *self._free_supervisors):
            await agent.sign_in()

    async def hold(self, number: int, kind: str) -> None:
        """One race, from the customer's arrival to their leaving."""
        rng = random.Random(f"{self._seed}-race{number}")
        async with self._lend(KINDS[kind]) as cast:
            desks = self._system.desks()
            rng.shuffle(desks)
            customer = Customer(_FIRST_NUMBER + number, desks[0], self._sentences, rng, other_url=desks[-1])
            scene = Scene(kind, customer, cast, rng, self._vanish)
            try:
                await customer.open()
                self._reserved.add(scene.conversation)
                await KINDS[kind].play(scene)
            finally:
                self._reserved.discard(scene.conversation)
        if not scene.moments:
            self.unmet.append(kind)
        self.log += scene.moments
        tabs = [customer, *scene.tabs]
        await asyncio.gather(*(tab.linger() for tab in tabs))
        for tab in tabs:
            await tab.leave()
            self.customers.append(tab)

    @asynccontextmanager
    async def _lend(self, kind: Kind) -> AsyncIterator[Cast]:
        """Reserve agents for one race, all at once, so that two races cannot wait for each other."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: len(self._free) >= kind.agents and len(self._free_supervisors) >= kind.supervisors
            )
            cast = Cast(
                [self._free.pop(0) for _ in range(kind.agents)],
                [self._free_supervisors.pop(0) for _ in range(kind.supervisors)],
                [self._guests.pop(0) for _ in range(kind.guests)],
            )
        try:
            yield cast
        finally:
            async with self._changed:
                self._free += cast.agents
                self._free_supervisors += cast.supervisors
                self._changed.notify_all()

    async def _vanish(self, agent: Agent, how: str) -> str:
        """Remove an account while its agent works, in any state of the database."""
        agent.is_gone = True
        for _ in range(_TRIES):
            try:
                await self._system.change_account(agent.login, how)
            except NotFound:
                pass  # an earlier try removed it, and the response was lost
            except (psycopg.Error, Unavailable):
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            self.vanished.append(Vanished(agent.login, agent.name, how, time.time()))
            return f"account {how}"
        raise DrillError(f"the account of {agent.login} could not be changed")
