"""Who writes prose: the template writer is always there."""
