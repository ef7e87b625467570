"""`python -m photobench`."""

from photobench.cli import main

main()
