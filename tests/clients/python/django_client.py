"""Django: cursor.execute(), a model over clinic.appointments, inspectdb and check."""

import io
import json
import os
import pathlib
import sys
import tempfile

import django
from django.conf import settings

import scenario


def connection_to(database):
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database,
        "HOST": os.environ["PGHOST"],
        "PORT": os.environ["PGPORT"],
        "USER": os.environ["PGUSER"],
        "OPTIONS": {"options": "-c search_path=clinic,public"},
    }


settings.configure(
    DATABASES={"default": connection_to(scenario.database(1)), "second": connection_to(scenario.database(2))},
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django.apps import apps  # noqa: E402 (needs the settings)
from django.core import checks  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import IntegrityError, connections, models, transaction  # noqa: E402


JSONB = 3802


class Appointment(models.Model):
    booking_id = models.BigIntegerField(primary_key=True)
    slot_start = models.DateTimeField()
    slot_end = models.DateTimeField()
    local_date = models.DateField()
    local_time = models.TimeField()
    provider_name = models.TextField()
    room_name = models.TextField()
    appointment_type = models.TextField()
    patient_name = models.TextField(null=True)
    status = models.TextField()

    class Meta:
        app_label = "clients"
        managed = False
        db_table = "appointments"


class Django:
    integrity_error = IntegrityError

    def connect(self, database):
        self.alias = "default" if database == scenario.database(1) else "second"

    def run(self, sql, params):
        with transaction.atomic(self.alias), connections[self.alias].cursor() as cursor:
            cursor.execute(scenario.PLACEHOLDER.sub(r"%(\1)s", sql), params)
            if not cursor.description:
                return []
            return [
                # Django leaves jsonb to its JSONField, so a bare cursor has it as text.
                {
                    column.name: json.loads(value) if column.type_code == JSONB and value is not None else value
                    for column, value in zip(cursor.description, row)
                }
                for row in cursor.fetchall()
            ]

    def refusal(self, error):
        diagnostics = error.__cause__.diag
        return scenario.Refusal(diagnostics.sqlstate, diagnostics.constraint_name, diagnostics.message_detail)

    def close(self):
        connections[self.alias].close()


def model_over_appointments():
    appointment = Appointment.objects.get(patient_name="Grace Hopper")
    assert appointment.status == "fulfilled" and appointment.provider_name == "Dr. Adams", appointment.__dict__
    assert appointment.local_time.strftime("%H:%M") == "11:00", appointment.local_time
    assert Appointment.objects.filter(slot_start__gt=appointment.slot_end, status="booked").exists()


def inspectdb():
    """Writes an app with the models of all tables and views, and installs it."""
    written = io.StringIO()
    call_command("inspectdb", include_views=True, stdout=written)
    source = written.getvalue()
    wrong = [line.strip() for line in source.splitlines() if "Unable to inspect" in line or "The error was" in line]
    assert not wrong, wrong
    app = pathlib.Path(APPS.name) / "inspected"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "models.py").write_text(source)
    sys.path.insert(0, APPS.name)
    apps.set_installed_apps(["inspected"])


def inspected(table):
    """The model that inspectdb wrote for a table."""
    return next(model for model in apps.get_app_config("inspected").get_models() if model._meta.db_table == table)


# Rows name a shift kind by clinic and name ('night'), and Django knows no foreign key of two columns: it takes the name
# for the whole key and asks for it to be unique. All other keys begin with an id, so it takes them for what they are.
KEYS_OF_TWO_COLUMNS = ("shift_kind", "next_shift_kind")


def check():
    found = checks.run_checks(app_configs=[apps.get_app_config("inspected")], databases=["default"])
    errors = [error for error in found if error.is_serious()]
    errors = [error for error in errors if (error.id, error.obj.name) not in [("fields.E311", key) for key in KEYS_OF_TWO_COLUMNS]]
    assert not errors, errors


def inspected_models_work():
    bookings = inspected("bookings")
    booking = bookings.objects.select_related("provider").get(patient_name="Grace Hopper")
    assert booking.provider.name == "Dr. Adams", booking.provider
    assert bookings.objects.get(pk=booking.pk) == booking


APPS = tempfile.TemporaryDirectory()
report = scenario.Report("django")
scenario.run(Django(), report)
report.test("a model over clinic.appointments", model_over_appointments)
report.test("inspectdb", inspectdb)
report.test("check", check)
report.test("the models of inspectdb work", inspected_models_work)
report.finish()
