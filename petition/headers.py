"""The headers that every answer carries, whoever made it."""

from flask import Flask, Response

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "geolocation",
        "gyroscope",
        "microphone",
        "payment",
        "usb",
    )
)
EVERY_ANSWER = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    # `no-referrer` on a page with a form would turn the Origin of its post into `null`.
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
HSTS = "max-age=31536000"
"""For this host alone: what else its owner serves below it is not ours to decide."""


def init_app(app: Flask, base_url: str) -> None:
    every = of_every_answer(base_url)

    @app.after_request
    def add(response: Response) -> Response:
        # A view may have set one of its own.
        there = {name.lower() for name, _value in response.headers}
        for name, value in every.items():
            if name.lower() not in there:
                response.headers.add(name, value)
        return response


def of_every_answer(base_url: str) -> dict[str, str]:
    """Those of a site at this URL, for whoever answers before Flask too."""
    if base_url.startswith("https:"):
        return {**EVERY_ANSWER, "Strict-Transport-Security": HSTS}
    return EVERY_ANSWER


def keep_private(response: Response) -> Response:
    """For pages reached by a mailed token: nobody stores them, and no other site learns their address."""
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return never_store(response)


def never_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
