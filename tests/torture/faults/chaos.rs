//! What befalls the server: backends ended, cancelled and killed, the postmaster stopped and killed, by seed.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use pg_clinic_system_tests::{Chance, Instance, Result, ensure};
use postgres::Client;

/// What happened how often.
pub type Events = BTreeMap<&'static str, usize>;

/// A fault: the server is up again when it returns.
type Fault = (&'static str, i64, fn(&Instance, &mut Chance) -> Result);

/// Faults and how often each comes, in comparison.
const FAULTS: &[Fault] = &[
    ("backends terminated", 50, |server, chance| {
        on_backends(server, "pg_terminate_backend", chance.between(1, 5))
    }),
    ("statements cancelled", 25, |server, chance| {
        on_backends(server, "pg_cancel_backend", chance.between(1, 5))
    }),
    ("backends killed", 9, |server, _| {
        let first = format!("{CLIENTS} select min(pid) from clients");
        let pid = until_up(server)?.query_one(&first, &[]).ok().and_then(|row| row.get(0));
        pid.map_or(Ok(()), kill)
    }),
    ("immediate stops", 6, |server, _| {
        until_up(server)?;
        server.stop("immediate")?;
        start(server)
    }),
    ("postmasters killed", 6, |server, _| {
        until_up(server)?;
        kill(server.postmaster()?)?;
        start(server)
    }),
    ("fast restarts", 4, |server, _| {
        until_up(server)?;
        server.stop("fast")?;
        start(server)
    }),
];

/// The clients' backends, in an order of their own.
const CLIENTS: &str = "with clients as (
  select pid from pg_stat_activity where datname = 'system_torture' and backend_type = 'client backend' order by md5(pid::text))";

fn on_backends(server: &Instance, function: &str, count: i64) -> Result {
    let call =
        format!("{CLIENTS} select count({function}(pid)) from (select pid from clients limit {count}) c");
    // The server may still go down from the fault before.
    until_up(server)?.query_one(&call, &[]).ok();
    Ok(())
}

/// SIGKILL: nobody gets to tidy up.
fn kill(pid: i32) -> Result {
    let status = Command::new("kill").args(["-9", &pid.to_string()]).status()?;
    // It may have ended by itself.
    ensure!(status.code().is_some(), "kill was killed");
    Ok(())
}

/// Starts it, once those are gone who survived their postmaster.
fn start(server: &Instance) -> Result {
    let mut tries = 0;
    while let Err(error) = server.start() {
        tries += 1;
        ensure!(tries < 100, "it doesn't start: {error}");
        std::thread::sleep(Duration::from_millis(200));
    }
    until_up(server)?;
    Ok(())
}

/// A session, once the server lets somebody in, after recovery.
pub fn until_up(server: &Instance) -> Result<Client> {
    let mut tries = 0;
    loop {
        match server.server.connect("postgres") {
            Ok(client) => return Ok(client),
            Err(error) => ensure!(tries < 600, "it doesn't come up: {error}"),
        }
        tries += 1;
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Faults until it is time. Which come, and in which order, is the seed's; at which moment of the clients' lives, the clock's.
pub fn rage(server: &Instance, seed: u64, until: Instant) -> Result<Events> {
    let mut chance = Chance::new(seed.wrapping_mul(1_000).wrapping_add(999));
    let mut events = Events::new();
    let total = FAULTS.iter().map(|(_, weight, _)| weight).sum();
    loop {
        let pause = Duration::from_millis(chance.between(100, 1200).unsigned_abs());
        let mut left = chance.between(1, total);
        let fault = FAULTS.iter().find(|(_, weight, _)| {
            left -= weight;
            left <= 0
        });
        if Instant::now() + pause >= until {
            return Ok(events);
        }
        std::thread::sleep(pause);
        if let Some((name, _, befall)) = fault {
            befall(server, &mut chance).map_err(|error| format!("{name}: {error}"))?;
            *events.entry(name).or_default() += 1;
        }
    }
}
