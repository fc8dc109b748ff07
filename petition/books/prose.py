"""A declaration's Markdown as a tree of plain lists, which a template sets without reading any markup."""

from collections.abc import Callable
from typing import Any

from markdown_it.tree import SyntaxTreeNode

from petition.declarations import markdown

Tree = list[Any]
"""Words, or lists that begin with their kind: ``["p", …]``, ``["heading", level, …]``, ``["note", number, …]``."""


def tree(source: str) -> Tree:
    """The blocks of the text, its footnotes put where they are first referred to."""
    tokens, _noted = markdown.parse(source)
    root = SyntaxTreeNode(tokens)
    notes = {
        note.meta["id"]: note.children
        for block in root.children
        if block.type == "footnote_block"
        for note in block.children
    }
    made = _all([block for block in root.children if block.type != "footnote_block"], notes)
    _level(made, 1)
    return made


Notes = dict[int, list[SyntaxTreeNode]]


def _all(nodes: list[SyntaxTreeNode], notes: Notes) -> Tree:
    return [made for node in nodes for made in _made(node, notes)]


def _made(node: SyntaxTreeNode, notes: Notes) -> Tree:
    """What this node becomes: nothing, itself, or what it holds."""
    if node.type in _WORDS:
        return [_WORDS[node.type](node)]
    if node.type == "footnote_ref":
        return [_note(node, notes)]
    if node.type in ("inline", "footnote_anchor"):
        return _all(node.children, notes)
    before: Tree = [node.type]
    if node.type == "heading":
        before.append(int(node.tag[1]))
    if node.type == "ordered_list":
        before.append(int(node.attrs.get("start", 1)))
    if node.type == "link":
        before.append(str(node.attrs["href"]))
    return [before + _all(node.children, notes)]


def _note(node: SyntaxTreeNode, notes: Notes) -> Tree:
    """The whole note where it is first referred to, its number alone later."""
    number = node.meta["id"]
    if node.meta.get("subId", 0):
        return ["again", number + 1]
    return ["note", number + 1, *_all(notes.get(number, []), notes)]


def _level(nodes: Tree, deepest: int) -> int:
    """No heading more than one level below the one before it, as PDF/UA (ISO 14289-1, 7.4.2) wants it."""
    for node in nodes:
        if not isinstance(node, list):
            continue
        if node[0] == "heading":
            deepest = node[1] = min(node[1], deepest + 1)
        else:
            deepest = _level(node, deepest)
    return deepest


_WORDS: dict[str, Callable[[SyntaxTreeNode], Any]] = {
    "text": lambda node: node.content,
    "softbreak": lambda node: " ",
    "hardbreak": lambda node: ["break"],
    "hr": lambda node: ["rule"],
    "code_inline": lambda node: ["code", node.content],
    "fence": lambda node: ["listing", node.content.removesuffix("\n")],
    "code_block": lambda node: ["listing", node.content.removesuffix("\n")],
    # An image has no place in the text that is signed; its description has.
    "image": lambda node: node.content,
    "html_inline": lambda node: node.content,
    "html_block": lambda node: ["paragraph", node.content],
}
