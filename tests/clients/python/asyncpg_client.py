"""asyncpg: each parameter has the type that the server says, so text for a date is refused by the driver itself."""

import asyncio
import datetime
import json
import re

import asyncpg

import scenario


def native(value, type_name):
    """The value as an app would give it to asyncpg for a parameter of that type."""
    if not isinstance(value, str):
        return value
    match type_name:
        case "date":
            return datetime.date.fromisoformat(value)
        case "time":
            return datetime.time.fromisoformat(value)
        case "timestamptz":
            return datetime.datetime.fromisoformat(value)
        case "interval":
            number, unit = re.fullmatch(r"(\d+) (minutes|hours)", value).groups()
            return datetime.timedelta(**{unit: int(number)})
        case "int4[]":
            return [int(item) for item in value.strip("{}").split(",")]
    return value


class Asyncpg:
    integrity_error = asyncpg.IntegrityConstraintViolationError

    def __init__(self):
        self.loop = asyncio.new_event_loop()

    def connect(self, database):
        async def connect():
            self.connection = await asyncpg.connect(database=database)
            # As asyncpg's manual has it: without, jsonb is text.
            await self.connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")

        self.loop.run_until_complete(connect())

    def run(self, sql, params):
        async def run():
            text, names = scenario.numbered(sql)
            statement = await self.connection.prepare(text)
            types = [parameter.name for parameter in statement.get_parameters()]
            return await statement.fetch(*[native(params[name], type_name) for name, type_name in zip(names, types)])

        return [dict(record) for record in self.loop.run_until_complete(run())]

    def refusal(self, error):
        return scenario.Refusal(error.sqlstate, error.constraint_name, error.detail)

    def close(self):
        self.loop.run_until_complete(self.connection.close())


report = scenario.Report("asyncpg")
scenario.run(Asyncpg(), report)
report.finish()
