"""The composition root: the one place that names concrete classes and fits them together. Nothing is opened at import."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import prompts
from concierge.bus.address import BrokerAddress, from_environment, write_private
from concierge.bus.log import Log
from concierge.bus.mqtt import DeviceEdge, OnState
from concierge.bus.server import Broker
from concierge.connectors.staff_im import StaffIm
from concierge.domain.errors import Unavailable
from concierge.domain.event import now
from concierge.domain.hotel import Property
from concierge.domain.people import SERVICE, Actor
from concierge.files import Files
from concierge.property import load
from concierge.service.commands import RecordDeviceState
from concierge.service.handlers import Service
from concierge.service.ports import World
from concierge.service.seed import seed
from concierge.service.texts import Phrases
from concierge.settings import Settings
from concierge.timers import Clockwork
from concierge.understanding import cascade, vocabulary
from concierge.views.projector import Projector
from concierge.views.store import Store
from concierge.views.views import Views
from concierge.voice.announcing import announce
from concierge.voice.call import CallBrain
from concierge.voice.chat import Chat
from concierge.voice.commit import Committer
from concierge.voice.deliberation import Deliberation
from concierge.voice.dialogues import Dialogues
from concierge.voice.model_facts import choices
from concierge.voice.plan import Planner
from concierge.voice.push_to_talk import Emit, Utterance
from concierge.voice.replies import LANGUAGES, Replies, standing
from concierge.voice.step import Tell
from concierge.voice.steps import Steps
from intents import Decision
from intents.catalogue import check
from intents.dialogue import Resolver
from intents.language_model import LanguageModel
from intents.router import Router
from intents.vocabulary import merged
from media.asr import Asr
from media.opus import Decoder
from media.playout import Playout
from media.rtc import RtcCall, answer
from media.rtc_peer import Ice, IceServer
from media.session import Settings as VoiceSettings
from media.session import VoiceSession
from media.tts import CachedVoice
from media.vad import Vad
from media.voices import load_voices

log = logging.getLogger(__name__)
UNANSWERED = timedelta(hours=24)
"""How far back the service looks at its start for words that it did not get to answer."""


class House:
    """One property with all that serves it. Made by :func:`open_house`."""

    def __init__(
        self,
        settings: Settings,
        property: Property,
        address: BrokerAddress,
        stream: Log,
        service: Service,
        views: Views,
        devices: DeviceEdge,
        asr: Asr,
        voice: CachedVoice,
        router: Router,
        model: LanguageModel | None,
        staff_im: StaffIm,
    ) -> None:
        self.settings = settings
        self.property = property
        self.address = address
        self.log = stream
        self.service = service
        self.views = views
        self.devices = devices
        self.staff_im = staff_im
        self._asr = asr
        self._voice = voice
        self._replies = Replies(property)
        self._understander = router
        steps = Steps(service, devices, views, property, self._replies)
        self._committer = Committer(steps, self._replies, service)
        resolver = Resolver.load(vocabulary(property), self._understander.understand)
        self._planner = Planner(resolver, property, self._replies)
        self._dialogues = Dialogues(property)
        self._deliberation = Deliberation(model, views, self._planner, property, self._replies)
        self.chat = Chat(
            service=service,
            committer=self._committer,
            understander=self._understander,
            planner=self._planner,
            dialogues=self._dialogues,
            deliberation=self._deliberation,
        )
        self._ice = Ice(tuple(IceServer.of(url) for url in settings.ice_servers))
        self._calls: set[RtcCall] = set()
        self._offers = 0
        """Offers that are being answered: they hold a line already."""
        self._running: set[asyncio.Task[None]] = set()

    async def start_call(self, offer_sdp: str, actor: Actor, lang: str | None) -> RtcCall:
        """Answer a WebRTC offer. Raises :class:`media.rtc.BadSdp` or :class:`Unavailable`."""
        if len(self._calls) + self._offers >= self.settings.max_calls:
            raise Unavailable(f"all {self.settings.max_calls} lines are busy: try again in a moment")
        self._offers += 1
        try:
            return await self._answer(offer_sdp, actor, lang)
        finally:
            self._offers -= 1

    async def _answer(self, offer_sdp: str, actor: Actor, lang: str | None) -> RtcCall:
        playout = Playout()
        holder: list[RtcCall] = []

        def tell(event: dict[str, Any]) -> None:
            if holder:
                holder[0].send_event(event)

        stay_lang = lang or self._language_of(actor)
        brain = self._brain(actor, stay_lang, tell)
        languages = (lang,) if lang else self.property.languages
        session = VoiceSession(
            asr=self._asr,
            voice=self._voice,
            vad=await asyncio.to_thread(Vad),
            playout=playout,
            brain=brain,
            emit=tell,
            settings=VoiceSettings(lang=stay_lang, languages=languages, apology=self._apologies),
        )
        call = await answer(
            offer_sdp,
            on_audio=session.feed,
            playout=playout,
            on_closed=lambda reason: session.close(),
            ice=self._ice,
        )
        holder.append(call)
        self._calls.add(call)
        task = asyncio.create_task(self._run_call(call, session, brain, actor), name=brain.id)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return call

    async def start_push_to_talk(self, actor: Actor, lang: str | None, emit: Emit) -> Utterance:
        """For clients without WebRTC: the sound comes over the socket, the answers go to ``emit`` as frames."""
        told: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        brain = self._brain(actor, lang or self._language_of(actor), told.put_nowait)
        return Utterance(brain, told, self._asr, lang, emit)

    async def transcribe(self, sound: NDArray[np.float32], lang: str | None) -> str:
        """A voice note's words."""
        return (await self._asr.hear_long(sound, lang)).text

    def _brain(self, actor: Actor, lang: str, tell: Tell) -> CallBrain:
        return CallBrain(
            f"c-{secrets.token_hex(8)}",
            actor,
            lang,
            service=self.service,
            committer=self._committer,
            understander=self._understander,
            planner=self._planner,
            dialogues=self._dialogues,
            property=self.property,
            tell=tell,
            deliberation=self._deliberation,
        )

    async def unready(self) -> Sequence[str]:
        """What keeps the house from serving guests now; empty: it is ready."""
        missing = []
        try:
            async with asyncio.timeout(2):
                await self.log.last(f"h.{self.property.id}.space.none")
        except (Unavailable, TimeoutError, OSError):
            missing.append("the broker does not answer")
        if not self.devices.connected:
            missing.append("the device edge is not connected to MQTT")
        return missing

    async def close_calls(self) -> None:
        for call in list(self._calls):
            await call.close("the service stops")
        if self._running:
            await asyncio.wait(set(self._running), timeout=5)
        await self.chat.drained()

    async def _run_call(self, call: RtcCall, session: VoiceSession, brain: CallBrain, actor: Actor) -> None:
        """A call is one task group (in ``session``): whatever fails in it ends this call and no other."""
        news = asyncio.create_task(announce(self.log, self.service, self._replies, actor.stay, session)) if actor.stay else None
        try:
            await session.run()
        except Exception:
            log.exception("call %s failed", brain.id)
        finally:
            if news:
                news.cancel()
                await asyncio.gather(news, return_exceptions=True)
            await call.close()
            self._calls.discard(call)
            await brain.drained()

    @property
    def _apologies(self) -> Mapping[str, str]:
        return {lang: self._replies.sentence([self._replies.text("apology.again", lang)], lang) for lang in LANGUAGES}

    def _language_of(self, actor: Actor) -> str:
        space = self.property.spaces.get(actor.space)
        return space.language if space else self.property.languages[0]


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """The property, ready to serve: broker, log, views, devices, speech. Everything it starts it stops.

    Raises PropertyError, StateLocked, BrokerFailed, AsrError or SettingsError, each saying what to do.
    """
    property = load(settings.property_file)
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)  # guests' words and names lie in it
    # Loading models takes longest and needs no broker: beside it.
    speech = asyncio.create_task(asyncio.to_thread(_load_speech, settings))
    router = asyncio.create_task(asyncio.to_thread(cascade, property, settings.stages))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_settled, speech)
        stack.push_async_callback(_settled, router)
        model = _language_model(property, settings, stack)
        address = from_environment()
        if address is None:
            broker = await stack.enter_async_context(
                Broker(settings.state, mqtt_port=settings.mqtt_port, mqtt_host=settings.mqtt_host)
            )
            address = broker.address
        stream = await Log.open(address, property.id)
        stack.push_async_callback(stream.close)
        store = Store.open(settings.state / "views.db")
        stack.push_async_callback(store.close)
        views = Views(store)
        projector = Projector(store, stream, property.id)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(projector.run(), name="projector")]
            devices = DeviceEdge(property, address.mqtt, None)
            secret = _secret(settings.state)
            world = World(
                stream, property, devices, views, Phrases.load(), secret, now, _check_slots, Files(settings.state / "files")
            )
            service = Service(world)
            devices.on_state = _recorder(service)
            tasks.append(group.create_task(devices.run(), name="devices"))
            tasks.append(group.create_task(Clockwork(service, views, stream).run(), name="timers"))
            await seed(service)
            staff_im = await StaffIm.open(service)
            tasks.append(group.create_task(staff_im.run(), name="staff IM"))
            asr, voice = await speech
            house = House(settings, property, address, stream, service, views, devices, asr, voice, await router, model, staff_im)
            tasks.append(group.create_task(_resume(house), name="unanswered words"))
            try:
                yield house
            finally:
                await house.close_calls()
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
                await staff_im.close()


async def _resume(house: House) -> None:
    """What guests said shortly before the last end of the service is answered now."""
    try:
        if found := await house.chat.resume(now() - UNANSWERED):
            log.warning("%d messages of guests had no answer yet: they have one now, or a person is asked", found)
    except Unavailable as away:
        log.error("words of before this start were not looked for: %s", away)


def _language_model(property: Property, settings: Settings, stack: AsyncExitStack) -> LanguageModel | None:
    """The property's models, if it has any and the stage is wanted; they get ready beside everything else."""
    named = choices(property, settings)
    if not named or (settings.stages is not None and "model" not in settings.stages):
        return None
    model = LanguageModel(named, merged(vocabulary(property)))
    loading = asyncio.create_task(model.load())
    stack.push_async_callback(model.close)
    stack.push_async_callback(_settled, loading)
    loading.add_done_callback(_told)
    return model


def _told(loading: asyncio.Task[Sequence[str]]) -> None:
    if not loading.cancelled() and not loading.exception():
        for absent in loading.result():
            log.warning("language model %s", absent)


def _load_speech(settings: Settings) -> tuple[Asr, CachedVoice]:
    """Loaded and used once: what a library does at its first use is not for the first guest to wait for."""
    asr = Asr.load(
        settings.asr_path, device=settings.asr_device, threads=settings.asr_threads, prompts=prompts.by_language("asr")
    )
    voice = load_voices(settings.voices)
    voice.warm(standing())
    Vad().feed(np.zeros(1600, np.int16))
    Decoder()
    return asr, voice


def _check_slots(intent: str, slots: Mapping[str, Any]) -> str | None:
    return check(Decision(intent, dict(slots)))


def _recorder(service: Service) -> OnState:
    """A device's own state, onto the log. The same state twice is one entry, so the client id need only be new."""

    async def record(space: str, device: str, state: Mapping[str, Any]) -> None:
        try:
            await service.do(RecordDeviceState(space, device, state), SERVICE, f"state-{secrets.token_hex(8)}")
        except Unavailable:
            log.warning("%s/%s: its state is not on the log: the broker is away", space, device)

    return record


def _secret(state: Path) -> bytes:
    """What room codes are made with: 32 bytes, made at the first start (0600)."""
    file = state / "room.key"
    if not file.exists():
        write_private(file, secrets.token_hex(32))
    return bytes.fromhex(file.read_text("ascii").strip())


async def _settled(task: asyncio.Task[Any]) -> None:
    """Loading cannot be interrupted: it is waited for, and what went wrong is told by whoever awaited it."""
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
