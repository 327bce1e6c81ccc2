"""The command line. Only `run`, `demo` and a windowed `replay` load Qt, and only when called."""
