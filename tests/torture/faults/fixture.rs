//! The clinic of the run: small, so that everybody meets.

use pg_clinic_system_tests::{CROWDED, Database, Instance, Result, ensure};

use super::verbs::{NOT_HERE, VERBS};

/// People and plans beside the bookings.
const PEOPLE: &str = "
  insert into clinic.areas (name, travel_minutes) values ('north', 5), ('south', 10);
  insert into clinic.area_neighbors (area_id, neighbor_id, travel_minutes) values (1, 2, 20);
  insert into clinic.staff (name, home_area_id, capacity_minutes, skills)
    select 'Staff ' || n, 1 + n % 2, 240, case when n % 3 = 0 then '{surgery}' else '{}' end::text[] from generate_series(1, 6) n;
  insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time)
    select s, d, '06:00', '20:00' from generate_series(1, 6) s, generate_series(1, 7) d;
  insert into clinic.shift_templates (provider_id, day_of_week, start_time, end_time)
    select p, d, '08:00', '12:00' from generate_series(1, 3) p, generate_series(1, 7) d;
  insert into clinic.rules (rule_kind, period, mode, limit_value) values ('max_shifts', 'week', 'hard', 5);
  insert into clinic.clients (name, area_id, visit_minutes, starts_on, renews_on)
    select 'Client ' || n, 1 + n % 2, 30, current_date - 30, current_date + 60 from generate_series(1, 6) n;
  insert into clinic.clients (name, area_id, visit_minutes, required_skills, starts_on, renews_on)
    values ('Client 7', 1, 30, '{x_ray}', current_date - 30, current_date + 60);
  select generate_shifts(current_date, current_date + 3)";

/// Makes it.
///
/// # Errors
/// When a statement fails.
pub fn make(database: &Database, server: &Instance) -> Result {
    let mut client = database.with_extension()?;
    CROWDED.make(&mut client)?;
    client.batch_execute(PEOPLE)?;
    // init_clinic() adds others.
    let setting = format!("alter database {} set pg_clinic.clinic_id = '1'", database.name);
    server.server.administer(&setting)
}

/// Every function of the extension that writes is a verb, or left out for a reason.
///
/// # Errors
/// When one is missing.
pub fn all_are_verbs(database: &Database) -> Result {
    let mut client = database.connect()?;
    let rows = client.query(
        "select p.proname::text from pg_proc p join pg_depend d on d.objid = p.oid and d.deptype = 'e'
         join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_clinic'
         where p.provolatile = 'v' and p.prorettype <> 'trigger'::regtype order by 1",
        &[],
    )?;
    for row in rows {
        let name: String = row.get(0);
        let is_here = VERBS.iter().any(|verb| verb.name == name);
        let is_left_out = NOT_HERE.iter().any(|(left_out, _)| *left_out == name);
        ensure!(is_here || is_left_out, "{name} isn't tortured");
    }
    Ok(())
}
