"""What we are compared with: a page that says hello, and a view that makes one durable INSERT, and nothing else."""

import os

from flask import Flask, request
from psycopg_pool import ConnectionPool

TABLE = "CREATE TABLE bare (id bigserial PRIMARY KEY, name text, email text, country text, visibility text)"
INSERT = "INSERT INTO bare (name, email, country, visibility) VALUES (%s, %s, %s, %s)"


def make_app() -> Flask:
    app = Flask("bare")
    pool = ConnectionPool(os.environ["BENCH_DATABASE"], min_size=4, max_size=10, open=True)

    @app.get("/")
    def hello() -> str:
        return "hello"

    @app.post("/insert")
    def insert() -> str:
        form = request.form
        with pool.connection() as connection:
            connection.execute(INSERT, (form["name"], form["email"], form["country"], form["visibility"]))
        return "thanks"

    return app
