"""How gunicorn serves it: its configuration file.

Greenlets, because a client that trickles in its request must not keep a worker from the others. Started
by ``python -m gevent.monkey --module gunicorn -c python:petition.server.web``: everything is made
cooperative before anything else is imported, or database calls would block a whole process.
"""

import gc
import os
import resource
from typing import Any

# While hundreds of modules load, the collector would walk through all of them a dozen times, and find nothing.
gc.disable()

bind = [os.environ.get("PETITION_BIND", "127.0.0.1:8000")]
workers = int(os.environ.get("PETITION_WEB_WORKERS", "2"))
worker_class = "gevent"
worker_connections = 1000
backlog = 2048
wsgi_app = "petition.server.opening:make_app()"
preload_app = True
keepalive = 2
"""Seconds; an idle connection may hold up a stop for as long."""
graceful_timeout = 15
timeout = 30
loglevel = "error"
"""Its warnings quote network addresses, and request lines with the tokens in them."""
control_socket_disable = True
limit_request_line = 4094
forwarded_allow_ips = "*"
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
"""Whoever sends it, no header changes the scheme or the path here: which proxies are trusted, and how many, is for
the application to say. That nobody is asked whether they may send what is not looked at spares each request a look."""
OPEN_FILES = 4096


def on_starting(_server: Any) -> None:
    """Every connection is an open file, and the usual limit of 1,024 is less than one worker takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
