//! Time zones as chrono-tz knows them: the other opinion on local time.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use pg_clinic_core::time::calendar::WallTime;
use pg_clinic_core::time::interval::Instant;
use pg_clinic_core::time::zone::{Transition, Zone};

pub fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

/// "2026-03-29 01:00" and the like, in UTC.
pub fn utc(text: &str) -> Instant {
    from_utc(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time"))
}

/// "09:30", up to "24:00".
pub fn wall(text: &str) -> WallTime {
    let (hours, minutes) = text.split_once(':').expect("a time of day");
    let parse = |part: &str| part.parse::<i64>().expect("digits");
    WallTime::new((parse(hours) * 60 + parse(minutes)) * 60_000_000).expect("within a day")
}

pub fn from_utc(time: NaiveDateTime) -> Instant {
    Instant((time - epoch()).num_microseconds().expect("near 2000"))
}

pub fn to_utc(instant: Instant) -> NaiveDateTime {
    epoch() + TimeDelta::microseconds(instant.0)
}

pub fn to_local(tz: Tz, instant: Instant) -> NaiveDateTime {
    to_utc(instant) + TimeDelta::seconds(offset(tz, instant).into())
}

/// The zone's offsets from some days before `from` until some days after `to`, found by looking every half hour and
/// halving.
pub fn zone(tz: Tz, from: NaiveDate, to: NaiveDate) -> Zone {
    let start = from_utc((from - Days::new(9)).and_time(NaiveTime::MIN));
    let end = from_utc((to + Days::new(9)).and_time(NaiveTime::MIN));
    let mut transitions = Vec::new();
    let mut at = start;
    while at < end {
        let next = Instant(at.0 + 1_800_000_000);
        if offset(tz, at) != offset(tz, next) {
            let (mut before, mut after) = (at.0, next.0);
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                let is_after = offset(tz, Instant(middle)) == offset(tz, next);
                *(if is_after { &mut after } else { &mut before }) = middle;
            }
            transitions.push(Transition { at: Instant(after), offset_seconds: offset(tz, next) });
        }
        at = next;
    }
    Zone::new(offset(tz, start), transitions)
}

fn offset(tz: Tz, instant: Instant) -> i32 {
    tz.offset_from_utc_datetime(&to_utc(instant)).fix().local_minus_utc()
}

fn epoch() -> NaiveDateTime {
    date(2000, 1, 1).and_time(NaiveTime::MIN)
}
