"""Show a page that was fetched in a browser, at its own address and with its own headers."""

from playwright.sync_api import Page, Route

from tests.quality.pages import Shown


def show(page: Page, shown: Shown) -> None:
    """What stands beside the page, such as the stylesheet, comes from the server."""

    def fulfil(route: Route) -> None:
        # What stands in a frame of the page comes from the server too.
        if route.request.is_navigation_request() and route.request.url == shown.url:
            answer = shown.answer
            route.fulfill(status=answer.status, headers=dict(answer.headers), body=answer.body)
        else:
            route.continue_()

    page.unroute_all()
    page.route("**/*", fulfil)
    page.goto(shown.url, wait_until="load")
