"""A plain web server with the gateway's menu page and an order insert, to be measured beside it.

It owns what a competent small server of the usual kind does: Flask under waitress, one connection
to SQLite per thread, WAL, every commit synced. It must not know what the gateway does.
"""

import json
import sqlite3
import sys
import threading
import time

from flask import Flask, render_template, request
from waitress import create_server

THREADS = 8
TABLES = """
CREATE TABLE category (id TEXT PRIMARY KEY, name TEXT NOT NULL, position INTEGER NOT NULL);
CREATE TABLE product (id TEXT PRIMARY KEY, category TEXT NOT NULL REFERENCES category (id),
    name TEXT NOT NULL, description TEXT NOT NULL, picture TEXT NOT NULL,
    price_cents INTEGER NOT NULL, available INTEGER NOT NULL, allergens TEXT NOT NULL,
    more TEXT NOT NULL, position INTEGER NOT NULL);
CREATE TABLE orders (id TEXT PRIMARY KEY, ticket INTEGER NOT NULL UNIQUE, mode TEXT NOT NULL,
    total_cents INTEGER NOT NULL, placed_ms INTEGER NOT NULL);
CREATE TABLE order_line (order_id TEXT NOT NULL REFERENCES orders (id), product TEXT NOT NULL,
    quantity INTEGER NOT NULL, unit_cents INTEGER NOT NULL);
CREATE INDEX product_category ON product (category, position);
"""

database, menu_file, templates = sys.argv[1:4]
app = Flask(__name__, template_folder=templates, static_folder=None)
local = threading.local()


def connect():
    """Returns this thread's connection."""
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(database, isolation_level=None, timeout=30)
        local.connection.row_factory = sqlite3.Row
        local.connection.execute("PRAGMA journal_mode = WAL")
        local.connection.execute("PRAGMA synchronous = FULL")
        local.connection.execute("PRAGMA foreign_keys = ON")
    return local.connection


def load():
    """Fills the database with the gateway's own menu."""
    store = connect()
    store.executescript(TABLES)
    with open(menu_file, encoding="utf-8") as file:
        menu = json.load(file)
    for position, category in enumerate(menu["categories"]):
        row = (category["id"], category["name"], position)
        store.execute("INSERT INTO category VALUES (?, ?, ?)", row)
    columns = ("id", "category", "name", "description", "picture", "price_cents", "available")
    for position, product in enumerate(menu["products"]):
        more = {key: value for key, value in product.items() if key not in columns}
        allergens = ", ".join(mark["name"] for mark in product["allergens"])
        row = [product[column] for column in columns]
        row += [allergens, json.dumps(more, ensure_ascii=False), position]
        store.execute("INSERT INTO product VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    pragmas = [store.execute(f"PRAGMA {name}").fetchone()[0]
               for name in ("journal_mode", "synchronous", "foreign_keys")]
    print("pragmas", *pragmas, flush=True)


@app.get("/menu")
def menu():
    """The menu: categories with their products, and the same as JSON for the scripts."""
    store = connect()
    categories = store.execute("SELECT id, name FROM category ORDER BY position").fetchall()
    products = store.execute("SELECT * FROM product ORDER BY position").fetchall()
    by_category = {category["id"]: [] for category in categories}
    listed = []
    for product in products:
        by_category[product["category"]].append(product)
        listed.append({"id": product["id"], "category": product["category"],
                       "name": product["name"], "description": product["description"],
                       "picture": product["picture"], "price_cents": product["price_cents"],
                       "available": bool(product["available"]), **json.loads(product["more"])})
    data = {"categories": [dict(category) for category in categories], "products": listed}
    return render_template("page.html", categories=categories, products=by_category, data=data)


@app.post("/api/orders")
def place():
    """Places an order at the prices of the menu, under the next ticket number."""
    basket = request.get_json()
    store = connect()
    store.execute("BEGIN IMMEDIATE")
    try:
        total = 0
        lines = []
        for line in basket["lines"]:
            product = store.execute("SELECT price_cents, available FROM product WHERE id = ?",
                                    (line["product"],)).fetchone()
            if product is None or not product["available"] or line["quantity"] < 1:
                store.execute("ROLLBACK")
                return {"error": "unavailable"}, 409
            total += product["price_cents"] * line["quantity"]
            lines.append((basket["id"], line["product"], line["quantity"], product["price_cents"]))
        if total != basket["total_cents"]:
            store.execute("ROLLBACK")
            return {"error": "price_changed"}, 409
        ticket = store.execute("SELECT coalesce(max(ticket), 0) + 1 FROM orders").fetchone()[0]
        order = (basket["id"], ticket, basket["mode"], total, int(time.time() * 1000))
        store.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", order)
        store.executemany("INSERT INTO order_line VALUES (?, ?, ?, ?)", lines)
        store.execute("COMMIT")
    except BaseException:
        if store.in_transaction:
            store.execute("ROLLBACK")
        raise
    return {"id": basket["id"], "ticket": ticket, "total_cents": total}, 201


load()
server = create_server(app, host="127.0.0.1", port=0, threads=THREADS, connection_limit=200)
print("listening", f"http://127.0.0.1:{server.effective_port}", flush=True)
server.run()
