"""What go.py is made of: the environment, the project in it, the system's part, the commands."""
