"""Where something stands in declaration.toml: the parser keeps no lines, and a complaint needs one."""

import re

_HEADER = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]+")


class Lines:
    """The lines of one file, counted from 1."""

    def __init__(self, source: str) -> None:
        self.lines = source.removesuffix("\n").split("\n")

    def holding(self, pattern: re.Pattern[str]) -> list[int]:
        return [number for number, text in enumerate(self.lines, 1) if pattern.search(text)]

    def told_by(self, problem: str) -> int:
        """The line that the parser's own message names."""
        if "at end of document" in problem:
            return len(self.lines)
        found = re.search(r"at line (\d+)", problem)
        return int(found[1]) if found else 1

    def of(self, key: str, *, table: str = "", nth: int = 0) -> int:
        """Where this key of this table stands, else where the table begins, else where what holds it does, else 1.

        ``nth`` counts from 0 the tables of one name, such as [[sectors]].
        """
        assignment = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]")
        inside, begins, seen = "", 0, -1
        for number, text in enumerate(self.lines, 1):
            if header := _HEADER.match(text):
                inside = header[1]
                if inside in (table, key):
                    seen += 1
                    begins = number if seen <= nth else begins
            elif inside == table and (not table or seen == nth) and assignment.match(text):
                return number
        holder = table or key.rpartition(".")[0]
        return begins or (self.of(holder) if holder else 1)
