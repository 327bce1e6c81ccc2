"""The settings file from the window: what there is to set, what holds, and safe changes of it."""
