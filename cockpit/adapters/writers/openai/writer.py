"""Asks a model for a draft: one request, streamed, bounded in time, tokens and length."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from cockpit.adapters.addresses import ON_THIS_MACHINE
from cockpit.adapters.writers.openai.answer import Answer
from cockpit.adapters.writers.openai.budget import Budget
from cockpit.adapters.writers.openai.complaints import KEY_REFUSED, complaint
from cockpit.adapters.writers.openai.health import (
    Asked,
    answer_check,
    budget_check,
    key_check,
    unknown_budget,
)
from cockpit.adapters.writers.openai.prompt import messages
from cockpit.adapters.writers.openai.settings import OpenAiSettings
from cockpit.kernel.log import REDACTOR
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check
from cockpit.ports.vault import Vault, VaultError
from cockpit.ports.writer import Draft, DraftRequest, Used, WriterError, vault_name

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletionMessageParam

NAME = "openai"
_LETTERS_A_TOKEN = 3
"""On the safe side: English has about four letters a token, ids and figures fewer."""


class OpenAiWriter:
    """Implements `ports.writer.StreamingWriter`. The SDK is loaded with the first draft.

    The SDK retries nothing here: what fails goes to the template writer at once, and what it
    may have cost stays counted.
    """

    def __init__(
        self, settings: OpenAiSettings, *, vault: Vault | None, budget: Budget, clock: Clock
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._last: Asked | None = None
        self._vault = vault
        self._budget = budget

    @property
    def name(self) -> str:
        """`openai`."""
        return NAME

    @property
    def budget(self) -> Budget:
        """What it used today."""
        return self._budget

    async def used(self) -> Used:
        """What it used today. Raises WriterError."""
        own, today = self._settings, await self._budget.used()
        return Used(
            day=today.day,
            tokens=today.tokens,
            most_tokens=own.daily_tokens,
            cost=today.cost,
            most_cost=own.daily_cost if own.price_in or own.price_out else Decimal(0),
        )

    async def checks(self) -> Sequence[Check]:
        """Its key, its budget of the day, its last draft. Asks nobody: a question would cost."""
        trouble = "" if await self._has_key() else "No key is stored for the model."
        try:
            budget = budget_check(await self.used(), self._settings)
        except WriterError as error:
            budget = unknown_budget(error.user_text)
        key = key_check(trouble, is_needed=not self._is_here, last=self._last, refusal=KEY_REFUSED)
        return key, budget, answer_check(self._last)

    async def _has_key(self) -> bool:
        """Whether there is one, or none is needed. Raises VaultError."""
        if self._is_here or self._vault is None:
            return self._is_here
        return bool(await self._vault.get(vault_name(NAME)))

    @property
    def _is_here(self) -> bool:
        """Whether the server is on this machine, where it asks for no key."""
        return urlsplit(self._settings.base_url).hostname in ON_THIS_MACHINE

    async def draft(self, request: DraftRequest) -> Draft:
        """Write. Raises WriterError."""
        return await self.stream(request, lambda _characters: None)

    async def stream(self, request: DraftRequest, told: Callable[[int], None]) -> Draft:
        """Write, and tell the characters so far. Raises WriterError."""
        try:
            draft = await self._write(request, told)
        except WriterError as error:
            self._last = Asked(self._clock.now_ns(), error.why)
            raise
        self._last = Asked(self._clock.now_ns())
        return draft

    async def _write(self, request: DraftRequest, told: Callable[[int], None]) -> Draft:
        said = messages(request)
        key = await self._key()
        letters = sum(len(message["content"]) for message in said)
        reserved = (letters // _LETTERS_A_TOKEN + 1, self._settings.max_answer_tokens)
        await self._budget.reserve(*reserved)
        answer = Answer()
        try:
            # imports a second of modules and reads certificates: neither on the loop nor timed
            client = await asyncio.to_thread(_client, self._settings, key)
            async with client, asyncio.timeout(self._settings.answer_timeout_s):
                await self._ask(client, said, answer, told)
        except WriterError:
            raise
        except Exception as error:  # whatever a library makes of a bad line or body
            raise complaint(error) from error
        finally:
            if answer.used is not None:
                await self._budget.settle(reserved, answer.used)
        return answer.draft(NAME, self._settings.model)

    async def _ask(
        self,
        client: AsyncOpenAI,
        said: list[dict[str, str]],
        answer: Answer,
        told: Callable[[int], None],
    ) -> None:
        own, completions = self._settings, client.chat.completions
        talk = cast("list[ChatCompletionMessageParam]", said)
        most = own.max_answer_tokens
        if not own.stream:
            whole = await completions.create(
                model=own.model, messages=talk, max_completion_tokens=most
            )
            answer.take_whole(whole)
            told(answer.length)
            return
        chunks = await completions.create(
            model=own.model,
            messages=talk,
            max_completion_tokens=most,
            stream=True,
            stream_options={"include_usage": True},
        )
        async with chunks:
            async for chunk in chunks:
                answer.take_chunk(chunk)
                told(answer.length)

    async def _key(self) -> str:
        name = vault_name(NAME)
        try:
            stored = None if self._vault is None else await self._vault.get(name)
        except VaultError as error:
            raise WriterError(
                f"{name}: {error}", user_text=error.user_text, why="its key can't be read"
            ) from error
        if stored:
            REDACTOR.hide(stored)
            return stored
        if self._is_here:
            return "none"  # the SDK wants one; a server here asks for none
        raise WriterError(
            f"no {name}",
            user_text="No key is stored for the model. Nothing was asked of it; store one: "
            "cockpit writer key openai",
            why="no key is stored for it",
        )


def _client(own: OpenAiSettings, key: str) -> AsyncOpenAI:
    import httpx2
    from openai import AsyncOpenAI

    from cockpit.adapters.trust import trust

    patience = httpx2.Timeout(own.silence_timeout_s, connect=own.connect_timeout_s)
    # a redirect would carry notes and figures to an address that nobody chose
    http = httpx2.AsyncClient(verify=trust(own.ca_file), timeout=patience, follow_redirects=False)
    return AsyncOpenAI(
        api_key=key, base_url=own.base_url, timeout=patience, max_retries=0, http_client=http
    )
