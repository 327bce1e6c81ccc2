"""Charts painted by hand: geometry in plain arrays, one paint path, no retained scene."""
