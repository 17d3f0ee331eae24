"""Runs scenario.json through one client and prints a line a test.

A client says how it connects, runs a statement and recognizes a refusal. It never changes what a step asks or expects.
"""

import datetime
import decimal
import json
import os
import pathlib
import re

SCENARIO = json.loads((pathlib.Path(__file__).parent.parent / "scenario.json").read_text())
PLACEHOLDER = re.compile(r":(\w+)")


class Refusal:
    """A refusal of the database, as the client's own integrity error tells it."""

    def __init__(self, sqlstate, constraint, detail):
        self.sqlstate, self.constraint, self.detail = sqlstate, constraint, detail


class Report:
    """Prints a line a test, which run.sh counts."""

    def __init__(self, client):
        self.client = client

    def test(self, name, body):
        try:
            body()
        except Exception as error:  # a test's failure is its report, whatever it is
            lines = f"{type(error).__name__}: {error}".splitlines()
            print(f"FAIL {self.client} {name}: {' | '.join(line for line in lines if line.strip())}"[:1200], flush=True)
        else:
            print(f"ok {self.client} {name}", flush=True)

    def finish(self):
        """Says that all tests were run: an end without this is a failure."""
        print(f"done {self.client}", flush=True)


def database(number):
    """The copy of the fixture that is this client's for its pass of that number."""
    return f"{os.environ['CLIENT_DATABASE']}_{number}"


def numbered(sql):
    """The statement with $1, $2 …, and the names in that order."""
    names = []

    def number(match):
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return PLACEHOLDER.sub(number, sql), names


def filled(value, saved):
    """The value of a parameter or an expectation, with what was saved put in."""
    if not isinstance(value, str):
        return value

    def take(match):
        if match[1] not in saved:
            raise AssertionError(f"no step before saved {match[1]}")
        return saved[match[1]]

    whole = re.fullmatch(r"\{(\w+)\}", value)
    return take(whole) if whole else re.sub(r"\{(\w+)\}", take, value)


def comparable(value):
    """One form for what clients read differently: instants in UTC, times as HH:MM, numbers as they are."""
    if isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*([+-]\d\d(:\d\d)?|Z)", value):
            value = datetime.datetime.fromisoformat(value)
        elif re.fullmatch(r"\d\d:\d\d:\d\d", value):
            return value[:5]
        else:
            return value
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    return value


SCALARS = (bool, int, float, str, decimal.Decimal, datetime.date, datetime.time, datetime.timedelta)


def check_readable(row):
    """Each value is one that an app can use as it is: no range, no composite, neither as text nor as a driver's own object."""
    for column, value in row.items():
        values = value if isinstance(value, list) else [value]
        for item in values:
            if item is None or isinstance(item, dict):
                continue
            if not isinstance(item, SCALARS):
                raise AssertionError(f"{column} is a {type(item).__name__}: {item!r}")
            if isinstance(item, str) and re.fullmatch(r"[\[(].*,.*[\])]", item, re.DOTALL):
                raise AssertionError(f"{column} is unparsed: {item}")


def at_path(row, path):
    """row['a'][0]['b'] for 'a.0.b'."""
    value = row
    for step in path.split("."):
        try:
            value = value[int(step) if isinstance(value, list) else step]
        except (KeyError, IndexError):
            raise AssertionError(f"no {path} in {row}") from None
    return value


def check_rows(step, rows, saved):
    for row in rows:
        check_readable(row)
    if "rows" in step and len(rows) != step["rows"]:
        raise AssertionError(f"{len(rows)} rows instead of {step['rows']}: {rows}")
    for path, expected in step.get("row", {}).items():
        actual = at_path(rows[0], path)
        if expected == "*":
            if actual is None:
                raise AssertionError(f"{path} is null")
        elif comparable(actual) != comparable(filled(expected, saved)):
            raise AssertionError(f"{path} is {actual!r} instead of {filled(expected, saved)!r}")


def save(step, rows, saved):
    for name, path in step.get("save", {}).items():
        first, _, column = path.rpartition(".")
        values = [at_path(row, column) for row in rows]
        saved[name] = values if first == "*" else values[int(first or 0)]


def check_refusal(expected, refusal):
    actual = (refusal.sqlstate, refusal.constraint)
    if actual != (expected["sqlstate"], expected["constraint"]):
        raise AssertionError(f"refused as {actual[0]} {actual[1]} instead of {expected['sqlstate']} {expected['constraint']}")
    if "code" in expected and not (refusal.detail or "").startswith(expected["code"] + ":"):
        raise AssertionError(f"DETAIL is {refusal.detail!r} instead of {expected['code']}: …")


def run_step(client, step, variant, saved):
    sql = step["sql"].replace("TYPE", variant["sql"])
    given = {"type": variant["type"], **step.get("params", {})}
    params = {name: filled(given[name], saved) for name in PLACEHOLDER.findall(sql)}
    try:
        rows = client.run(sql, params)
    except client.integrity_error as error:
        if "refused" not in step:
            raise
        check_refusal(step["refused"], client.refusal(error))
        return
    if "refused" in step:
        raise AssertionError(f"not refused: {rows}")
    # Saved first: that a column is wrong is no reason to leave out the steps that follow.
    save(step, rows, saved)
    check_rows(step, rows, saved)


def run(client, report):
    """All passes, each on a database of its own."""
    for number, (variant_name, variant) in enumerate(SCENARIO["passes"].items(), 1):
        client.connect(database(number))
        saved = {}
        for step in SCENARIO["steps"]:
            if step.get("only", variant_name) == variant_name:
                report.test(f"{variant_name}: {step['name']}", lambda: run_step(client, step, variant, saved))
        client.close()
