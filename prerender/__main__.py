"""Entry of `python -m prerender` and of the installed command."""

from prerender.cli.main import main

if __name__ == "__main__":
    main()
