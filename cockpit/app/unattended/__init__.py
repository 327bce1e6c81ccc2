"""Sessions without a window, and the report that they leave."""
