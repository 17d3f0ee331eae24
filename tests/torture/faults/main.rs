//! The fault run: clients do everything to a clinic at once while backends and the server are killed under them; then every
//! promise is asked for in SQL. By seed: `make torture SECONDS=600 SEED=7`.
//!
//! README.md says what it reaches, and what "the same seed" means.
#![forbid(unsafe_code)]

mod chaos;
mod checks;
mod client;
mod fixture;
mod fuzz;
mod verbs;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use client::{Life, Plan};
use pg_clinic_system_tests::{Instance, Result, Server, broken_promises, ensure};
use pg_clinic_torture::Report;

/// How many clients there are.
const CLIENTS: usize = 16;

/// A number of the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn main() -> ExitCode {
    let seed = number("TORTURE_SEED", u64::from(std::process::id()));
    let seconds = number("TORTURE_SECONDS", 60);
    println!("torture: SEED={seed} SECONDS={seconds}, {CLIENTS} clients");
    let mut report = Report::default();
    let ended = run(seed, Duration::from_secs(seconds), &mut report);
    report.tell("the run itself", ended);
    report.end()
}

fn run(seed: u64, length: Duration, report: &mut Report) -> Result {
    let settings = &["timezone=UTC", "log_timezone=UTC", "log_line_prefix=%p:%e:", "max_connections=60"];
    let server = Instance::empty(&Server::from_env()?, "torture", settings)?;
    let database = server.server.database("torture")?;
    fixture::make(&database, &server)?;
    let nonsense = server.server.database("fuzz")?;
    fixture::make(&nonsense, &server)?;
    report.tell("every function that writes is a verb", fixture::all_are_verbs(&database));

    let until = Instant::now() + length;
    let (lives, events, fuzzed) = std::thread::scope(|scope| {
        let live = |number| {
            let (database, plan) = (&database, Plan { number, seed, until });
            scope.spawn(move || plan.live(database))
        };
        let fuzzer = scope.spawn(|| fuzz::fuzz(&nonsense, seed, until));
        let clients: Vec<_> = (1..=CLIENTS).map(live).collect();
        let events = chaos::rage(&server, seed, until);
        let lives: Vec<Life> = clients.into_iter().filter_map(|client| client.join().ok()).collect();
        (lives, events, fuzzer.join())
    });
    chaos::until_up(&server)?;
    let events = events?;
    tell(&lives, &events);

    let fuzzed = fuzzed.map_err(|_| "the fuzzer died")??;
    println!("nonsense: {:?}", fuzzed.ends);
    report.tell("nonsense is never an internal error", fuzzed.verdict());
    report.tell("no client died", alive(&lives));
    report.tell("every refusal is documented", checks::refusals(&lives));
    report.tell("no deadlock of single statements", checks::deadlocks(&lives));
    report.tell("nothing but our own kills ended a process", checks::log(&server, &events));
    let mut client = database.connect()?;
    // Until the last hold has run out, which takes three seconds.
    std::thread::sleep(Duration::from_secs(4));
    client.batch_execute("set timezone = 'UTC'; select expire_holds()")?;
    checks::store(&mut client, &lives)?;
    let broken = broken_promises(&mut client)?;
    for (promise, offenders) in pg_clinic_system_tests::PROMISES {
        let is_broken = broken.iter().any(|told| told.ends_with(offenders));
        report.tell(promise, if is_broken { checks::holds(&mut client, offenders) } else { Ok(()) });
    }
    for (promise, offenders) in checks::PROMISES {
        report.tell(promise, checks::holds(&mut client, offenders));
    }
    report.tell("every index has what its table has", checks::indexes(&mut client));
    Ok(())
}

fn alive(lives: &[Life]) -> Result {
    ensure!(lives.len() == CLIENTS, "{} of {CLIENTS} came back", lives.len());
    ensure!(lives.iter().all(|life| !life.deeds.is_empty()), "a client did nothing");
    Ok(())
}

/// Figures: by verb, by fault.
fn tell(lives: &[Life], events: &chaos::Events) {
    for (verb, ends) in client::figures(lives) {
        let total: usize = ends.values().sum();
        let ends: Vec<_> = ends.iter().map(|(end, count)| format!("{end} {count}")).collect();
        println!("{verb:22} {total:7}: {}", ends.join(", "));
    }
    let transactions: usize = lives.iter().map(|life| life.deeds.len()).sum();
    let connections: usize = lives.iter().map(|life| life.connections).sum();
    println!("{transactions} transactions over {connections} connections");
    let events: Vec<_> = events.iter().map(|(event, count)| format!("{event} {count}")).collect();
    println!("{}", events.join(", "));
    let hash = lives.iter().fold(0u64, |hash, life| hash.rotate_left(5) ^ life.hash);
    println!("the first {} transactions of each client: {hash:016x}", client::HASHED);
}
