"""How the toy lets people in: password, one-time code, approval in the app, tokens that end."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

import pyotp.totp
from aiohttp import web

USERNAME = "toy@example.com"
PASSWORD = "toy-password-000000000001"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LASTS_S = 86_400


@dataclass
class Door:
    """What is asked of a person, and who is in.

    `mfa` wants a one-time code, `approval` the person's word in the app: "issued" until they
    answer, then "validated" or "denied"; `challenge` is how it is asked for. `status` and
    `html` spoil the answers of the token address. `forms` holds every post to it.
    """

    mfa: bool = False
    approval: str = ""
    challenge: str = "prompt"
    status: int = 0
    html: bool = False
    lasts_s: float = LASTS_S
    forms: list[dict[str, str]] = field(default_factory=list)
    machines: list[str] = field(default_factory=list)
    approved: set[str] = field(default_factory=set)
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    secrets: list[str] = field(default_factory=lambda: [PASSWORD, TOTP])
    _count: Any = field(default_factory=lambda: itertools.count(1))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/oauth2/token/", self._token),
            web.post("/pathfinder/user_machine/", self._machine),
            web.get("/pathfinder/inquiries/{machine}/user_view/", self._seen),
            web.post("/pathfinder/inquiries/{machine}/user_view/", self._continued),
            web.get("/push/{challenge}/get_prompts_status/", self._prompt),
        ]

    def knows(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme == "Bearer" and token in self.access

    def end_all(self) -> None:
        """Every access token ends now; refreshing still works."""
        self.access.clear()

    def end_refresh(self) -> None:
        self.refresh.clear()

    async def _token(self, request: web.Request) -> web.Response:
        form = {k: str(v) for k, v in (await request.post()).items()}
        self.forms.append(form)
        if self.html:
            return web.Response(status=self.status or 200, text="<html>Wait</html>")
        if self.status:
            headers = {"Retry-After": "30"} if self.status == 429 else None
            told = {"detail": "Request was throttled."}
            return web.json_response(told, status=self.status, headers=headers)
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form)
        return self._by_password(form)

    def _refreshed(self, form: dict[str, str]) -> web.Response:
        if form.get("refresh_token") not in self.refresh or not form.get("device_token"):
            return web.json_response({"error": "invalid_grant"}, status=401)
        self.refresh.discard(form["refresh_token"])
        return self._let_in()

    def _by_password(self, form: dict[str, str]) -> web.Response:
        if (form.get("username"), form.get("password")) != (USERNAME, PASSWORD):
            told = {"detail": "Unable to log in with provided credentials."}
            return web.json_response(told, status=400)
        if self.mfa and "mfa_code" not in form:
            return web.json_response({"mfa_required": True, "mfa_type": "app"})
        if self.mfa and form["mfa_code"] not in self._codes():
            return web.json_response({"detail": "Please enter a valid code."}, status=400)
        device = form.get("device_token", "")
        if self.approval and device not in self.approved:
            workflow = {"id": "workflow-1", "workflow_status": "workflow_status_internal"}
            return web.json_response({"verification_workflow": workflow}, status=403)
        return self._let_in()

    def _codes(self) -> set[str]:
        return {pyotp.totp.TOTP(TOTP).at(int(time.time()) + 30 * step) for step in (-1, 0, 1)}

    def _let_in(self) -> web.Response:
        number = next(self._count)
        access, refresh = f"toyaccess{number:030d}", f"toyrefresh{number:030d}"
        self.access.add(access)
        self.refresh.add(refresh)
        self.secrets += [access, refresh]
        return web.json_response(
            {
                "access_token": access,
                "refresh_token": refresh,
                "expires_in": self.lasts_s,
                "token_type": "Bearer",
                "scope": "internal",
                "mfa_code": None,
                "backup_code": None,
            }
        )

    async def _machine(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if asked["flow"] != "suv" or asked["input"]["workflow_id"] != "workflow-1":
            return web.json_response({"detail": "Not found."}, status=404)
        self.machines.append(asked["device_id"])
        return web.json_response({"id": f"machine-{len(self.machines)}"})

    async def _seen(self, _request: web.Request) -> web.Response:
        status = self.approval if self.challenge != "prompt" else "issued"
        challenge = {"id": "challenge-1", "type": self.challenge, "status": status}
        return web.json_response({"context": {"sheriff_challenge": challenge}})

    async def _prompt(self, _request: web.Request) -> web.Response:
        return web.json_response({"challenge_status": self.approval})

    async def _continued(self, request: web.Request) -> web.Response:
        if self.approval != "validated":
            return web.json_response(
                {"type_context": {"result": "workflow_status_internal_pending"}}
            )
        number = int(request.match_info["machine"].removeprefix("machine-"))
        self.approved.add(self.machines[number - 1])
        return web.json_response({"type_context": {"result": "workflow_status_approved"}})
