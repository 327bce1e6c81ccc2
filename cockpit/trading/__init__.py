"""The one door to the broker: every order, human or not, goes through here."""
