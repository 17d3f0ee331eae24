//! A small clinic that is always open.

use postgres::Client;

use super::Result;

/// What the clinic has. Everything has ids from 1 on. Type 1, `Visit`, takes 30 minutes, type 2, `Long`, 120.
#[derive(Clone, Copy, Debug)]
pub struct Fixture {
    /// How many providers.
    pub providers: u32,
    /// Their buffer.
    pub buffer_minutes: u32,
    /// Their daily cap.
    pub daily_cap: u32,
    /// How many rooms.
    pub rooms: u32,
    /// Their turnover.
    pub turnover_minutes: u32,
    /// The overbooking limit of all.
    pub max_overbook: u32,
    /// Where it is.
    pub time_zone: &'static str,
}

impl Default for Fixture {
    fn default() -> Self {
        Self {
            providers: 2,
            buffer_minutes: 10,
            daily_cap: 20,
            rooms: 3,
            turnover_minutes: 0,
            max_overbook: 0,
            time_zone: "UTC",
        }
    }
}

impl Fixture {
    /// Makes it. And the function `test.at(day, time)`: so many days from today, at that local time.
    ///
    /// # Errors
    /// When a statement fails.
    pub fn make(&self, client: &mut Client) -> Result {
        let Self { providers, buffer_minutes, daily_cap, rooms, turnover_minutes, max_overbook, time_zone } =
            self;
        client.query_one("select init_clinic('Test', $1)", &[time_zone])?;
        client.batch_execute(&format!(
            "insert into clinic.providers (name, buffer_minutes, max_daily_appointments)
               select 'Provider ' || n, {buffer_minutes}, {daily_cap} from generate_series(1, {providers}) n;
             insert into clinic.rooms (name, room_type, turnover_minutes)
               select 'Room ' || n, 'any', {turnover_minutes} from generate_series(1, {rooms}) n;
             insert into clinic.appointment_types (name, duration_minutes) values ('Visit', 30), ('Long', 120);
             insert into clinic.overbooking_rules (max_overbook) values ({max_overbook});
             insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
               select p, d, '00:00', '24:00' from generate_series(1, {providers}) p, generate_series(1, 7) d;
             create schema test;
             create function test.at(day integer, at time) returns timestamptz language sql stable
               return ((now() at time zone '{time_zone}')::date + day + at) at time zone '{time_zone}';"
        ))?;
        Ok(())
    }
}
