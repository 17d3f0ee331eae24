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
        let instance = Self { server, data, settings: &[] };
        instance.remove()?;
        Ok(instance)
    }

    /// Stops it and starts it again.
    ///
    /// # Errors
    /// When it doesn't stop or start.
    pub fn restart(&mut self) -> Result {
        let data = self.data.display().to_string();
        self.server.run("pg_ctl", &["stop", "--mode=fast", "--wait", "-D", &data])?;
        self.start()
    }

    /// What it has logged so far.
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn log(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(self.data.join("log"))?).into_owned())
    }

    fn start(&self) -> Result {
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
        self.server.run("pg_ctl", &["start", "--wait", "-D", &data, "-l", &log, "-o", &options])?;
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
