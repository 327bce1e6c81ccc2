"""What a second terminal may ask of a running cockpit, and of a data folder without one."""
