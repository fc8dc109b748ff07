"""The headers that every answer carries, whoever made it."""

from flask import Flask, Response

_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def content_security_policy(**changed: str) -> str:
    """The policy with these directives otherwise: ``frame_ancestors="'self'"``."""
    given = {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in {**_POLICY, **given}.items())


CONTENT_SECURITY_POLICY = content_security_policy()
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
    secure = {"Strict-Transport-Security": HSTS} if base_url.startswith("https:") else {}
    every = {**EVERY_ANSWER, **secure}

    @app.after_request
    def add(response: Response) -> Response:
        # A view may have set one of its own, or left one out.
        left_out: frozenset[str] = getattr(response, "left_out", frozenset())
        settled = left_out.union(name.lower() for name, _value in response.headers)
        for name, value in every.items():
            if name.lower() not in settled:
                response.headers.add(name, value)
        return response


def keep_private(response: Response) -> Response:
    """For pages reached by a mailed token: nobody stores them, and no other site learns their address."""
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return never_store(response)


def let_frame(response: Response, ancestors: str, *, style: str = "'self'") -> Response:
    """For the few pages that others may show in a frame: these ancestors, as CSP writes them, and nobody else."""
    policy = content_security_policy(style_src=style, frame_ancestors=ancestors)
    response.headers["Content-Security-Policy"] = policy
    # It knows no list of origins, and where it stands beside the policy some browsers obey it.
    response.left_out = frozenset({"x-frame-options"})  # type: ignore[attr-defined]
    return response


def never_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
