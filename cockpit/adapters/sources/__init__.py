"""Vendors of research data: each asked by REST, with what they share."""
