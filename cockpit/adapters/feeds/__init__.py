"""Sources of market data, chosen by name in the settings."""
