"""Writes a recap from blocks: offline, same facts in, same bytes out."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence

from cockpit.adapters.writers.template.blocks import Blocks, Ends, Lines, load_blocks, load_frame
from cockpit.domain.fact import Fact
from cockpit.kernel.resources import resource
from cockpit.kernel.settings import SettingsModel
from cockpit.ports.writer import Draft, DraftRequest, WriterError

NAME = "template"
KINDS = ("daily", "weekly", "digest", "devlog", "post-mortem")


class TemplateSettings(SettingsModel):
    """Where the writer speaks from, relative to the resources folder: a file of blocks a kind."""

    blocks: str = "templates"
    voice: str = "voice/owner.toml"


class TemplateWriter:
    """Implements `ports.writer.Writer`; a kind's files are read when it is first asked for."""

    def __init__(self, settings: TemplateSettings | None = None) -> None:
        self._settings = settings or TemplateSettings()
        self._loaded: dict[str, tuple[Blocks, Ends]] = {}

    @property
    def name(self) -> str:
        """`template`."""
        return NAME

    async def draft(self, request: DraftRequest) -> Draft:
        """Write from the facts alone; notes and objections change nothing.

        Raises WriterError for a kind without blocks and for files that can't be used.
        """
        if request.kind not in KINDS:
            raise WriterError(
                f"no blocks for {request.kind}",
                user_text=f"There are no text blocks for a {request.kind} recap; "
                f"the kinds are: {', '.join(KINDS)}.",
            )
        if request.kind not in self._loaded:
            self._loaded[request.kind] = await asyncio.to_thread(self._load, request.kind)
        page = _Page(request, *self._loaded[request.kind])
        return Draft(title=page.title(), body=page.body(), writer=NAME)

    def _load(self, kind: str) -> tuple[Blocks, Ends]:
        blocks = load_blocks(resource(f"{self._settings.blocks}/{kind}.toml"))
        return blocks, load_frame(resource(self._settings.voice)).of(kind)


class _Page:
    def __init__(self, request: DraftRequest, blocks: Blocks, ends: Ends) -> None:
        self._blocks = blocks
        own = request.openings, request.closings
        self._intro = ends.intro if own[0] is None else own[0]
        self._closing = ends.closing if own[1] is None else own[1]
        self._facts = {fact.id: fact for fact in request.facts}
        self._mood = mood_of(self._facts)
        self._flags = flags_of(self._facts, self._mood)
        # the day's own facts choose the wording, so two days differ and one day doesn't
        self._seed = "\x1f".join([request.day, *(f"{f.id}={f.text}" for f in request.facts)])

    def title(self) -> str:
        return self._pick("title", self._blocks.title[self._mood])

    def body(self) -> str:
        parts = [self._end("intro", self._intro)]
        parts += map(self._paragraph, range(len(self._blocks.paragraph)))
        parts += (list_of(lines, self._facts) for lines in self._blocks.list)
        parts.append(self._end("closing", self._closing))
        return "\n\n".join(filter(None, parts))

    def _end(self, what: str, by_mood: Mapping[str, Sequence[str]]) -> str:
        texts = by_mood.get(self._mood, ())
        return self._pick(what, texts) if texts else ""

    def _paragraph(self, number: int) -> str:
        paragraph = self._blocks.paragraph[number]
        said = [
            self._pick(f"{paragraph.name}.{place}", sentence.text)
            for place, sentence in enumerate(paragraph.sentence)
            if self._flags.issuperset(sentence.when)
        ]
        return " ".join(said)

    def _pick(self, what: str, texts: Sequence[str]) -> str:
        digest = hashlib.sha256(f"{what}\x1f{self._seed}".encode()).digest()
        return texts[int.from_bytes(digest[:4], "big") % len(texts)]


def list_of(lines: Lines, facts: Mapping[str, Fact]) -> str:
    """A list as Markdown, empty when there are too few things to list."""
    roots = [
        id_.removesuffix(lines.name)
        for id_, fact in facts.items()
        if id_.startswith(f"{lines.of}.") and id_.endswith(lines.name)
        and fact.unit.value == lines.unit
    ]  # fmt: skip
    if len(roots) < lines.least:
        return ""
    said = [f"- {lines.text.replace('ROOT', root)}" for root in roots]
    return "\n".join([lines.heading, "", *said] if lines.heading else said)


def mood_of(facts: Mapping[str, Fact]) -> str:
    """What the facts sound like; the words of it are the keys of titles, openings and closings.

    A digest is `up`, `down` or `mixed`. A devlog is `none` without orders, `rough` when one was
    rejected or never answered, else `smooth`. All others are `win`, `loss` or `level` by their
    net, and without a closed trade `carried` or `none`; `several` where money of several
    currencies has no net.
    """
    if "rising" in facts:
        up, down = _value(facts, "rising"), _value(facts, "falling")
        return "up" if up > down else "down" if up < down else "mixed"
    if "orders" in facts:
        rough = _value(facts, "rejected") + _value(facts, "unknown")
        return "none" if not _value(facts, "orders") else "rough" if rough else "smooth"
    if facts["net"].value is None:
        return "several"
    if "trades" in facts and _value(facts, "trades") == 0:
        return "carried" if _value(facts, "shares") != 0 else "none"
    net = facts["net"].sign
    return "win" if net > 0 else "loss" if net < 0 else "level"


def flags_of(facts: Mapping[str, Fact], mood: str) -> frozenset[str]:
    """What a sentence may ask for in its `when`."""
    flags = {mood, "many:trades" if _value(facts, "trades") > 1 else "no:many"}
    flags.add("over:days" if "opened.date" in facts else "over:day")
    for id_, fact in facts.items():
        if fact.undefined:
            flags.add(f"undefined:{id_}")
        if fact.value is None:
            continue
        flags.add(f"has:{id_}")
        flags.add(f"some:{id_}" if fact.value != 0 else f"no:{id_}")
        if fact.sign:
            flags.add(f"{'plus' if fact.sign > 0 else 'minus'}:{id_}")
    return frozenset(flags)


def _value(facts: Mapping[str, Fact], id_: str) -> int:
    fact = facts.get(id_)
    return 0 if fact is None or fact.value is None else int(fact.value)
