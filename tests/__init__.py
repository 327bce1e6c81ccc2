"""Makes this folder win over a package that ships a `tests` of its own (robin-stocks does)."""
