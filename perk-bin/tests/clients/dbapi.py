"""Runs cases through a Python client and prints one line of JSON for each.

    python dbapi.py prestodb|trino|pyhive-presto|pyhive-trino SERVER_URL CASES_DIR CASE…
"""

import base64
import datetime
import importlib
import json
import math
import pathlib
import sys
import urllib.parse

PARAMETERS = [1234567890123, "it's a \"test\", é☃", 1.5, True, datetime.date(2024, 2, 29), 5]


def connect(client, server):
    address = urllib.parse.urlsplit(server)
    module = {
        "prestodb": "prestodb.dbapi",
        "trino": "trino.dbapi",
        "pyhive-presto": "pyhive.presto",
        "pyhive-trino": "pyhive.trino",
    }[client]
    if client.startswith("pyhive"):
        user = {"username": "clients", "poll_interval": 0.01}
    else:
        user = {"user": "clients"}
    return importlib.import_module(module).connect(
        host=address.hostname, port=address.port, catalog="tpch", schema="tiny", **user
    )


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


def run(client, connection, name, cases):
    sql = (cases / f"{name}.sql").read_text(encoding="utf-8").strip()
    cursor = connection.cursor()
    if name == "prepared" and client.startswith("pyhive"):
        cursor.execute(sql.replace("?", "%s"), ["2024-02-29" if item is PARAMETERS[4] else item for item in PARAMETERS])
    elif name == "prepared":
        cursor.execute(sql, PARAMETERS)
    else:
        cursor.execute(sql)
    rows = cursor.fetchall()
    if name == "many":
        sums = [sum(row[0] for row in rows), sum(row[1] for row in rows), sum(len(row[2]) for row in rows)]
        return {"rows": [[len(rows), *sums]]}
    description = cursor.description
    columns = None if description is None else [[column[0], column[1]] for column in description]
    return {"columns": columns, "rows": plain(rows)}


def main():
    client, server, cases, *names = sys.argv[1:]
    for name in names:
        try:
            document = run(client, connect(client, server), name, pathlib.Path(cases))
        except Exception as exception:  # what the client raises is what is compared
            document = {"error": error(exception)}
        print(json.dumps({"case": name, **document}, default=str), flush=True)


main()
