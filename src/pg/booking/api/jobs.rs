//! Jobs that are due with time: mark_no_shows, expire_holds, run_due_jobs, and pg_cron to run them.
//!
//! A job must never wait for anybody: it takes no lock of a day (it only gives time back, see `Cause::gives_back_time`) and skips
//! rows that somebody is changing. So one transaction can run all jobs of all clinics and never deadlock.
//!
//! It acts as the owner of the tables, whoever calls it, who must be allowed to change bookings.

use pgrx::{IntoDatum, pg_sys};

use crate::pg::backfill::writes;
use crate::pg::booking::load;
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::attribution::{Attribution, Cause};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::jobs::{Job, Outcome, due, picked};
use crate::pg::platform::rows::row;
use crate::pg::platform::signatures::{Bigint, Boolean, Rows, Text, signatures};
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::platform::{clinic, session};

sql_functions! {
    pg_clinic_mark_no_shows, pg_finfo_pg_clinic_mark_no_shows => mark_no_shows;
    pg_clinic_expire_holds, pg_finfo_pg_clinic_expire_holds => expire_holds;
    pg_clinic_run_due_jobs, pg_finfo_pg_clinic_run_due_jobs => run_due_jobs;
    pg_clinic_schedule_jobs, pg_finfo_pg_clinic_schedule_jobs => schedule_jobs;
    pg_clinic_unschedule_jobs, pg_finfo_pg_clinic_unschedule_jobs => unschedule_jobs;
}

signatures! {
    /// Arguments of `mark_no_shows`.
    MarkNoShows = mark_no_shows(clinic_id: Bigint = null) -> Bigint;
    /// Arguments of `expire_holds`.
    ExpireHolds = expire_holds(clinic_id: Bigint = null) -> Bigint;
    /// Arguments of `run_due_jobs`.
    RunDueJobs = run_due_jobs(clinic_id: Bigint = null) -> table JobRun {
        job: Text, changed: Bigint, failed: Bigint, first_error: Text,
    };
    /// Arguments of `schedule_jobs`.
    ScheduleJobs = schedule_jobs(schedule: Text = "* * * * *") -> Text;
    /// Arguments of `unschedule_jobs`.
    UnscheduleJobs = unschedule_jobs() -> Boolean;
}

/// Rows of clinic.bookings that are due, locked: of `$1` a clinic, `$2` the moment, `$3` at most so many; the first of an order, or
/// any but `$4` by the chance `$5`. Or which of `$3` are due.
macro_rules! due_bookings {
    ($condition:literal, first by $order:literal) => {
        concat!(
            "select id from clinic.bookings where clinic_id = $1 and ",
            $condition,
            " order by ",
            $order,
            ", id limit $3 for no key update skip locked"
        )
    };
    ($condition:literal, others) => {
        concat!(
            "select id from clinic.bookings where clinic_id = $1 and ",
            $condition,
            " and not exists (select from unnest($4) tried where tried = id)
             order by hashint8extended(id, $5) limit $3 for no key update skip locked"
        )
    };
    ($condition:literal, among) => {
        // Never by an index of what is due: there may be very many.
        concat!(
            "select id from (select * from clinic.bookings where clinic_id = $1 and id = any ($3) offset 0) as tried
             where ",
            $condition
        )
    };
}

/// Bookings at `$2` whose patient was never seen: over, and begun long enough ago, as the clinic `$1` says (null = never). None
/// from before it counts no-shows: an import isn't turned into them.
macro_rules! missed {
    ($($rest:tt)*) => {
        due_bookings!(
            "status = 'booked' and upper(during) <= $2
             and upper(during) >= (select no_show_since from clinic.clinics where id = $1)
             and lower(during) <=
               $2 - (select no_show_after_minutes * interval '1 minute' from clinic.clinics where id = $1)",
            $($rest)*
        )
    };
}

statements! {
    /// Bookings whose patient was never seen.
    MISSED(INT8OID, TIMESTAMPTZOID, INT8OID) = missed!(first by "upper(during)");
    /// Others of them.
    OTHER_MISSED(INT8OID, TIMESTAMPTZOID, INT8OID, INT8ARRAYOID, INT8OID) = missed!(others);
    /// Which are.
    STILL_MISSED(INT8OID, TIMESTAMPTZOID, INT8ARRAYOID) = missed!(among);
    /// The patient didn't come.
    MARK(INT8OID, INT8OID) = "update clinic.bookings set status = 'noshow' where clinic_id = $1 and id = $2";
    /// Holds that have expired.
    EXPIRED(INT8OID, TIMESTAMPTZOID, INT8OID) =
        due_bookings!("status = 'pending' and hold_expires_at <= $2", first by "hold_expires_at");
    /// Others of them.
    OTHER_EXPIRED(INT8OID, TIMESTAMPTZOID, INT8OID, INT8ARRAYOID, INT8OID) =
        due_bookings!("status = 'pending' and hold_expires_at <= $2", others);
    /// Which are.
    STILL_EXPIRED(INT8OID, TIMESTAMPTZOID, INT8ARRAYOID) =
        due_bookings!("status = 'pending' and hold_expires_at <= $2", among);
    /// All clinics.
    CLINICS() = "select id from clinic.clinics order by id";
}

/// Runs a job for a clinic, with its defaults.
type RunJob = fn(&Spi, clinic: i64) -> Result<Outcome>;

/// All of them, in the order in which they run. Each must wait for nobody.
const JOBS: [(&str, RunJob); 3] =
    [("mark_no_shows", mark), ("expire_holds", expire), ("expire_offers", writes::expire)];

fn mark_no_shows(args: &Args) -> Result<pg_sys::Datum> {
    let MarkNoShows { clinic_id } = MarkNoShows::read(args)?;
    let _owner = access::job_on(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let clinic = clinic::open(spi, clinic_id, Access::Latest)?.clinic;
        mark(spi, clinic).map(|outcome| pg_sys::Datum::from(outcome.changed))
    })
}

fn expire_holds(args: &Args) -> Result<pg_sys::Datum> {
    let ExpireHolds { clinic_id } = ExpireHolds::read(args)?;
    let _owner = access::job_on(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let clinic = clinic::open(spi, clinic_id, Access::Latest)?.clinic;
        expire(spi, clinic).map(|outcome| pg_sys::Datum::from(outcome.changed))
    })
}

fn run_due_jobs(args: &Args) -> Result<pg_sys::Datum> {
    let RunDueJobs { clinic_id } = RunDueJobs::read(args)?;
    let mut rows = Rows::<JobRun>::new(args);
    let _owner = access::job_on(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let clinics = match clinic_id {
            Some(named) => vec![clinic::open(spi, Some(named), Access::Latest)?.clinic],
            None => spi.values(&CLINICS, Access::Latest, &[])?,
        };
        for (name, job) in JOBS {
            let mut outcome = Outcome::default();
            for clinic in &clinics {
                // A clinic, or a job, that can't be served keeps none of the others.
                match attempt(|| job(spi, *clinic))? {
                    Ok(of_clinic) => outcome.add(of_clinic),
                    Err(error) if error.is_shortage() || error.is_not_allowed() => return Err(error),
                    Err(error) => outcome.fail(name, &format!("clinic {clinic}"), &error)?,
                }
            }
            rows.push(JobRun {
                job: name.into(),
                changed: outcome.changed.into(),
                failed: outcome.failed.into(),
                first_error: outcome.first_error.into(),
            });
        }
        Ok(())
    })?;
    Ok(rows.done())
}

/// Marks the patients who didn't come.
fn mark(spi: &Spi, clinic: i64) -> Result<Outcome> {
    let now = session::now();
    let _attribution = Attribution::of(Cause::NoShowJob);
    let job = Job {
        name: "mark_no_shows",
        row: "booking",
        pick: &|pick| picked(spi, clinic, now, pick, &MISSED, &OTHER_MISSED),
        change: &|bookings| {
            for booking in bookings {
                session::check_for_cancel();
                spi.run(&MARK, &[param(clinic), param(*booking)])?;
            }
            Ok(())
        },
        due: &|bookings| due(spi, clinic, now, bookings, &STILL_MISSED),
    };
    job.run()
}

/// Cancels holds that have expired, as a writer does who needs their place.
fn expire(spi: &Spi, clinic: i64) -> Result<Outcome> {
    let now = session::now();
    let job = Job {
        name: "expire_holds",
        row: "booking",
        pick: &|pick| picked(spi, clinic, now, pick, &EXPIRED, &OTHER_EXPIRED),
        change: &|holds| load::expire(spi, clinic, holds),
        due: &|holds| due(spi, clinic, now, holds, &STILL_EXPIRED),
    };
    job.run()
}

statements! {
    /// Whether pg_cron is in this database, whether it could be, and the command to run.
    CRON() =
        "select exists (select from pg_extension where extname = 'pg_cron') as is_here,
           exists (select from pg_available_extensions where name = 'pg_cron') as is_available,
           current_database()::text as database, (current_setting('server_version_num')::integer / 10000)::text as major,
           (select format('select * from %I.run_due_jobs()', n.nspname)
            from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_clinic') as command";
    /// Adds or replaces the user's job of that name.
    SCHEDULE(TEXTOID, TEXTOID, TEXTOID) = "select cron.schedule($1, $2, $3)";
    /// Removes it.
    UNSCHEDULE(TEXTOID) =
        "select cron.unschedule(jobid) from cron.job where jobname = $1 and username = current_user";
}

/// The job's name in cron.job.
const CRON_JOB: &str = "pg_clinic";

row! {
    /// The answer of CRON.
    struct Cron {
        is_here: bool,
        is_available: bool,
        database: String,
        major: String,
        command: String,
    }
}

impl Cron {
    fn read(spi: &Spi) -> Result<Self> {
        spi.row(&CRON, Access::Latest, &[])?
            .ok_or_else(|| ClinicError::new(SqlState::Internal, "pg_extension can't be read"))
    }

    /// The error where pg_cron isn't.
    fn missing(&self) -> ClinicError {
        let Self { database, major, command, .. } = self;
        let detail = if self.is_available {
            "It is installed on the server, but only one database has it: the one that cron.database_name names."
        } else {
            "It isn't installed on the server either."
        };
        let package = match self.is_available {
            true => String::new(),
            false => format!("install it (Debian: apt-get install postgresql-{major}-cron); "),
        };
        ClinicError::new(SqlState::NotSupported, "pg_cron isn't in this database, so nothing is scheduled")
            .detail(detail)
            .hint(format!(
                "To have it here: {package}set shared_preload_libraries = 'pg_cron' and cron.database_name = \
                 '{database}', restart the server, create extension pg_cron. Where pg_cron serves another database, \
                 call there: select cron.schedule_in_database('{CRON_JOB}', '* * * * *', '{command}', '{database}'). \
                 Or have any other scheduler run every minute: {command}"
            ))
    }
}

fn schedule_jobs(args: &Args) -> Result<pg_sys::Datum> {
    let ScheduleJobs { schedule } = ScheduleJobs::read(args)?;
    let schedule = schedule.unwrap_or_else(|| "* * * * *".to_owned());
    // Otherwise it would be a job that fails every minute.
    access::require(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let cron = Cron::read(spi)?;
        if !cron.is_here {
            return Err(cron.missing());
        }
        let params = [param(CRON_JOB), param(schedule.as_str()), param(cron.command.as_str())];
        let job: Option<i64> = spi.value(&SCHEDULE, Access::Latest, &params)?;
        Ok((job.unwrap_or_default(), cron.command))
    })
    .map(|(job, command)| {
        let answer = format!("pg_cron job {job} \"{CRON_JOB}\" is scheduled: {schedule} {command}");
        answer.into_datum().unwrap_or(pg_sys::Datum::null())
    })
}

fn unschedule_jobs(args: &Args) -> Result<pg_sys::Datum> {
    let UnscheduleJobs {} = UnscheduleJobs::read(args)?;
    spi::connect(|spi| {
        if !Cron::read(spi)?.is_here {
            return Ok(pg_sys::Datum::from(false));
        }
        let was: Option<bool> = spi.value(&UNSCHEDULE, Access::Latest, &[param(CRON_JOB)])?;
        Ok(pg_sys::Datum::from(was.unwrap_or(false)))
    })
}
