//! generate_shifts: the shifts of a period from weekly templates.

use pg_clinic_core::roster::templates::{NewShift, shifts};
use pg_clinic_core::time::calendar::date_to_pg_days;
use pgrx::datum::TimestampWithTimeZone;
use pgrx::{datum, pg_sys};

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::{Required, signatures};
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::platform::sql_types::{Bigint, Date};
use crate::pg::roster::load::shifts::planned;

sql_functions! {
    pg_clinic_generate_shifts, pg_finfo_pg_clinic_generate_shifts => generate_shifts;
}

/// Most shifts of one call: what a solver could still look at.
const MAX_SHIFTS: usize = 100_000;

statements! {
    /// Adds the shifts that aren't there yet, and counts them. A template deleted meanwhile makes none.
    ADD_SHIFTS(INT8OID, INT8ARRAYOID, DATEARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID) =
        "with made as (
           insert into clinic.shifts
             (clinic_id, shift_kind, provider_id, during, staff_needed, required_skills, template_id, template_date)
           select t.clinic_id, t.shift_kind, t.provider_id, tstzrange(n.starts_at, n.ends_at), t.staff_needed,
             t.required_skills, t.id, n.on_date
           from unnest($2, $3, $4, $5) with ordinality as n (template_id, on_date, starts_at, ends_at, place)
           join clinic.shift_templates t on t.clinic_id = $1 and t.id = n.template_id
           -- A shift that is there needs no id, which a conflict would use up; the conflict is for those added meanwhile.
           where not exists (
             select from clinic.shifts s
             where s.clinic_id = $1 and s.template_id = n.template_id and s.template_date = n.on_date)
           order by n.place
           on conflict on constraint shifts_template_key do nothing
           returning 1)
         select count(*) from made";
}

signatures! {
    /// Arguments of `generate_shifts`.
    GenerateShifts = generate_shifts(from_date: Required<Date>, to_date: Date = null, clinic_id: Bigint = null) -> Bigint;
}

fn generate_shifts(args: &Args) -> Result<pg_sys::Datum> {
    let GenerateShifts { from_date: from, to_date, clinic_id } = GenerateShifts::read(args)?;
    let to = to_date.unwrap_or(from);
    let made = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        check_period(from, to, "Generate a shorter period, several times.")?;
        let planned = planned(spi, &opened, from, to)?;
        let shifts = shifts(&planned.zone, &planned.templates, &planned.time_off, from, to);
        if shifts.len() > MAX_SHIFTS {
            return Err(ClinicError::new(
                SqlState::LimitExceeded,
                format!("at most {MAX_SHIFTS} shifts can be generated at once"),
            )
            .detail(format!("{from} to {to} would have {} shifts.", shifts.len()))
            .hint("Generate a shorter period, several times."));
        }
        add(spi, opened.clinic, &shifts)
    })?;
    Ok(pg_sys::Datum::from(made))
}

fn add(spi: &Spi, clinic: i64, shifts: &[NewShift]) -> Result<i64> {
    let at = |micros: i64| TimestampWithTimeZone::try_from(micros).ok();
    let column =
        |instant: fn(&NewShift) -> i64| shifts.iter().map(|shift| at(instant(shift))).collect::<Vec<_>>();
    let templates: Vec<_> = shifts.iter().map(|shift| shift.template.0).collect();
    let dates: Vec<_> =
        shifts.iter().map(|shift| datum::Date::saturating_from_raw(date_to_pg_days(shift.date))).collect();
    let params = [
        param(clinic),
        param(templates),
        param(dates),
        param(column(|shift| shift.during.start.0)),
        param(column(|shift| shift.during.end.0)),
    ];
    Ok(spi.value(&ADD_SHIFTS, Access::Latest, &params)?.unwrap_or(0))
}
