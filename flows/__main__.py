"""Let `python -m flows` be the command itself."""

from flows.cli.main import main

if __name__ == "__main__":
    main()
