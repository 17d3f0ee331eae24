"""psycopg 3: parameters are bound by the server, and text goes untyped."""

import psycopg
from psycopg.rows import dict_row

import scenario


class Psycopg:
    integrity_error = psycopg.IntegrityError

    def connect(self, database):
        self.connection = psycopg.connect(dbname=database, row_factory=dict_row)

    def run(self, sql, params):
        with self.connection.transaction():
            cursor = self.connection.execute(scenario.PLACEHOLDER.sub(r"%(\1)s", sql), params)
            return cursor.fetchall() if cursor.description else []

    def refusal(self, error):
        return scenario.Refusal(error.sqlstate, error.diag.constraint_name, error.diag.message_detail)

    def close(self):
        self.connection.close()


report = scenario.Report("psycopg")
scenario.run(Psycopg(), report)
report.finish()
