"""Requests over encrypted lines that believe whom `trust` believes, whatever else is set.

Imports `requests`: imported by a worker thread at its first job, never before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from cockpit.adapters.brokers.workers import CertificateError, NoAnswerError
from cockpit.adapters.trust import TrustError, distrusted, trust

FAILURES = (requests.RequestException, TrustError)
"""What a request through `Encrypted` raises."""


class Encrypted(HTTPAdapter):
    """Checks each certificate; no option of a session and no variable can turn that off."""

    def __init__(self, ca_file: Path | None = None) -> None:
        self._ca_file = ca_file
        super().__init__(max_retries=0)

    @property
    def ca_file(self) -> Path | None:
        """Authorities that are believed besides the usual ones."""
        return self._ca_file

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Lines of the same authorities are shared, others are not."""
        host, _ = super().build_connection_pool_key_attributes(request, True, cert)
        if host["scheme"] != "https":
            return host, {}
        return host, {"cert_reqs": "CERT_REQUIRED", "ssl_context": trust(self.ca_file)}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context checks already; `requests` would add its own authorities to it."""
        del url, verify, cert
        conn.cert_reqs = "CERT_REQUIRED"


def no_answer(error: Exception) -> NoAnswerError | CertificateError:
    """What a request that failed means; its own text may hold headers, and so keys."""
    why = distrusted(error)
    return CertificateError(why) if why else NoAnswerError(type(error).__name__)
