"""What proposes trades: sees market facts, returns proposals, never sees a broker."""
