"""SQLAlchemy: text(), functions as expressions, whose parameters it casts by their Python type, and automap."""

import datetime
import functools
import warnings

import sqlalchemy
from sqlalchemy import func, select, text
from sqlalchemy.ext.automap import automap_base, generate_relationship
from sqlalchemy.orm import Session

import scenario


class SqlAlchemy:
    integrity_error = sqlalchemy.exc.IntegrityError

    def connect(self, database):
        self.engine = sqlalchemy.create_engine(f"postgresql+psycopg:///{database}")

    def run(self, sql, params):
        with self.engine.begin() as connection:
            result = connection.execute(text(sql), params)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    def refusal(self, error):
        diagnostics = error.orig.diag
        return scenario.Refusal(diagnostics.sqlstate, diagnostics.constraint_name, diagnostics.message_detail)

    def close(self):
        self.engine.dispose()


def functions_are_expressions(client):
    def body():
        with client.engine.begin() as connection:
            monday = connection.execute(text("select third_monday from scenario_dates")).scalar_one()
            slots = func.find_slots("General Checkup", datetime.date.fromisoformat(monday)).table_valued("slot_start", "provider_id", "room_id")
            slot = connection.execute(select(slots).limit(1)).one()
            booking = func.book_slot("General Checkup", slot.provider_id, slot.room_id, slot.slot_start, "Rosa Parks").table_valued(
                "booking_id", "status", "slot_start", "patient_name")
            row = connection.execute(select(booking)).one()
            assert (row.status, row.slot_start, row.patient_name) == ("booked", slot.slot_start, "Rosa Parks"), row

    return body


def sharing_the_clinic(metadata):
    """Relationships that know that others write clinic_id too.

    It is part of most foreign keys, and SQLAlchemy wants that said of every pair that shares a column.
    """
    names = ",".join(name for table in metadata.tables.values() for name in (table.name, f"{table.name}_collection"))
    return functools.partial(generate_relationship, overlaps=names)


def automap_warns_of_nothing(client):
    def body():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            metadata = sqlalchemy.MetaData(schema="clinic")
            metadata.reflect(client.engine, views=True)
            base = automap_base(metadata=metadata)
            base.prepare(generate_relationship=sharing_the_clinic(metadata))
            sqlalchemy.orm.configure_mappers()
        assert not caught, f"{len(caught)} warnings: " + " | ".join(sorted({str(warning.message)[:150] for warning in caught}))
        with Session(client.engine) as session:
            booking = session.query(base.classes.bookings).filter_by(patient_name="Rosa Parks").one()
            assert session.get(base.classes.bookings, sqlalchemy.inspect(booking).identity) is booking
            assert base.classes.providers.__table__.primary_key.columns.keys() == ["id"], "the key of providers isn't its id"

    return body


report = scenario.Report("sqlalchemy")
client = SqlAlchemy()
scenario.run(client, report)
client.connect(scenario.database(1))
report.test("functions are expressions", functions_are_expressions(client))
report.test("automap warns of nothing", automap_warns_of_nothing(client))
client.close()
report.finish()
