"""A model's answer, piece by piece, and what it is when it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cockpit.adapters.writers.openai.complaints import refused
from cockpit.ports.writer import Draft

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion, ChatCompletionChunk
    from openai.types.completion_usage import CompletionUsage

MAX_CHARACTERS = 60_000


class Answer:
    """Collects the text; raises WriterError for what is no draft."""

    def __init__(self) -> None:
        self.model = ""
        self.used: tuple[int, int] | None = None
        self.length = 0
        self._pieces: list[str] = []
        self._declined = False
        self._ended = ""

    def take_chunk(self, chunk: ChatCompletionChunk) -> None:
        """One piece of a stream."""
        self._take_head(chunk.model, chunk.usage)
        for choice in chunk.choices[:1]:
            self._take(choice.delta.content, choice.delta.refusal, choice.finish_reason)

    def take_whole(self, answer: ChatCompletion) -> None:
        """An answer that came at once."""
        self._take_head(answer.model, answer.usage)
        for choice in answer.choices[:1]:
            self._take(choice.message.content, choice.message.refusal, choice.finish_reason)

    def _take_head(self, model: str | None, usage: CompletionUsage | None) -> None:
        self.model = model or self.model
        if usage is not None:
            self.used = (max(0, int(usage.prompt_tokens)), max(0, int(usage.completion_tokens)))

    def _take(self, text: str | None, refusal: str | None, ended: str | None) -> None:
        self._declined = self._declined or bool(refusal)
        self._ended = ended or self._ended
        if text:
            self._pieces.append(text)
            self.length += len(text)
        if self.length > MAX_CHARACTERS:
            raise refused("more text than a recap has room for", "its answer had no end")

    def draft(self, writer: str, model: str) -> Draft:
        """The draft. Raises WriterError when the model declined or did not come to an end."""
        if self._declined or self._ended == "content_filter":
            raise refused("it declined", "the model declined to write it")
        if self._ended == "length":
            raise refused("cut at the limit of tokens", "its answer was cut off")
        if self._ended != "stop":
            raise refused(f"ended by {self._ended!r}", "its answer broke off")
        return draft_of("".join(self._pieces), writer, self.model or model)


def draft_of(text: str, writer: str, model: str) -> Draft:
    """The first line is the title, the rest the body."""
    title, _, body = text.strip().partition("\n")
    if not body.strip():
        raise refused("no title and body", "its answer had no title and body")
    return Draft(title=title.lstrip("# ").strip(), body=body.strip(), writer=writer, model=model)
