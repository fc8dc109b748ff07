"""Enlarged to 400 %, and with the widest spacing that readers may set, no word is lost and nothing scrolls sideways."""

import pytest
from playwright.sync_api import Browser

from tests.browser.test_face import TEXT_SPACING
from tests.quality import showing
from tests.quality.pages import Shown

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = ("en", "de", "ar", "zh")
SIZES = {"400 %": (320, 256), "phone": (360, 740)}
# Wide tables scroll by themselves (1.4.10 allows it), the unseen is meant for ears, fields show a part of what is long.
LOST = """() => {
  const wide = document.documentElement.clientWidth, lost = [];
  if (document.documentElement.scrollWidth > wide) lost.push('the page scrolls sideways');
  const apart = '.unseen, .skip, .table, pre, option, svg';
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode.data.trim(), inside = words.currentNode.parentElement;
    if (!text || inside.closest(apart) || !inside.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    for (const box of range.getClientRects())
      if (box.width && (box.left < -1 || box.right > wide + 1)) lost.push(`outside: ${text.slice(0, 60)}`);
  }
  for (const one of document.querySelectorAll('body *')) {
    const {overflowX, overflowY} = getComputedStyle(one);
    if (one.closest(`${apart}, input, select, textarea, progress`)) continue;
    if (/hidden|clip/.test(overflowX) && one.scrollWidth > one.clientWidth + 1
      || /hidden|clip/.test(overflowY) && one.scrollHeight > one.clientHeight + 1)
      lost.push(`clipped: ${one.outerHTML.slice(0, 80)}`);
  }
  return lost;
}"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_lost(chromium: Browser, shown: list[Shown], language: str, size: str) -> None:
    width, height = SIZES[size]
    found = []
    with chromium.new_context(viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        for each in (each for each in shown if each.language == language):
            showing.show(page, each)
            found += [f"{each.name}: {lost}" for lost in page.evaluate(LOST)]
            page.evaluate(TEXT_SPACING)
            found += [f"{each.name}, spaced: {lost}" for lost in page.evaluate(LOST)]
    assert not found, "\n".join(found[:40])
