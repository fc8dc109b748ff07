"""The ``petition`` command; the same as ``flask --app wsgi``."""

import gc
import pkgutil
import sys
from collections.abc import Callable
from typing import cast

from petition.server.serving import serve


def main() -> None:
    """Run the command. ``serve`` starts without the rooms, which its web server loads: people wait for that once."""
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2:], prog_name="petition serve")
    else:
        _with_the_rooms()()


def _with_the_rooms() -> Callable[[], None]:
    """Every command, loaded in two thirds of the time.

    The collector would walk through hundreds of modules a dozen times while they load, and once more at the end.
    """
    gc.disable()
    run = pkgutil.resolve_name("petition.commands:main")
    gc.freeze()
    gc.enable()
    return cast(Callable[[], None], run)


if __name__ == "__main__":
    main()
