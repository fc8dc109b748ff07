"""Where the checkers lie that `make test` installs: axe-core, Lighthouse, the Nu HTML checker."""

import sys
from pathlib import Path

_MODULES = Path(sys.prefix) / "quality" / "node_modules"
AXE = _MODULES / "axe-core" / "axe.min.js"
LIGHTHOUSE = _MODULES / "lighthouse" / "cli" / "index.js"
NU = _MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"


def installed(tool: Path) -> Path:
    """The tool, or a word on how to come by it."""
    assert tool.is_file(), f"{tool.name} is missing; make test installs it"
    return tool
