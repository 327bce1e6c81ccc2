"""Health checks before the open and all day long: what is wrong, why, and what to do next."""
