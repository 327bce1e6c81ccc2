"""Which source answers, what is remembered of it, and how much may be asked."""
