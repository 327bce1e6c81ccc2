"""What a person is told: alerts, and the words for what happened at the desk."""
