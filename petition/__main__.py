"""The ``petition`` command; the same as ``flask --app wsgi``."""

import pkgutil
import sys

from petition.server.serving import serve


def main() -> None:
    """Run the command. ``serve`` starts without the rooms, which its web server loads: people wait for that once."""
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2:], prog_name="petition serve")
    else:
        pkgutil.resolve_name("petition.commands:main")()


if __name__ == "__main__":
    main()
