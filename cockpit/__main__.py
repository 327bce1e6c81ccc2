"""`python -m cockpit`."""

from cockpit.cli.main import main

if __name__ == "__main__":
    main()
