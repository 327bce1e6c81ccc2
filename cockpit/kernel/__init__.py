"""What every program needs and no trader has heard of: bus, tasks, time, settings, log."""
