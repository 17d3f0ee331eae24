//! clinic_help: the reference, in psql.

use pg_clinic_core::help;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::{Rows, signatures};
use crate::pg::platform::sql_types::Text;

sql_functions! {
    pg_clinic_clinic_help, pg_finfo_pg_clinic_clinic_help => clinic_help;
}

signatures! {
    /// Arguments of `clinic_help`.
    ClinicHelp = clinic_help(function_name: Text = null) -> table HelpLine { clinic_help: Text };
}

fn clinic_help(args: &Args) -> Result<pg_sys::Datum> {
    let ClinicHelp { function_name } = ClinicHelp::read(args)?;
    let lines = match function_name {
        None => help::index(),
        Some(name) => help::page(&name).ok_or_else(|| unknown(&name))?,
    };
    let mut rows = Rows::<HelpLine>::new(args);
    for line in lines {
        rows.push(HelpLine { clinic_help: line.into() });
    }
    Ok(rows.done())
}

fn unknown(name: &str) -> ClinicError {
    let error = ClinicError::new(SqlState::InvalidArgument, format!("pg_clinic has no function \"{name}\""));
    match help::like(name) {
        like if like.is_empty() => error.hint("select clinic_help() lists all."),
        like => error.hint(format!("There are {}. select clinic_help() lists all.", like.join(", "))),
    }
}
