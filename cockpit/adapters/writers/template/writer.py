"""Writes a recap from blocks: offline, same facts in, same bytes out."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence

from cockpit.adapters.writers.template.blocks import Blocks, Frame, load_blocks, load_frame
from cockpit.domain.fact import Fact, Unit
from cockpit.kernel.resources import resource
from cockpit.kernel.settings import SettingsModel
from cockpit.ports.writer import Draft, DraftRequest, WriterError

NAME = "template"


class TemplateSettings(SettingsModel):
    """Which shipped files the writer speaks from, relative to the resources folder."""

    blocks: str = "templates/daily.toml"
    voice: str = "voice/owner.toml"


class TemplateWriter:
    """Implements `ports.writer.Writer`; the files are read when the first draft is asked for."""

    def __init__(self, settings: TemplateSettings | None = None) -> None:
        self._settings = settings or TemplateSettings()
        self._loaded: tuple[Blocks, Frame] | None = None

    @property
    def name(self) -> str:
        """`template`."""
        return NAME

    async def draft(self, request: DraftRequest) -> Draft:
        """Write from the facts alone; notes and objections change nothing.

        Raises WriterError for a kind without blocks and for files that can't be used.
        """
        if request.kind != "daily":
            raise WriterError(
                f"no blocks for {request.kind}",
                user_text=f"There are no text blocks for a {request.kind} recap yet; "
                "choose the daily kind.",
            )
        if self._loaded is None:
            self._loaded = await asyncio.to_thread(self._load)
        blocks, frame = self._loaded
        page = _Page(request, blocks, frame)
        return Draft(title=page.title(), body=page.body(), writer=NAME)

    def _load(self) -> tuple[Blocks, Frame]:
        blocks = load_blocks(resource(self._settings.blocks))
        return blocks, load_frame(resource(self._settings.voice))


class _Page:
    def __init__(self, request: DraftRequest, blocks: Blocks, frame: Frame) -> None:
        self._blocks = blocks
        self._frame = frame
        self._facts = {fact.id: fact for fact in request.facts}
        self._mood = mood_of(self._facts)
        self._flags = flags_of(self._facts, self._mood)
        # the day's own facts choose the wording, so two days differ and one day doesn't
        self._seed = "\x1f".join([request.day, *(f"{f.id}={f.text}" for f in request.facts)])

    def title(self) -> str:
        return self._pick("title", self._blocks.title[self._mood])

    def body(self) -> str:
        parts = [self._pick("intro", self._frame.intro[self._mood])]
        parts += filter(None, map(self._paragraph, range(len(self._blocks.paragraph))))
        parts += filter(None, ["\n".join(self._open()), self._by_symbol()])
        parts.append(self._pick("closing", self._frame.closing[self._mood]))
        return "\n\n".join(parts)

    def _paragraph(self, number: int) -> str:
        paragraph = self._blocks.paragraph[number]
        said = [
            self._pick(f"{paragraph.name}.{place}", sentence.text)
            for place, sentence in enumerate(paragraph.sentence)
            if self._flags.issuperset(sentence.when)
        ]
        return " ".join(said)

    def _open(self) -> Iterable[str]:
        held = [id_ for id_ in self._facts if id_.startswith("open.")]
        return [f"- {{{{fact:{id_}}}}}" for id_ in held]

    def _by_symbol(self) -> str:
        names = [f.id for f in self._facts.values() if _is_group(f, "symbol")]
        if len(names) < 2:
            return ""
        lines = [
            f"- **{{{{fact:{id_}}}}}**: {{{{fact:{id_}.net}}}} over {{{{fact:{id_}.trades}}}}"
            for id_ in names
        ]
        return "\n".join(["By symbol, after fees:", "", *lines])

    def _pick(self, what: str, texts: Sequence[str]) -> str:
        digest = hashlib.sha256(f"{what}\x1f{self._seed}".encode()).digest()
        return texts[int.from_bytes(digest[:4], "big") % len(texts)]


def mood_of(facts: Mapping[str, Fact]) -> str:
    """`win`, `loss` or `level` by the net of closed trades; else `carried` or `none`."""
    if _value(facts, "trades") == 0:
        return "carried" if _value(facts, "shares") != 0 else "none"
    net = facts["net"].sign
    return "win" if net > 0 else "loss" if net < 0 else "level"


def flags_of(facts: Mapping[str, Fact], mood: str) -> frozenset[str]:
    """What a sentence may ask for in its `when`."""
    flags = {mood, "many:trades" if _value(facts, "trades") > 1 else "no:many"}
    for id_, fact in facts.items():
        if fact.value is None:
            continue
        flags.add(f"has:{id_}")
        flags.add(f"some:{id_}" if fact.value != 0 else f"no:{id_}")
    return frozenset(flags)


def _is_group(fact: Fact, kind: str) -> bool:
    return fact.unit is Unit.TEXT and fact.id == f"{kind}.{fact.text}"


def _value(facts: Mapping[str, Fact], id_: str) -> int:
    fact = facts.get(id_)
    return 0 if fact is None or fact.value is None else int(fact.value)
