"""Every act that the code enters into the audit trail has words for people."""

import ast
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

PACKAGE = Path(__file__).parent.parent.parent / "petition"


def _recorded() -> Iterator[tuple[str, str]]:
    """Each act that is named where it is recorded, with its file and line."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
                continue
            of_trail = isinstance(node.func.value, ast.Name) and node.func.value.id == "trail"
            if of_trail and node.func.attr == "record" and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value), f"{path.relative_to(PACKAGE)}:{node.lineno}"


def test_every_act_that_is_recorded_has_its_words(migrated: Flask) -> None:
    found = list(_recorded())
    assert len(found) > 10, "the walk has seen them"
    known = migrated.extensions["petition.acts"]
    assert not [f"{where}: {act}" for act, where in found if act not in known]


def test_an_act_fits_its_column_and_names_its_subject_first(migrated: Flask) -> None:
    for act in migrated.extensions["petition.acts"]:
        if not act.startswith("test."):
            assert len(act) <= 60 and act.count(".") == 1 and act.islower(), act
