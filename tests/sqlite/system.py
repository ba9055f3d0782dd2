"""Runs SQL on the machine's own SQLite, for tests that drive it over a pipe.

A request is a line of JSON: a list of steps, which are done in order.

    ["open"]                        a new database in memory, in place of the last one
    ["script", SQL]                 statements without rows
    ["insert", SQL, [ROW, ...]]     one statement, once for each row
    ["query", SQL, {NAME: VALUE}]   one statement; gives its rows

The answer is a line of JSON: {"ok": [the rows of each query]} or {"error": TEXT}. The first line, without being asked
for, is {"version": TEXT}.
"""

import json
import sqlite3
import sys


def run(connection, step):
    match step:
        case ["script", sql]:
            connection.executescript(sql)
        case ["insert", sql, rows]:
            connection.executemany(sql, rows)
        case ["query", sql, parameters]:
            return connection.execute(sql, parameters).fetchall()
        case _:
            raise ValueError(f"no such step: {step}")
    return None


def opened():
    # No transaction begins by itself.
    return sqlite3.connect(":memory:", isolation_level=None)


def main():
    connection = opened()
    print(json.dumps({"version": sqlite3.sqlite_version}), flush=True)
    for line in sys.stdin:
        results = []
        try:
            for step in json.loads(line):
                if step == ["open"]:
                    connection.close()
                    connection = opened()
                    continue
                rows = run(connection, step)
                if rows is not None:
                    results.append(rows)
            answer = {"ok": results}
        except (sqlite3.Error, sqlite3.Warning) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


main()
