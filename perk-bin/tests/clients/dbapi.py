"""Runs cases through a Python client and prints one line of JSON for each.

    python dbapi.py CLIENT SERVER_URL CASES_DIR CASE…

CLIENT is prestodb, trino, pyhive-presto, pyhive-trino, or a dialect of SQLAlchemy's, sqlalchemy-presto or sqlalchemy-trino.
"""

import base64
import datetime
import importlib
import json
import math
import os
import pathlib
import sys
import threading
import urllib.parse

USER = os.environ["CLIENT_USER"]
PARAMETERS = [1234567890123, "it's a \"test\", é☃", 1.5, True, datetime.date(2024, 2, 29), 5]
# PyHive writes parameters into the text, and knows no dates.
TEXTS = ["2024-02-29" if item is PARAMETERS[4] else item for item in PARAMETERS]
# How long a statement may take to end when it has been cancelled.
END_LIMIT = 20


class Dbapi:
    """A client with the methods of PEP 249."""

    def __init__(self, client, server, in_transaction):
        address = urllib.parse.urlsplit(server)
        module = {
            "prestodb": "prestodb.dbapi",
            "trino": "trino.dbapi",
            "pyhive-presto": "pyhive.presto",
            "pyhive-trino": "pyhive.trino",
        }[client]
        self.is_pyhive = client.startswith("pyhive")
        options = {"username": USER, "poll_interval": 0.01} if self.is_pyhive else {"user": USER}
        if in_transaction:
            isolation = importlib.import_module(f"{client}.transaction").IsolationLevel
            options["isolation_level"] = isolation.READ_UNCOMMITTED
        self.connection = importlib.import_module(module).connect(
            host=address.hostname, port=address.port, catalog="tpch", schema="tiny", **options
        )
        self.cursor = self.connection.cursor()

    def execute(self, sql):
        self.cursor.execute(sql)
        rows = self.cursor.fetchall()
        description = self.cursor.description
        columns = None if description is None else [[column[0], column[1]] for column in description]
        return columns, rows

    def prepared(self, sql):
        if self.is_pyhive:
            self.cursor.execute(sql.replace("?", "%s"), TEXTS)
        else:
            self.cursor.execute(sql, PARAMETERS)
        rows = self.cursor.fetchall()
        return [[column[0], column[1]] for column in self.cursor.description], rows

    def rollback(self):
        self.connection.rollback()
        self.cursor = self.connection.cursor()

    def cancel(self):
        self.cursor.cancel()


class Sqlalchemy:
    """SQLAlchemy with one of its dialects."""

    def __init__(self, client, server, in_transaction):
        import sqlalchemy

        self.sqlalchemy = sqlalchemy
        dialect = client.removeprefix("sqlalchemy-")
        address = urllib.parse.urlsplit(server)
        url = f"{dialect}://{USER}@{address.hostname}:{address.port}/tpch/tiny"
        self.is_pyhive = dialect == "presto"
        options = {}
        if self.is_pyhive:
            # Each statement is a cursor's of its own, which forgets what the one before was told.
            options = {"poll_interval": 0.01, "session_props": {"query_max_run_time": "17m"}}
        if in_transaction:
            options["isolation_level"] = importlib.import_module("trino.transaction").IsolationLevel.READ_UNCOMMITTED
        self.engine = sqlalchemy.create_engine(url, connect_args=options)
        self.connection = self.engine.connect()

    def result(self, result):
        if not result.returns_rows:
            return None, []
        description = result.cursor.description
        columns = [[column[0], column[1]] for column in description]
        return columns, [tuple(row) for row in result.fetchall()]

    def execute(self, sql):
        return self.result(self.connection.exec_driver_sql(sql))

    def prepared(self, sql):
        names = iter("abcdef")
        sql = "".join(f":{next(names)}" if character == "?" else character for character in sql)
        values = dict(zip("abcdef", TEXTS if self.is_pyhive else PARAMETERS))
        return self.result(self.connection.execute(self.sqlalchemy.text(sql), values))

    def rollback(self):
        self.connection.rollback()

    def metadata(self):
        inspector = self.sqlalchemy.inspect(self.engine)
        columns = inspector.get_columns("nation", "tiny")
        # Schemas that are everywhere; whether a column may be null, some servers say and some do not.
        return {
            "inspected": {
                "schemas": sorted({"information_schema", "sf1", "tiny"}.intersection(inspector.get_schema_names())),
                "tables": sorted(inspector.get_table_names("tiny")),
                "columns": [[column["name"], str(column["type"])] for column in columns],
            }
        }


def plain(value):
    """The value as JSON can hold it."""
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value  # dates, decimals and the like are printed as text


def error(exception):
    exception = getattr(exception, "orig", None) or exception  # SQLAlchemy wraps what the client raised
    fields = {}
    for name in ("message", "error_name", "error_code", "error_type"):
        fields[name.removeprefix("error_")] = getattr(exception, name, None)
    if exception.args and isinstance(exception.args[0], dict):  # PyHive passes the protocol's object on
        given = exception.args[0]
        fields = {"message": given["message"]}
        fields |= {key: given[f"error{key.title()}"] for key in ("name", "code", "type")}
        fields["location"] = given.get("errorLocation")
    if not fields["message"]:
        fields["message"] = str(exception)
    return fields


def table(result):
    columns, rows = result
    return {"columns": columns, "rows": plain(rows)}


def transaction(client, read):
    """What comes of a failure within a transaction, of what follows it, and of what follows its end."""
    told = [table(client.execute(read("transaction")))["rows"]]
    for statement in ("error", "transaction"):
        try:
            client.execute(read(statement))
            told.append(None)
        except Exception as exception:
            told.append(error(exception))
    client.rollback()
    told.append(table(client.execute(read("transaction")))["rows"])
    client.rollback()
    return {"told": told}


def cancel(client, sql):
    """Cancels a statement, from another thread than that which waits for it, when told to on stdin."""
    outcome = []

    def work():
        try:
            outcome.append(table(client.execute(sql)))
        except Exception as exception:
            outcome.append({"error": error(exception)})

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    sys.stdin.readline()
    client.cancel()
    worker.join(END_LIMIT)
    return {"ended": not worker.is_alive(), "outcome": outcome}


def run(name, server, read, case):
    kind = Sqlalchemy if name.startswith("sqlalchemy") else Dbapi
    client = kind(name, server, case == "transaction")
    match case:
        case "session":
            for statement in read(case).split(";"):
                result = client.execute(statement.strip())
            return table(result)
        case "transaction":
            return transaction(client, read)
        case "cancel":
            return cancel(client, read(case))
        case "metadata":
            return client.metadata()
        case "prepared":
            return table(client.prepared(read(case)))
        case "large":
            _, rows = client.execute(read(case))
            sums = [sum(row[0] for row in rows), sum(row[1] for row in rows), sum(len(row[2]) for row in rows)]
            return {"rows": [[len(rows), *sums]]}
    return table(client.execute(read(case)))


def main():
    name, server, cases, *wanted = sys.argv[1:]

    def read(case):
        return (pathlib.Path(cases) / f"{case}.sql").read_text(encoding="utf-8").strip()

    for case in wanted:
        try:
            document = run(name, server, read, case)
        except Exception as exception:  # what the client raises is what is compared
            document = {"error": error(exception)}
        print(json.dumps({"case": case, **document}, default=str), flush=True)


main()
