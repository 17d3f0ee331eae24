//! Clinics to ask: one by hand, and random ones around the days when the clocks change.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use pg_clinic_core::booking::clinic::*;
use pg_clinic_core::booking::hours::{Holiday, OpeningWindow};
use pg_clinic_core::booking::limits::{BookingLimit, LimitPer, LimitPeriod, LimitUse, Most};
use pg_clinic_core::booking::reason::Blocker;
use pg_clinic_core::booking::reserved::{Before, ReservedWindow};
use pg_clinic_core::booking::sites::Sites;
use pg_clinic_core::booking::slots::{Order, Question};
use pg_clinic_core::booking::terms::{OwnPauses, OwnTerms};
use pg_clinic_core::ids::*;
use pg_clinic_core::time::calendar::{TimesOfDay, WallTime, Weekdays};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use pg_clinic_core::time::windows::{WeeklyWindow, WindowOverride};
use pg_clinic_core::time::zone::Zone;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::zones::{date, from_utc, to_local, wall, zone};

const MINUTE: i64 = 60_000_000;

/// A snapshot, its zone as chrono-tz knows it, and a question about it.
#[derive(Clone, Debug)]
pub struct Case {
    pub tz: Tz,
    pub clinic: Clinic,
    pub question: Question,
    /// Some instant near the dates, to ask about in particular.
    pub at: Instant,
    /// The question's weekdays as `date +%u` writes them; empty = any.
    pub weekdays: Vec<String>,
}

/// One provider, open from 09:00 to 12:00 every day, and one room; UTC, 30 minutes, no buffer.
pub fn small_clinic() -> Clinic {
    let every_day = (1..=7).map(|day_of_week| {
        let (start, end) = (wall("09:00"), wall("12:00"));
        let (valid_from, valid_until) = (None, None);
        OpeningWindow::every_week(WeeklyWindow { day_of_week, start, end, valid_from, valid_until })
    });
    Clinic {
        settings: ClinicSettings {
            zone: Zone::fixed(0).named("UTC"),
            slot_step: Minutes(30),
            slot_alignment: SlotAlignment::Window,
            minimum_notice: Minutes(0),
            least_notice: Minutes(0),
            booking_horizon_days: 365,
            overbooked_last: true,
        },
        appointment_type: AppointmentType {
            enabled: true,
            id: AppointmentTypeId(7),
            name: "Checkup".to_owned(),
            duration: Minutes(30),
            capacity: 1,
            needs: Some(RoomNeeds { room_type: None, equipment: Vec::new() }),
            required_skills: Vec::new(),
            own: OwnTerms::default(),
            providers: Vec::new(),
            hours: Vec::new(),
            resources: Vec::new(),
        },
        providers: vec![Provider {
            id: ProviderId(3),
            name: "Ada".to_owned(),
            enabled: true,
            buffer: Minutes(0),
            max_daily_appointments: 20,
            availability: every_day.collect(),
            overrides: Vec::new(),
            holidays: Vec::new(),
        }],
        rooms: vec![Room {
            id: Some(RoomId(2)),
            name: "Exam 2".to_owned(),
            enabled: true,
            room_type: "exam".to_owned(),
            equipment: Vec::new(),
            turnover: Minutes(0),
            capacity: None,
            site: None,
            hours: Vec::new(),
        }],
        sites: Sites::default(),
        other_needs: Vec::new(),
        reserved: Vec::new(),
        time_off: Vec::new(),
        occupied: Vec::new(),
        sessions: Vec::new(),
        elsewhere: Vec::new(),
        resources: Vec::new(),
        assistance: Vec::new(),
        overbooking_rules: Vec::new(),
        limits: Vec::new(),
        limit_use: Vec::new(),
        scoring_profiles: Vec::new(),
        last_seen: None,
        moving: None,
    }
}

/// Provider 3 in room 2 from `start`, for `minutes`, busy for `pause` more.
pub fn booking(id: i64, start: Instant, minutes: i32, pause: i32) -> Occupied {
    let during = Span { start, end: start + Minutes(minutes) };
    Occupied {
        id: BookingId(id),
        provider: ProviderId(3),
        room: Some(RoomId(2)),
        is_overbooked: false,
        is_same_patient: false,
        local_date: Zone::fixed(0).local_date(start),
        during,
        provider_busy: Span { end: during.end + Minutes(pause), ..during },
        room_busy: during,
    }
}

/// Everything of those dates, best first.
pub fn question(from: NaiveDate, to: NaiveDate, now: Instant) -> Question {
    Question {
        from,
        to,
        now,
        preferred: TimesOfDay::default(),
        acceptable: TimesOfDay::default(),
        weekdays: Weekdays::ALL,
        include_overbooked: true,
        all_rooms: true,
        max_results: None,
        order: Order::BestFirst,
    }
}

/// A zone and a date around which something happens to its clocks.
fn place() -> impl Strategy<Value = (Tz, NaiveDate)> {
    select(vec![
        (Tz::UTC, date(2026, 4, 13)),
        (Tz::Europe__Berlin, date(2026, 3, 29)),
        (Tz::Europe__Berlin, date(2026, 10, 25)),
        (Tz::America__New_York, date(2026, 3, 8)),
        (Tz::America__New_York, date(2026, 11, 1)),
        // Half an hour.
        (Tz::Australia__Lord_Howe, date(2026, 4, 5)),
        (Tz::Australia__Lord_Howe, date(2026, 10, 4)),
        // 2011-12-30 never was.
        (Tz::Pacific__Apia, date(2011, 12, 30)),
        // Midnight comes twice; midnight doesn't come.
        (Tz::America__Havana, date(2026, 11, 1)),
        (Tz::America__Havana, date(2026, 3, 8)),
        // From 00:01 back to 23:01 of the day before.
        (Tz::America__St_Johns, date(2006, 10, 29)),
    ])
}

pub fn case() -> impl Strategy<Value = Case> {
    (place(), -2_i64..=1, 0_u64..=2).prop_flat_map(|((tz, event), shift, length)| {
        let from = if shift < 0 { event - Days::new(shift.unsigned_abs()) } else { event + Days::new(1) };
        // On the heap: a strategy of so many parts is large.
        case_at(tz, from, from + Days::new(length)).boxed()
    })
}

fn case_at(tz: Tz, from: NaiveDate, to: NaiveDate) -> impl Strategy<Value = Case> {
    let rows = (
        settings(tz, from, to).boxed(),
        vec(provider(from, to), 1..=3),
        (
            (vec(room(from, to), 1..=3), sites()),
            proptest::bool::weighted(0.15),
            proptest::bool::weighted(0.9),
        ),
        (appointment_type(from, to).boxed(), vec(needs(), 0..=4)),
        (vec(time_off(from), 0..=3), vec(reserved(from, to), 0..=3)),
        vec(occupied(tz, from), 0..=24),
        (vec(assistance(from), 0..=12), resources(from).boxed(), elsewhere(from)),
        vec((maybe_id(), maybe_id(), 0..=3_i32), 0..=4),
        (vec((maybe_id(), maybe_id(), weights()), 0..=3), maybe_id()),
        limits(from),
    );
    let weekdays = prop_oneof![2 => Just(Vec::new()), 1 => vec(1_u32..=7, 1..=5)];
    (rows, (asked(from, to), weekdays), instant_near(from, 0..4)).prop_map(
        move |(
            (
                settings,
                mut providers,
                ((mut rooms, mut sites), needs_no_room, is_nowhere),
                (mut appointment_type, other_needs),
                (mut time_off, mut reserved),
                mut occupied,
                (assistance, mut resources, elsewhere),
                rules,
                (profiles, last_seen),
                (limits, limit_use),
            ),
            (mut question, weekdays),
            at,
        )| {
            if !weekdays.is_empty() {
                question.weekdays = Weekdays::of(weekdays.iter().copied());
            }
            (1..).zip(&mut providers).for_each(|(id, provider)| provider.id = ProviderId(id));
            (1..).zip(&mut rooms).for_each(|(id, room)| room.id = Some(RoomId(id)));
            let at_sites = rooms.iter().filter_map(|room| Some((room.id?, room.site?)));
            sites.of_rooms.extend(at_sites);
            if needs_no_room {
                appointment_type.needs = None;
                if is_nowhere {
                    rooms = vec![Room::nowhere()];
                }
            }
            (1..).zip(&mut time_off).for_each(|(id, row)| row.id = TimeOffId(id));
            (1..).zip(&mut reserved).for_each(|(id, row)| row.id = ReservedWindowId(id));
            (1..).zip(&mut occupied).for_each(|(id, booking)| booking.id = BookingId(id));
            let sessions = gather(&mut occupied, &appointment_type);
            occupied.sort_by_key(|booking| (booking.during.start, booking.id));
            hand_out(&mut resources, &occupied);
            let overbooking_rules = rules.into_iter().map(|(provider, kind, max_overbook)| OverbookingRule {
                provider: provider.map(ProviderId),
                appointment_type: kind.map(AppointmentTypeId),
                max_overbook,
            });
            let scoring_profiles = profiles.into_iter().map(|(provider, kind, weights)| ScoringProfile {
                provider: provider.map(ProviderId),
                appointment_type: kind.map(AppointmentTypeId),
                weights,
            });
            let clinic = Clinic {
                settings,
                appointment_type,
                providers,
                rooms,
                sites,
                other_needs,
                reserved,
                time_off,
                occupied,
                sessions,
                elsewhere,
                resources,
                assistance,
                overbooking_rules: overbooking_rules.collect(),
                limits,
                limit_use,
                scoring_profiles: scoring_profiles.collect(),
                last_seen: last_seen.map(ProviderId),
                moving: None,
            };
            let weekdays = weekdays.iter().map(u32::to_string).collect();
            Case { tz, clinic, question, at, weekdays }
        },
    )
}

fn settings(tz: Tz, from: NaiveDate, to: NaiveDate) -> BoxedStrategy<ClinicSettings> {
    // As whole weeks may be looked at.
    let zone = zone(tz, from - Days::new(7), to + Days::new(7));
    let alignment = select(vec![SlotAlignment::Window, SlotAlignment::Gap]);
    (
        select(vec![7, 15, 20, 30, 60]),
        alignment,
        (select(vec![0, 0, 0, 90]), select(vec![0, 0, 0, 45, 120])),
        select(vec![0, 1, 30, 30, 30, 30]),
        any::<bool>(),
    )
        .prop_map(
            move |(step, slot_alignment, (notice, least_notice), booking_horizon_days, overbooked_last)| {
                ClinicSettings {
                    zone: zone.clone(),
                    slot_step: Minutes(step),
                    slot_alignment,
                    minimum_notice: Minutes(notice),
                    least_notice: Minutes(least_notice),
                    booking_horizon_days,
                    overbooked_last,
                }
            },
        )
        .boxed()
}

/// Times in steps of 15 minutes, the small hours more often: that is when clocks change.
fn time_of_day() -> impl Strategy<Value = WallTime> {
    let quarter = prop_oneof![0_i64..=16, 0_i64..=96];
    quarter.prop_map(|quarter| WallTime::new(quarter * 15 * MINUTE).expect("within a day"))
}

/// Zones of windows whose provider lives elsewhere: far east and west, and with other changes of the clocks.
fn own_zone(from: NaiveDate, to: NaiveDate) -> impl Strategy<Value = Option<Zone>> {
    let far = [Tz::Pacific__Kiritimati, Tz::Pacific__Niue, Tz::America__Guayaquil, Tz::Australia__Lord_Howe];
    let zones: Vec<_> = far.map(|tz| zone(tz, from, to).named(tz.name())).into();
    option::weighted(0.1, select(zones))
}

/// A window of opening time, of every week or in a rhythm.
// Boxed, as all that is large: the trees of values are moved about on the stack of a test's thread.
fn opening_window(from: NaiveDate, to: NaiveDate) -> BoxedStrategy<OpeningWindow> {
    let day = move || option::weighted(0.2, (-3_i64..=4).prop_map(move |days| near(from, days)));
    let weekly = (1_u8..=7, time_of_day(), time_of_day(), day(), day());
    let weeks_of_month =
        select(vec![vec![], vec![], vec![], vec![], vec![1], vec![2, 4], vec![5], vec![1, 3, -1]]);
    let rhythm = (select(vec![1, 1, 1, 1, 2, 3]), -21_i64..=4, weeks_of_month, own_zone(from, to));
    let only = (
        option::weighted(0.15, 1_i64..=2),
        option::weighted(0.2, (any::<bool>(), 1_i64..=3)),
        proptest::bool::weighted(0.3),
    );
    (weekly, rhythm, only)
        .prop_map(move |(weekly, (every_weeks, since, weeks_of_month, zone), only)| {
            let (day_of_week, start, end, valid_from, valid_until) = weekly;
            let valid_from = if every_weeks > 1 { Some(near(from, since)) } else { valid_from };
            OpeningWindow {
                weekly: WeeklyWindow { day_of_week, start, end, valid_from, valid_until },
                every_weeks,
                weeks_of_month,
                zone,
                appointment_type: only.0.map(AppointmentTypeId),
                room: only.1.filter(|only| only.0).map(|only| RoomId(only.1)),
                site: only.1.filter(|only| !only.0).map(|only| SiteId(only.1)),
                open_on_holidays: only.2,
            }
        })
        .boxed()
}

/// Windows kept for the type in question or another, some of them released by then.
fn reserved(from: NaiveDate, to: NaiveDate) -> impl Strategy<Value = ReservedWindow> {
    let window = opening_window(from, to);
    let window = window.prop_map(|window| OpeningWindow {
        zone: None,
        appointment_type: None,
        room: None,
        site: None,
        ..window
    });
    let types = select(vec![vec![1], vec![2], vec![2], vec![2, 3], vec![1, 2]]);
    let release = option::weighted(0.7, (0_i64..=3, select(vec![0, 90, 600, -60])));
    (option::of(1_i64..=3), window, types, release).prop_map(|(provider, window, types, release)| {
        ReservedWindow {
            id: ReservedWindowId(0),
            provider: provider.map(ProviderId),
            window,
            types: types.into_iter().map(|id| (AppointmentTypeId(id), String::new())).collect(),
            release: release.map(|(days, minutes)| Before { days, micros: minutes * MINUTE }),
        }
    })
}

/// Hours of a type or room: most have none.
fn bounds(from: NaiveDate, to: NaiveDate) -> impl Strategy<Value = Vec<OpeningWindow>> {
    let window = opening_window(from, to);
    let window = window.prop_map(|window| OpeningWindow {
        zone: None,
        appointment_type: None,
        room: None,
        site: None,
        ..window
    });
    prop_oneof![4 => Just(Vec::new()), 1 => vec(window, 4..=20)]
}

/// One near the dates, or yearly and near them in another year.
fn holiday(from: NaiveDate) -> impl Strategy<Value = Holiday> {
    let site = option::weighted(0.4, (1_i64..=3).prop_map(SiteId));
    (-3_i64..=4, select(vec![-1461, -365, 0, 0, 365, 366]), any::<bool>(), site).prop_map(
        move |(days, years, is_yearly, site)| Holiday {
            on_date: near(from, days + years),
            is_yearly,
            name: "a holiday".to_owned(),
            site,
        },
    )
}

fn provider(from: NaiveDate, to: NaiveDate) -> BoxedStrategy<Provider> {
    let day = move || (-3_i64..=4).prop_map(move |days| near(from, days));
    let on_date = (day(), option::weighted(0.8, (time_of_day(), time_of_day())));
    let on_date = on_date.prop_map(|(on_date, window)| WindowOverride { on_date, window });
    (
        proptest::bool::weighted(0.95),
        select(vec![0, 5, 10, 40]),
        select(vec![0, 1, 2, 20, 20, 20]),
        vec(opening_window(from, to), 2..=14),
        vec(on_date, 0..=3),
        vec(holiday(from), 0..=2),
    )
        .prop_map(|(enabled, buffer, max_daily_appointments, availability, overrides, holidays)| Provider {
            id: ProviderId(0),
            name: String::new(),
            enabled,
            buffer: Minutes(buffer),
            max_daily_appointments,
            availability,
            overrides,
            holidays,
        })
        .boxed()
}

fn room(from: NaiveDate, to: NaiveDate) -> BoxedStrategy<Room> {
    let equipment = vec(select(vec!["ecg".to_owned(), "laser".to_owned()]), 0..=2);
    (
        proptest::bool::weighted(0.95),
        select(vec!["exam", "exam", "exam", "exam", "lab"]),
        equipment,
        (select(vec![0, 15]), option::weighted(0.2, select(vec![1, 2, 20]))),
        option::weighted(0.7, 1_i64..=3),
        bounds(from, to),
    )
        .prop_map(|(enabled, room_type, equipment, (turnover, capacity), site, hours)| Room {
            id: Some(RoomId(0)),
            name: String::new(),
            enabled,
            room_type: room_type.to_owned(),
            equipment,
            turnover: Minutes(turnover),
            capacity,
            site: site.map(SiteId),
            hours,
        })
        .boxed()
}

fn appointment_type(from: NaiveDate, to: NaiveDate) -> BoxedStrategy<AppointmentType> {
    let duration = select(vec![5, 15, 15, 20, 20, 45, 60, 240, 1440]);
    let skills = |skills: &[&str]| skills.iter().map(|skill| (*skill).to_owned()).collect::<Vec<_>>();
    let none = skills(&[]);
    let required_skills = select(vec![
        none.clone(),
        none.clone(),
        none.clone(),
        none,
        skills(&["surgery"]),
        skills(&["surgery", "x-ray"]),
    ]);
    let capacity = select(vec![1, 1, 2, 12]);
    let says = (own_terms(), provider_types(), bounds(from, to), resource_needs());
    ((duration, capacity), needs(), required_skills, says)
        .prop_map(|((duration, capacity), needs, required_skills, (own, providers, hours, resources))| {
            AppointmentType {
                enabled: true,
                id: AppointmentTypeId(1),
                name: String::new(),
                duration: Minutes(duration),
                capacity,
                needs: Some(needs),
                required_skills,
                own,
                providers,
                hours,
                resources,
            }
        })
        .boxed()
}

/// Two thirds of the types hold nothing; none of the kinds is sure to have a unit.
fn resource_needs() -> impl Strategy<Value = Vec<ResourceNeed>> {
    let need = |kind: &str, quantity| ResourceNeed { kind: kind.to_owned(), quantity };
    select(vec![
        vec![],
        vec![],
        vec![],
        vec![],
        vec![],
        vec![],
        vec![need("cart", 1)],
        vec![need("cart", 2)],
        vec![need("cart", 1), need("laser", 1)],
    ])
}

/// Units, which now and then are off; of whose bookings see [`hand_out`].
fn resources(from: NaiveDate) -> impl Strategy<Value = Vec<Resource>> {
    let off = vec((instant_near(from, -2..4), select(vec![10, 60, 300, 2000])), 0..=1);
    let unit = (select(vec!["cart", "cart", "cart", "laser"]), off, 1_i64..=3);
    // Mostly they go anywhere.
    (vec(unit, 0..=6), proptest::bool::weighted(0.3)).prop_map(|(units, are_at_sites)| {
        let mut resources = Vec::new();
        for (id, (kind, off, site)) in (1..).zip(units) {
            let off = off.into_iter().map(|(start, minutes)| {
                (Span { start, end: start + Minutes(minutes) }, Blocker::TimeOff(TimeOffId(100 + id)))
            });
            let site = (are_at_sites && site < 3).then_some(SiteId(site));
            resources.push(Resource {
                id: ResourceId(id),
                kind: kind.to_owned(),
                site,
                taken: off.collect(),
            });
        }
        resources
    })
}

/// Every booking but each third holds a unit. Not what the constraint would let in: they may overlap.
fn hand_out(resources: &mut [Resource], occupied: &[Occupied]) {
    let count = resources.len();
    for booking in occupied.iter().filter(|booking| booking.id.0 % 3 != 0 && count > 0) {
        let unit = &mut resources[booking.id.0 as usize % count];
        unit.taken.push((booking.during, Blocker::Booking(booking.id)));
    }
}

/// Some bookings are group visits, mostly of the type and its length, some with a second patient. They may overlap others.
fn gather(occupied: &mut Vec<Occupied>, appointment_type: &AppointmentType) -> Vec<Session> {
    let (mut sessions, mut seconds) = (Vec::new(), Vec::new());
    for booking in occupied.iter_mut().filter(|booking| booking.id.0 % 4 == 0 && !booking.is_overbooked) {
        let id = booking.id.0;
        let length = appointment_type.duration_with(booking.provider);
        let end = booking.during.start + length;
        let delta = end.0 - booking.during.end.0;
        booking.during.end = end;
        booking.provider_busy.end.0 += delta;
        booking.room_busy.end.0 += delta;
        let mut members = vec![booking.id];
        if id % 3 != 0 {
            members.push(BookingId(100 + id));
            seconds.push(Occupied { id: BookingId(100 + id), is_same_patient: false, ..*booking });
        }
        sessions.push(Session {
            appointment_type: AppointmentTypeId(if id == 20 { 2 } else { 1 }),
            provider: booking.provider,
            room: booking.room,
            during: booking.during,
            capacity: if id % 8 == 0 { 2 } else { 12 },
            members,
        });
    }
    occupied.extend(seconds);
    sessions
}

/// Most say nothing of most.
fn own_terms() -> impl Strategy<Value = OwnTerms> {
    let minutes = |all: Vec<i32>| option::weighted(0.2, select(all).prop_map(Minutes));
    let horizon = option::weighted(0.2, select(vec![0, 1, 2, 30]));
    let pause = || minutes(vec![0, 5, 20, 45, 1440]);
    let pauses = (pause(), pause(), pause(), pause()).prop_map(|(before, after, room_before, room_after)| {
        OwnPauses { before, after, room_before, room_after }
    });
    (minutes(vec![10, 25, 45, 90]), minutes(vec![0, 30, 600]), horizon, pauses).prop_map(
        |(slot_step, minimum_notice, booking_horizon_days, pauses)| OwnTerms {
            slot_step,
            minimum_notice,
            booking_horizon_days,
            pauses,
        },
    )
}

/// Of half the types nothing is said; of the others something of some providers, of whom one may not be in question.
fn provider_types() -> impl Strategy<Value = Vec<ProviderType>> {
    let length = option::weighted(0.5, select(vec![5, 10, 30, 45, 90, 1440]).prop_map(Minutes));
    let row = option::weighted(0.7, (proptest::bool::weighted(0.8), length, own_terms()));
    prop_oneof![1 => Just(Vec::new()), 1 => vec(row, 4)].prop_map(|rows| {
        let of_provider = |(id, row): (i64, Option<(bool, Option<Minutes>, OwnTerms)>)| {
            row.map(|(enabled, duration, own)| ProviderType {
                provider: ProviderId(id),
                enabled,
                duration,
                own,
            })
        };
        (1..).zip(rows).filter_map(of_provider).collect()
    })
}

/// Half of the clinics have ways that take time, of which some are said in one direction only; room 4 is asked for by nobody, and
/// may be anywhere.
fn sites() -> impl Strategy<Value = Sites> {
    let way = ((1_i64..=3, 1_i64..=3), select(vec![0, 5, 20, 30, 90, 1440]));
    let ways = prop_oneof![1 => Just(Vec::new()), 1 => vec(way, 1..=6)];
    (ways, option::of(1_i64..=3)).prop_map(|(ways, of_room)| {
        let ways = ways.into_iter().filter(|((from, to), _)| from != to);
        let ways = ways.map(|((from, to), minutes)| ((SiteId(from), SiteId(to)), Minutes(minutes)));
        Sites {
            travel: ways.collect(),
            of_rooms: of_room.map(|site| (RoomId(4), SiteId(site))).into_iter().collect(),
            ..Sites::default()
        }
    })
}

/// What some type needs of a room.
fn needs() -> impl Strategy<Value = RoomNeeds> {
    let room_type = option::weighted(0.5, Just("exam".to_owned()));
    let equipment = select(vec![vec![], vec![], vec![], vec![], vec!["ecg".to_owned()]]);
    (room_type, equipment).prop_map(|(room_type, equipment)| RoomNeeds { room_type, equipment })
}

fn assistance(from: NaiveDate) -> impl Strategy<Value = Assistance> {
    let who = (1_i64..=4, 1_i64..=3, select(vec![vec!["surgery"], vec!["x-ray"], vec!["x-ray", "surgery"]]));
    (who, instant_near(from, -1..4), select(vec![30, 240, 240, 600, 1440])).prop_map(
        |((provider, staff, skills), start, minutes)| Assistance {
            provider: ProviderId(provider),
            staff: StaffId(staff),
            skills: skills.into_iter().map(str::to_owned).collect(),
            during: Span { start, end: start + Minutes(minutes) },
        },
    )
}

/// Mostly nobody is somebody else, too.
fn elsewhere(from: NaiveDate) -> impl Strategy<Value = Vec<(ProviderId, Span)>> {
    let busy = (1_i64..=3, instant_near(from, -1..4), select(vec![5, 45, 240])).prop_map(
        |(provider, start, minutes)| (ProviderId(provider), Span { start, end: start + Minutes(minutes) }),
    );
    prop_oneof![2 => Just(Vec::new()), 1 => vec(busy, 1..=6)]
}

fn time_off(from: NaiveDate) -> impl Strategy<Value = TimeOff> {
    let scope = prop_oneof![
        (1_i64..=3).prop_map(|id| TimeOffScope::Provider(ProviderId(id))),
        (1_i64..=3).prop_map(|id| TimeOffScope::Room(RoomId(id))),
        Just(TimeOffScope::Clinic),
    ];
    (scope, instant_near(from, -2..4), select(vec![10, 60, 300, 2000])).prop_map(|(scope, start, minutes)| {
        TimeOff { id: TimeOffId(0), scope, during: Span { start, end: start + Minutes(minutes) } }
    })
}

/// Not what the constraints would let in: the core mustn't rely on them. Some are of providers and rooms not asked for.
fn occupied(tz: Tz, from: NaiveDate) -> BoxedStrategy<Occupied> {
    let who = (
        prop_oneof![1_i64..=2, 1_i64..=4],
        option::weighted(0.9, prop_oneof![3_i64..=4, 1_i64..=4]),
        proptest::bool::weighted(0.2),
        proptest::bool::weighted(0.05),
    );
    let pause = || select(vec![0, 0, 10, 10, 25, 25, 60, 1440]);
    let before = || select(vec![0, 0, 0, 0, 0, 15, 60, 1440]);
    let pauses = || (before(), pause());
    let how_long = (select(vec![5, 15, 30, 30, 60, 100, 100, 100, 1440]), pauses(), pauses());
    (who, instant_near(from, -4..7), how_long)
        .prop_map(
            move |(
                (provider, room, is_overbooked, is_same_patient),
                start,
                (minutes, of_provider, of_room),
            )| {
                let during = Span { start, end: start + Minutes(minutes) };
                let around = |(before, after)| Span {
                    start: start - Minutes(before),
                    end: during.end + Minutes(after),
                };
                Occupied {
                    id: BookingId(0),
                    provider: ProviderId(provider),
                    room: room.map(RoomId),
                    is_overbooked,
                    is_same_patient,
                    local_date: to_local(tz, start).date(),
                    during,
                    provider_busy: around(of_provider),
                    room_busy: around(of_room),
                }
            },
        )
        .boxed()
}

fn asked(from: NaiveDate, to: NaiveDate) -> BoxedStrategy<Question> {
    let now = prop_oneof![3 => Just(from_utc(near(from, -3).and_time(chrono::NaiveTime::MIN))), 1 => instant_near(from, -1..2)];
    let times = || {
        let end = || option::weighted(0.4, time_of_day());
        (end(), end()).prop_map(|(from, until)| TimesOfDay { from, until })
    };
    let acceptable = prop_oneof![2 => Just(TimesOfDay::default()), 1 => times()];
    let order = select(vec![Order::BestFirst, Order::EarliestFirst]);
    let limits = (times(), acceptable);
    (now, limits, any::<bool>(), any::<bool>(), option::of(0_usize..40), order)
        .prop_map(move |(now, (preferred, acceptable), include_overbooked, all_rooms, max_results, order)| {
            Question {
                from,
                to,
                now,
                preferred,
                acceptable,
                weekdays: Weekdays::ALL,
                include_overbooked,
                all_rooms,
                max_results,
                order,
            }
        })
        .boxed()
}

/// Some multiple of 5 minutes, so many days after the date.
fn instant_near(from: NaiveDate, days: std::ops::Range<i64>) -> impl Strategy<Value = Instant> {
    let start = from_utc(from.and_time(chrono::NaiveTime::MIN));
    (days.start * 288..days.end * 288).prop_map(move |steps| Instant(start.0 + steps * 5 * MINUTE))
}

fn weights() -> impl Strategy<Value = Weights> {
    let weights = ([0_u8..=3, 0..=3, 0..=3, 0..=3, 0..=3], option::weighted(0.06, 1_u8..=3));
    let weights =
        weights.prop_filter("not all zero", |(weights, _)| weights.iter().any(|weight| *weight > 0));
    weights.prop_map(|(weights, load)| {
        let [preference, compactness, room, overbooking, continuity] = weights.map(f64::from);
        let load = load.map_or(0.0, f64::from);
        Weights { preference, compactness, room, overbooking, continuity, load }
    })
}

/// Most clinics have none. Some use is of providers not asked for, and some of dates that no question reaches.
fn limits(from: NaiveDate) -> BoxedStrategy<(Vec<BookingLimit>, Vec<LimitUse>)> {
    let whose = (option::weighted(0.3, 1_i64..=3), option::weighted(0.3, 1_i64..=2));
    let per = select(vec![LimitPer::Provider, LimitPer::Patient, LimitPer::Clinic]);
    let period = select(vec![LimitPeriod::Day, LimitPeriod::Week, LimitPeriod::Month, LimitPeriod::Upcoming]);
    let most = prop_oneof![
        (1_i64..=6).prop_map(Most::Bookings),
        select(vec![10, 45, 60, 120, 300]).prop_map(Most::Minutes)
    ];
    let limit = (whose, per, period, most).prop_map(|((provider, kind), per, period, most)| BookingLimit {
        id: BookingLimitId(0),
        provider: provider.map(ProviderId),
        appointment_type: kind.map(AppointmentTypeId),
        per,
        period,
        most,
    });
    let used = (1_i64..=4, 1_i64..=4, -8_i64..=9, 0_i64..=2, select(vec![0, 10, 30, 60]));
    let used = used.prop_map(move |(limit, provider, days, bookings, minutes)| LimitUse {
        limit: BookingLimitId(limit),
        provider: ProviderId(provider),
        local_date: near(from, days),
        bookings,
        minutes,
    });
    let some = (vec(limit, 1..=3), vec(used, 0..=12)).prop_map(|(mut limits, used)| {
        (1..).zip(&mut limits).for_each(|(id, limit)| limit.id = BookingLimitId(id));
        (limits, used)
    });
    // In a box: the strategy of a whole clinic is too much for the stack of a test.
    prop_oneof![2 => Just((Vec::new(), Vec::new())), 1 => some].boxed()
}

fn maybe_id() -> impl Strategy<Value = Option<i64>> {
    option::of(1_i64..=2)
}

fn near(date: NaiveDate, days: i64) -> NaiveDate {
    if days < 0 { date - Days::new(days.unsigned_abs()) } else { date + Days::new(days.unsigned_abs()) }
}
