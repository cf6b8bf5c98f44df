"""`python -m osago_cli`."""

from osago_cli.app import main

main()
