//! Plays the cases of README.md: its SQL is run, and what it must answer stands there, too.
#![forbid(unsafe_code)]

mod play;
mod script;

use std::process::ExitCode;

use pg_clinic_system_tests::{Database, Result, Server, ensure};
use pg_clinic_torture::Report;

const README: &str = include_str!("../README.md");
/// So many are promised.
const CASES: usize = 40;

fn main() -> ExitCode {
    let mut report = Report::default();
    // Parts of titles may be named, as of other tests.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let ended = all(&wanted, &mut report);
    report.tell("the cases themselves", ended);
    report.end()
}

fn all(wanted: &[String], report: &mut Report) -> Result {
    let (setting, cases) = script::read(README)?;
    ensure!(cases.len() == CASES, "README.md has {} cases, not {CASES}", cases.len());
    let server = Server::from_env()?;
    let template = server.database("torture_cases")?;
    let mut client = template.with_extension()?;
    client.batch_execute(&setting).map_err(|error| format!("the setting: {error:?}"))?;
    drop(client);
    for case in &cases {
        if wanted.is_empty() || wanted.iter().any(|word| case.title.contains(word.as_str())) {
            report.tell(&case.title, play(&server, &template, case));
        }
    }
    Ok(())
}

/// Plays one in a database of its own.
fn play(server: &Server, template: &Database, case: &script::Case) -> Result {
    let database = server.copy(template, "torture_case")?;
    play::Stage::new(&database).play(&case.steps)
}
