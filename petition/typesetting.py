"""Pictures and sheets typeset by typst: words come in as data, never as markup."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst
from flask import current_app

from petition import languages

LATIN = ("Noto Serif", "Libertinus Serif")
"""The second comes with typst, so that Latin letters are there on every machine."""
SCRIPTS = {
    "ar": ("Noto Naskh Arabic", "Noto Sans Arabic", "Amiri", "DejaVu Sans"),
    "hi": ("Noto Serif Devanagari", "Noto Sans Devanagari", "Lohit Devanagari"),
    "zh": ("Noto Serif CJK SC", "Noto Sans CJK SC", "WenQuanYi Zen Hei"),
}
"""Families that can write a language beyond Latin letters, the best first."""
SHARED = "typesetting.typ"
PACKAGES = {"ar": "fonts-noto-core", "hi": "fonts-noto-core", "zh": "fonts-noto-cjk"}


class FontsMissing(Exception):
    """No font of this machine can write the language; its message says which package has one."""

    def __init__(self, language: str) -> None:
        super().__init__(f"No font here can write the language “{language}”: install {PACKAGES[language]}.")


def png(template: str, data: Mapping[str, Any], *, language: str) -> bytes:
    """A picture, one pixel for each of the template's points. Raises FontsMissing."""
    return _compile(template, data, language, format="png", ppi=72)


def pdf(template: str, data: Mapping[str, Any], *, language: str) -> bytes:
    """A document. Raises FontsMissing."""
    return _compile(template, data, language, format="pdf")


def design(template: str) -> str:
    """The template and what it leans on, as they are written: a change in them is a change of the design."""
    return _source(template) + _source(SHARED)


def families(language: str) -> tuple[str, ...]:
    """This machine's fonts for its words, then those of other scripts, for names. Raises FontsMissing."""
    own = SCRIPTS.get(language, LATIN)
    if not any(family in fonts().families() for family in own):
        raise FontsMissing(language)
    others = [family for code, some in SCRIPTS.items() if code != language for family in some]
    # Chinese quotation marks are those of Latin: only the font says that they are as wide as a character.
    first = (*own, *LATIN) if language == "zh" else (*LATIN, *own)
    return tuple(family for family in dict.fromkeys((*first, *others)) if family in fonts().families())


def _compile(template: str, data: Mapping[str, Any], language: str, **output: Any) -> bytes:
    words = {
        **data,
        "lang": language,
        "rtl": languages.direction(language) == "rtl",
        "fonts": families(language),
    }
    made = typst.compile(
        _source(template).encode(),
        root=folder(),
        font_paths=fonts(),
        sys_inputs={"data": json.dumps(words, ensure_ascii=False)},
        **output,
    )
    assert isinstance(made, bytes), "the templates keep to one page, or make one document"
    return made


def folder() -> Path:
    """Where the templates lie, and what they import."""
    assert current_app.template_folder is not None
    return Path(current_app.template_folder)


def _source(template: str) -> str:
    return (folder() / template).read_text()


@cache
def fonts() -> typst.Fonts:
    """Looked for once in each process: that takes half a second."""
    return typst.Fonts()
