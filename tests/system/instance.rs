//! Servers beside the one that the tests share: a standby, or one that may crash.

use std::path::PathBuf;

use super::{Result, Server};

/// A server of the test's own, in the scratch directory; stopped and removed with the value.
#[derive(Debug)]
pub struct Instance {
    /// How to reach it.
    pub server: Server,
    data: PathBuf,
    /// Settings beyond PostgreSQL's defaults: `name=value`.
    settings: &'static [&'static str],
    /// Address space that each of its processes may have.
    megabytes: Option<u64>,
}

impl Instance {
    /// A new, empty server with settings (`name=value`). Names must differ between tests.
    ///
    /// # Errors
    /// When it can't be made or doesn't start.
    pub fn empty(beside: &Server, name: &str, settings: &'static [&'static str]) -> Result<Self> {
        let mut instance = Self::at(beside, name)?;
        instance.settings = settings;
        let data = instance.data.display().to_string();
        let user = format!("--username={}", beside.user);
        let options = ["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"];
        beside.run("initdb", &[&["--pgdata", &data, &user][..], &options].concat())?;
        instance.start()?;
        Ok(instance)
    }

    /// A hot standby of `primary`, streaming from it.
    ///
    /// # Errors
    /// When it can't be made or doesn't start.
    pub fn standby_of(primary: &Server, name: &str) -> Result<Self> {
        let instance = Self::at(primary, name)?;
        let data = instance.data.display().to_string();
        let copy = ["--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", "--no-sync"];
        primary.run("pg_basebackup", &[&["--pgdata", &data][..], &copy].concat())?;
        instance.start()?;
        Ok(instance)
    }

    fn at(beside: &Server, name: &str) -> Result<Self> {
        let data = beside.scratch_directory.join(name);
        let server = Server { socket_directory: data.clone(), ..beside.clone() };
        let instance = Self { server, data, settings: &[], megabytes: None };
        instance.remove()?;
        Ok(instance)
    }

    /// Stops it and starts it again.
    ///
    /// # Errors
    /// When it doesn't stop or start.
    pub fn restart(&mut self) -> Result {
        self.stop("fast")?;
        self.start()
    }

    /// The same, with so much address space for each of its processes (`ulimit -v`); `None` = without a limit.
    ///
    /// # Errors
    /// When it doesn't stop or start.
    pub fn restart_within(&mut self, megabytes: Option<u64>) -> Result {
        self.megabytes = megabytes;
        self.restart()
    }

    /// Stops it, in one of pg_ctl's modes.
    ///
    /// # Errors
    /// When it doesn't stop.
    pub fn stop(&self, mode: &str) -> Result {
        let data = self.data.display().to_string();
        self.server.run("pg_ctl", &["stop", &format!("--mode={mode}"), "--wait", "-D", &data])?;
        Ok(())
    }

    /// The process id of its postmaster.
    ///
    /// # Errors
    /// When it doesn't run.
    pub fn postmaster(&self) -> Result<i32> {
        let file = std::fs::read_to_string(self.data.join("postmaster.pid"))?;
        Ok(file.lines().next().unwrap_or_default().trim().parse()?)
    }

    /// What it has logged so far.
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn log(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(self.data.join("log"))?).into_owned())
    }

    /// Starts it.
    ///
    /// # Errors
    /// When it doesn't start.
    pub fn start(&self) -> Result {
        let data = self.data.display().to_string();
        // The data directory is as private as the socket should be.
        let mut options = format!(
            "-c listen_addresses= -c unix_socket_directories={data} -c port={} -c fsync=off",
            self.server.port
        );
        for setting in self.settings {
            options += &format!(" -c {setting}");
        }
        let log = self.data.join("log").display().to_string();
        let arguments = ["start", "--wait", "-D", &data, "-l", &log, "-o", &options];
        match self.megabytes {
            None => self.server.run("pg_ctl", &arguments)?,
            Some(megabytes) => self.server.run_within(megabytes, "pg_ctl", &arguments)?,
        };
        Ok(())
    }

    /// Stops and removes what an earlier run left, or this one.
    fn remove(&self) -> Result {
        let data = self.data.display().to_string();
        if self.data.join("postmaster.pid").exists() {
            self.server.run("pg_ctl", &["stop", "--mode=immediate", "--wait", "-D", &data])?;
        }
        if self.data.exists() {
            std::fs::remove_dir_all(&self.data)?;
        }
        Ok(())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            eprintln!("server in {} stays behind: {error}", self.data.display());
        }
    }
}
