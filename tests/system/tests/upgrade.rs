//! Databases of every released version, updated to this one: they become what a fresh one is, byte for byte, and lose no row.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use pg_clinic_system_tests::{Attempt, Database, Instance, Result, Server, ensure, fail};
use postgres::Client;

/// A released version.
struct Release {
    version: String,
    folder: PathBuf,
}

impl Release {
    /// All there are; see scripts/freeze.sh.
    fn all() -> Result<Vec<Self>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sql/upgrade/released");
        let mut all = Vec::new();
        for entry in fs::read_dir(folder)? {
            let folder = entry?.path();
            if folder.is_dir() {
                let version = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                all.push(Self { version, folder });
            }
        }
        ensure!(!all.is_empty(), "no version is frozen");
        Ok(all)
    }

    /// Its install script, where `create extension … version` finds it: users aren't given it.
    fn provide(&self, server: &Server) -> Result {
        let share = server.run("pg_config", &["--sharedir"])?;
        let name = format!("pg_clinic--{}.sql", self.version);
        fs::copy(self.folder.join(&name), Path::new(share.trim()).join("extension").join(name))?;
        Ok(())
    }

    /// Fills an empty database with one that the version made: `demo` or `busy`.
    fn restore(&self, name: &str, database: &Database) -> Result {
        let file = self.folder.join(format!("{name}.sql.gz"));
        let dump = Command::new("gzip").arg("-dc").arg(file).output()?;
        ensure!(dump.status.success(), "gzip: {}", String::from_utf8_lossy(&dump.stderr));
        database.psql(&format!(
            "set client_min_messages = warning; create extension btree_gist;
             create extension pg_clinic version '{}';\n",
            self.version
        ))?;
        database.psql(&String::from_utf8(dump.stdout)?)?;
        Ok(())
    }
}

/// The tables without their rows, as pg_dump writes them, without what differs every time.
fn structure(server: &Server, database: &Database) -> Result<String> {
    let text = server.run("pg_dump", &["--schema-only", &database.name])?;
    Ok(text.lines().filter(|line| !line.contains("restrict ")).collect::<Vec<_>>().join("\n"))
}

/// What the extension consists of, which pg_dump doesn't write.
fn members(client: &mut Client) -> Result<Vec<String>> {
    let rows = client.query(
        "select concat_ws(E'\\n', pg_describe_object(d.classid, d.objid, 0), pg_get_functiondef(p.oid), p.proacl,
           obj_description(d.objid, c.relname))
         from pg_extension e
         join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
         join pg_class c on c.oid = d.classid
         left join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
         where e.extname = 'pg_clinic' order by 1",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// A query for each table that answers with all its rows, of the columns that it has now.
fn queries(client: &mut Client) -> Result<Vec<String>> {
    let rows = client.query(
        "select format('select count(*) || '' rows of %1$s '' || md5(coalesce(string_agg(r::text, '''' order by r::text), ''''))
             from (select %2$s from clinic.%1$I) r', c.relname, string_agg(quote_ident(a.attname), ', ' order by a.attnum))
         from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relnamespace = 'clinic'::regnamespace and c.relkind = 'r' and c.relname <> 'schema_version'
         group by c.relname order by c.relname",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn rows(client: &mut Client, queries: &[String]) -> Result<Vec<String>> {
    queries.iter().map(|query| Ok(client.query_one(query, &[])?.get(0))).collect()
}

/// Fails at the first line that differs.
fn equal(what: &str, one: &[String], other: &[String]) -> Result {
    if let Some((one, other)) = one.iter().zip(other).find(|(one, other)| one != other) {
        fail!("{what}: {one}\n is not\n{other}");
    }
    ensure!(one.len() == other.len(), "{what}: {} and {}", one.len(), other.len());
    Ok(())
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// A database that was never anything else.
fn fresh(server: &Server, name: &str) -> Result<Database> {
    let database = server.database(name)?;
    database.with_extension()?.batch_execute("select init_clinic('Fresh', 'UTC')")?;
    Ok(database)
}

fn no_findings(client: &mut Client) -> Result {
    let findings = client.query("select sentence || ' ' || remedy from check_clinic()", &[])?;
    let findings: Vec<&str> = findings.iter().map(|finding| finding.get(0)).collect();
    ensure!(findings.is_empty(), "the newest step in sql/upgrade/steps lacks:\n{}", findings.join("\n"));
    Ok(())
}

/// The database is as a fresh one; what differs is said by check_clinic() first, with the SQL that a step lacks.
fn is_as_fresh(server: &Server, database: &Database, fresh: &Database) -> Result {
    let mut client = database.connect()?;
    no_findings(&mut client)?;
    equal("members", &members(&mut client)?, &members(&mut fresh.connect()?)?)?;
    equal("pg_dump", &lines(&structure(server, database)?), &lines(&structure(server, fresh)?))
}

/// Updates one database, and looks at it before, between and after.
fn updates(server: &Server, release: &Release, name: &str, fresh: &Database) -> Result {
    let database = server.database(&format!("upgrade_{name}_{}", release.version.replace('.', "_")))?;
    release.restore(name, &database)?;
    let mut client = database.connect()?;
    client.batch_execute("set client_min_messages = warning; alter extension pg_clinic update")?;
    // Before it is done, what needs the new tables says what to do.
    let refusal = client.batch_execute("select check_clinic()").refused("PC003")?;
    ensure!(refusal.message.contains("the extension needs"), "{refusal:?}");
    let queries = queries(&mut client)?;
    let before = rows(&mut client, &queries)?;
    client.batch_execute("select upgrade_clinic()")?;
    equal("rows", &rows(&mut client, &queries)?, &before)?;
    is_as_fresh(server, &database, fresh)?;
    // Once more changes nothing, and locks no table for writers.
    let locks = client.query_one(
        "with done as materialized (select upgrade_clinic())
         select count(*) from done, lateral (select from pg_locks where locktype = 'relation' and pid = pg_backend_pid()
           and mode in ('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') and done is not null) as l",
        &[],
    )?;
    ensure!(locks.get::<_, i64>(0) == 0, "the second time locks tables");
    is_as_fresh(server, &database, fresh)?;
    // There is no way back.
    let downgrade = format!("alter extension pg_clinic update to '{}'", release.version);
    client.batch_execute(&downgrade).refused("22023")?;
    lives_on(&mut client)
}

/// Bookings are found and made in the updated clinic.
fn lives_on(client: &mut Client) -> Result {
    client.batch_execute(
        "select set_config('pg_clinic.clinic_id', (select min(id) from clinic.clinics)::text, false)",
    )?;
    let booked = client.query_one(
        "select count(*) from clinic.appointment_types t
         cross join lateral (select * from next_available(appointment_type_id => t.id) limit 1) s
         cross join lateral book_slot(appointment_type_id => t.id, provider_id => s.provider_id, room_id => s.room_id,
           slot_start => s.slot_start, patient_name => 'New', is_overbooked => s.is_overbooked) b
         where t.id = (select min(id) from clinic.appointment_types where enabled and clinic_id = current_clinic())",
        &[],
    )?;
    ensure!(booked.get::<_, i64>(0) == 1, "nothing can be booked");
    Ok(())
}

#[test]
fn released_versions_become_this_one() -> Result {
    let server = Server::from_env()?;
    let fresh = fresh(&server, "upgrade_fresh")?;
    for release in Release::all()? {
        release.provide(&server)?;
        for name in ["demo", "busy"] {
            updates(&server, &release, name, &fresh)
                .map_err(|error| format!("{name} of {}: {error}", release.version))?;
        }
    }
    Ok(())
}

/// Who upgrades is killed before the commit, and the server with it: nothing has happened, and the next call does it all.
#[test]
fn a_killed_upgrade_is_repeated() -> Result {
    let beside = Server::from_env()?;
    let instance = Instance::empty(&beside, "killed_upgrade", &["restart_after_crash=on"])?;
    let server = &instance.server;
    let fresh = fresh(server, "fresh")?;
    for release in Release::all()? {
        release.provide(server)?;
        let database = server.database("old")?;
        release.restore("demo", &database)?;
        let mut client = database.connect()?;
        client.batch_execute("set client_min_messages = warning; alter extension pg_clinic update")?;
        let before =
            client.query_one("select max(version) from clinic.schema_version", &[])?.get::<_, i32>(0);
        client.batch_execute("begin; select upgrade_clinic()")?;
        let pid: i32 = client.query_one("select pg_backend_pid()", &[])?.get(0);
        ensure!(Command::new("kill").args(["-9", &pid.to_string()]).status()?.success(), "kill");
        let mut client = reconnect(&database)?;
        let after = client.query_one("select max(version) from clinic.schema_version", &[])?.get::<_, i32>(0);
        ensure!(before == after, "version {before} became {after}");
        client.batch_execute("set client_min_messages = warning; select upgrade_clinic()")?;
        drop(client);
        is_as_fresh(server, &database, &fresh)?;
    }
    Ok(())
}

/// A session once the server has recovered.
fn reconnect(database: &Database) -> Result<Client> {
    let started = Instant::now();
    loop {
        std::thread::sleep(Duration::from_millis(200));
        match database.connect() {
            Err(_) if started.elapsed() < Duration::from_secs(60) => {}
            session => return session,
        }
    }
}

/// A role with a level has after the upgrade what the level has now, of new tables and columns, too.
#[test]
fn roles_keep_their_levels() -> Result {
    const LEVELS: [&str; 4] = ["finder", "reader", "scheduler", "admin"];
    let server = Server::from_env()?;
    let roles = LEVELS.map(|level| server.role(&format!("system_upgraded_{level}")));
    let roles = roles.into_iter().collect::<Result<Vec<_>>>()?;
    for release in Release::all()? {
        release.provide(&server)?;
        let database = server.database("upgrade_levels")?;
        release.restore("demo", &database)?;
        let mut client = database.connect()?;
        client.batch_execute("set client_min_messages = warning; alter extension pg_clinic update")?;
        for (level, role) in LEVELS.iter().zip(&roles) {
            let grant = "insert into clinic.access_levels (role, level) values ($1, $2)";
            client.execute(grant, &[&role.name, level])?;
        }
        client.batch_execute("select upgrade_clinic()")?;
        no_findings(&mut client)?;
    }
    Ok(())
}
