"""The outside world behind the ports: brokers, feeds, writers, storage."""
