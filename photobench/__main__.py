"""The command: `photobench`, or `python -m photobench`."""

import sys


def run() -> None:
    """Ctrl-C while the command line itself is still being loaded ends as quietly as later."""
    try:
        from photobench.cli import main
    except KeyboardInterrupt:
        sys.exit(130)
    main()


if __name__ == "__main__":
    run()
