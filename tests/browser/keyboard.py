"""Someone who uses a keyboard only, and sees where the focus is at every stop."""

from playwright.sync_api import Page

from tests.browser.test_signing import Visitor
from tests.running import Served

MOST_STOPS = 120
# At its centre an element is itself, or what it holds; a link may be broken into several boxes, of which one will do.
IS_ON_TOP = """one => [...one.getClientRects()].some(box => {
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return top && one.contains(top);
})"""
IS_MARKED = """one => {
  const style = getComputedStyle(one);
  return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
}"""


class Typist(Visitor):
    """Never touches anything but keys."""

    def __init__(self, page: Page, served: Served) -> None:
        super().__init__(page, served)
        self.delay = 0.0
        """Between two keys, in milliseconds."""

    def go_to(self, selector: str) -> None:
        """Press Tab until the focus is there; at each stop on the way it is marked, and covered by nothing."""
        for _ in range(MOST_STOPS):
            self.key("Tab")
            self._look_at_focus()
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"no Tab leads to {selector} on {self.page.url}")

    def key(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)

    def type(self, text: str) -> None:
        """At the end of what stands there."""
        self.key("End")
        self.page.keyboard.type(text, delay=self.delay)

    def enter(self, selector: str) -> None:
        self.go_to(selector)
        with self.page.expect_navigation():
            self.key("Enter")
        self.look()

    def _look_at_focus(self) -> None:
        focused = self.page.evaluate_handle("document.activeElement")
        if self.page.evaluate("one => one === document.body", focused):
            return
        outer = self.page.evaluate("one => one.outerHTML.slice(0, 200)", focused)
        assert self.page.evaluate(IS_MARKED, focused), f"nothing marks the focus on {outer}"
        assert self.page.evaluate(IS_ON_TOP, focused), f"something covers {outer}"
