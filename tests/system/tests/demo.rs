//! What `make demo` shows can be shown, on the days of today.

use pg_clinic_system_tests::{Result, Server, ensure};

/// Fills a database and shows what the extension does in it.
fn show(name: &str, data: &str, picture: &str, headline: &str) -> Result {
    let server = Server::from_env()?;
    let database = server.database(name)?;
    database.psql(data)?;
    let shown = database.psql(picture)?;
    ensure!(shown.contains(headline), "{headline} isn't shown:\n{shown}");
    Ok(())
}

#[test]
fn a_clinics_day_is_shown() -> Result {
    let (data, picture) = (include_str!("../../../demo/clinic.sql"), include_str!("../../../demo/show.sql"));
    show("demo", data, picture, "== Where can a patient go for a checkup")
}

#[test]
fn a_roster_is_shown() -> Result {
    let (data, picture) =
        (include_str!("../../../demo/roster.sql"), include_str!("../../../demo/show_roster.sql"));
    show("demo_roster", data, picture, "OPTIMAL")
}

#[test]
fn rounds_are_shown() -> Result {
    let (data, picture) =
        (include_str!("../../../demo/rounds.sql"), include_str!("../../../demo/show_rounds.sql"));
    show("demo_rounds", data, picture, "Hanna falls ill")
}
