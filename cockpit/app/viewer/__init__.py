"""A second window on a running cockpit: it shows everything and can do nothing."""
