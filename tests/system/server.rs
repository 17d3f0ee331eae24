//! The server that the tests run against, and databases in it.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use postgres::{Client, Config, NoTls};

use super::{Result, fail};

/// The server that the tests run against.
#[derive(Debug, Clone)]
pub struct Server {
    /// The directory of its Unix socket (`PGHOST`).
    pub socket_directory: PathBuf,
    /// Its port (`PGPORT`), a part of the socket's name.
    pub port: u16,
    /// Its superuser (`PGUSER`).
    pub user: String,
    /// Where psql, pg_dump, initdb … of its version are (`PG_BINDIR`).
    pub bin_directory: PathBuf,
    /// Scratch space that belongs to the server's OS user (`PG_CLINIC_SCRATCH`).
    pub scratch_directory: PathBuf,
    /// The server's OS user, if the tests run as root (`PG_CLINIC_RUN_AS`).
    pub run_as: Option<String>,
}

impl Server {
    /// The server that the environment describes.
    ///
    /// # Errors
    /// When the environment describes none.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            socket_directory: variable("PGHOST")?.into(),
            port: variable("PGPORT")?.parse()?,
            user: variable("PGUSER")?,
            bin_directory: variable("PG_BINDIR")?.into(),
            scratch_directory: variable("PG_CLINIC_SCRATCH")?.into(),
            run_as: std::env::var("PG_CLINIC_RUN_AS").ok().filter(|user| !user.is_empty()),
        })
    }

    /// How to connect to one of its databases.
    #[must_use]
    pub fn config(&self, database: &str) -> Config {
        let mut config = Config::new();
        config
            .host_path(&self.socket_directory)
            .port(self.port)
            .user(&self.user)
            .dbname(database)
            .application_name("pg_clinic system test");
        config
    }

    /// A new session in one of its databases.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub fn connect(&self, database: &str) -> Result<Client> {
        let client = self.config(database).connect(NoTls);
        Ok(client.map_err(|error| format!("can't connect to database {database}: {error}"))?)
    }

    /// An empty database, dropped with the value returned. Names must differ between
    /// tests, which run at the same time.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn database(&self, name: &str) -> Result<Database> {
        let database = Database { server: self.clone(), name: format!("system_{name}") };
        database.drop_if_exists()?;
        self.administer(&format!("create database {}", database.name))?;
        Ok(database)
    }

    /// A copy of a database, dropped with the value returned. Nobody may be connected to the original.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn copy(&self, original: &Database, name: &str) -> Result<Database> {
        let copy = Database { server: self.clone(), name: format!("system_{name}") };
        copy.drop_if_exists()?;
        self.administer(&format!("create database {} template {}", copy.name, original.name))?;
        Ok(copy)
    }

    /// Makes a role that can log in, or takes one that an earlier run left. Roles are the whole server's: names must
    /// differ between tests.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn role(&self, name: &str) -> Result<Role> {
        let mut client = self.connect("postgres")?;
        if client.query("select from pg_roles where rolname = $1", &[&name])?.is_empty() {
            client.batch_execute(&format!("create role {name} login"))?;
        }
        Ok(Role { server: self.clone(), name: name.to_owned() })
    }

    /// One of the server's programs (pg_dump, initdb …), connecting to this server
    /// unless reported otherwise, run as the server's OS user.
    #[must_use]
    pub fn program(&self, name: &str) -> Command {
        self.command(&[self.bin_directory.join(name).as_ref()])
    }

    /// A command, run as the server's OS user.
    fn command(&self, words: &[&OsStr]) -> Command {
        let mut command = match &self.run_as {
            Some(user) => {
                let mut runuser = Command::new("runuser");
                runuser.args(["-u", user, "--"]).args(words);
                runuser
            }
            None => {
                let mut command = Command::new(words[0]);
                command.args(&words[1..]);
                command
            }
        };
        command
            .current_dir("/")
            // No error of a server started here may show what it has Rust collect.
            .env("RUST_BACKTRACE", "1")
            .env("PGHOST", &self.socket_directory)
            .env("PGPORT", self.port.to_string())
            .env("PGUSER", &self.user)
            .env("PGDATABASE", "postgres");
        command
    }

    /// Runs one of the server's programs to its end and returns what it printed.
    ///
    /// # Errors
    /// When it fails; with what it said.
    pub fn run(&self, name: &str, arguments: &[&str]) -> Result<String> {
        finished(self.program(name).args(arguments), name)
    }

    /// The same with so much address space for it and what it starts.
    ///
    /// # Errors
    /// When it fails; with what it said.
    pub fn run_within(&self, megabytes: u64, name: &str, arguments: &[&str]) -> Result<String> {
        let limit = format!("ulimit -v {} && exec \"$0\" \"$@\"", megabytes * 1024);
        let path = self.bin_directory.join(name);
        finished(
            self.command(&["sh".as_ref(), "-c".as_ref(), limit.as_ref(), path.as_ref()]).args(arguments),
            name,
        )
    }

    /// Runs a statement in the database postgres, as the superuser.
    ///
    /// # Errors
    /// When it fails.
    pub fn administer(&self, statement: &str) -> Result {
        self.connect("postgres")?
            .batch_execute(statement)
            .map_err(|error| format!("{statement}: {error}").into())
    }
}

/// A database that lasts as long as this value.
#[derive(Debug)]
pub struct Database {
    server: Server,
    /// Its name in the server.
    pub name: String,
}

impl Database {
    /// A new session in it.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub fn connect(&self) -> Result<Client> {
        self.server.connect(&self.name)
    }

    /// A new session in it as another role. Its password is never asked for: the server trusts its socket.
    ///
    /// # Errors
    /// When the server can't be reached or there is no such role.
    pub fn connect_as(&self, role: &str) -> Result<Client> {
        Ok(self.server.config(&self.name).user(role).connect(NoTls)?)
    }

    /// A new session in it, after `create extension pg_clinic`.
    ///
    /// # Errors
    /// When the extension can't be created.
    pub fn with_extension(&self) -> Result<Client> {
        let mut client = self.connect()?;
        client.batch_execute("set client_min_messages = warning; create extension pg_clinic cascade")?;
        Ok(client)
    }

    /// Types a script into psql, which stops at the first error, and returns what it printed.
    ///
    /// # Errors
    /// When a statement fails; with what psql said.
    pub fn psql(&self, script: &str) -> Result<String> {
        let mut psql = self.server.program("psql");
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", &self.name]);
        let mut psql = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        psql.stdin.take().ok_or("psql takes no input")?.write_all(script.as_bytes())?;
        let Output { status, stdout, stderr } = psql.wait_with_output()?;
        if !status.success() {
            fail!("psql: {status}\n{}", String::from_utf8_lossy(&stderr));
        }
        Ok(String::from_utf8(stdout)?)
    }

    fn drop_if_exists(&self) -> Result {
        self.server.administer(&format!("drop database if exists {} with (force)", self.name))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A test that panicked leaves its database behind, to be looked at; the next run of the test removes it.
        if !std::thread::panicking()
            && let Err(error) = self.drop_if_exists()
        {
            eprintln!("database {} stays behind: {error}", self.name);
        }
    }
}

/// A role that lasts as long as this value. Make it before the database that it is used in, so that it goes after it.
#[derive(Debug)]
pub struct Role {
    server: Server,
    /// Its name in the server.
    pub name: String,
}

impl Drop for Role {
    fn drop(&mut self) {
        if !std::thread::panicking()
            && let Err(error) = self.server.administer(&format!("drop role {}", self.name))
        {
            eprintln!("role {} stays behind: {error}", self.name);
        }
    }
}

fn finished(command: &mut Command, name: &str) -> Result<String> {
    let Output { status, stdout, stderr } = command.output()?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        fail!("{name} {}: {status}\n{}", arguments.join(" "), String::from_utf8_lossy(&stderr));
    }
    Ok(String::from_utf8(stdout)?)
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).map_err(|_| {
        format!("{name} isn't set: these tests need a private server, run them by `make test-system`").into()
    })
}
