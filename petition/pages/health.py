"""Two questions that machines ask: does the process live, does its database answer?"""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from petition.extensions import db
from petition.headers import never_store

views = Blueprint("health", __name__)


@views.get("/healthz")
def healthz() -> ResponseReturnValue:
    return never_store(jsonify(status="ok"))


@views.get("/readyz")
def readyz() -> ResponseReturnValue:
    """503 while the database does not answer; the handler of database errors says so."""
    db.session.execute(text("SELECT 1"))
    return never_store(jsonify(status="ok"))
