//! The extension can be created, and is the version that this checkout builds.

use pg_clinic_system_tests::{Result, Server};

#[test]
fn the_installed_version_is_this_checkouts() -> Result {
    let database = Server::from_env()?.database("extension")?;
    let mut client = database.with_extension()?;
    let row = client.query_one("select extversion from pg_extension where extname = 'pg_clinic'", &[])?;
    assert_eq!(row.get::<_, String>(0), env!("CARGO_PKG_VERSION"));
    Ok(())
}
