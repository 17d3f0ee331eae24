//! Levels of access: grant_clinic_access, revoke_clinic_access.

use pg_clinic_core::shipped::privileges::{Privilege, privileges};
use pgrx::pg_sys;

use crate::pg::platform::access::acting_as_owner_of;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::signatures::{Boolean, Regrole, Required, Text, Void, signatures};
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::platform::{clinic, session};
use crate::pg::setup::level::Level;
use crate::pg::setup::{held, scripts};

sql_functions! {
    pg_clinic_grant_clinic_access, pg_finfo_pg_clinic_grant_clinic_access => grant_clinic_access;
    pg_clinic_revoke_clinic_access, pg_finfo_pg_clinic_revoke_clinic_access => revoke_clinic_access;
}

signatures! {
    /// Arguments of `grant_clinic_access`.
    GrantClinicAccess = grant_clinic_access(role: Required<Regrole>, level: Required<Text>) -> Void;
    /// Arguments of `revoke_clinic_access`.
    RevokeClinicAccess = revoke_clinic_access(role: Required<Regrole>) -> Boolean;
}

statements! {
    /// Whether the current user may grant what schema clinic has.
    CAN_GRANT() = "select pg_has_role(nspowner, 'usage') from pg_namespace where nspname = 'clinic'";
    /// A role; whether it can call the extension's functions; whether it owns the tables, or one of them; and whether it has all
    /// that their owner has.
    ROLE(OIDOID) =
        "select r.rolname::text as name, quote_ident(r.rolname) as identifier,
           has_schema_privilege(r.oid, e.extnamespace, 'usage') as can_use,
           case when n.nspowner = r.oid then 'schema clinic' else
             (select min(format('clinic.%I', c.relname)) from pg_class c where c.relnamespace = n.oid and c.relowner = r.oid) end as owned,
           pg_has_role(r.oid, n.nspowner, 'usage') as has_all
         from pg_roles r, pg_extension e, pg_namespace n
         where r.oid = $1 and e.extname = 'pg_clinic' and n.nspname = 'clinic'";
    /// Keeps a role's level, in place of the one it had.
    KEEP(TEXTOID, TEXTOID) =
        "insert into clinic.access_levels (role, level) values ($1, $2)
         on conflict (role) do update set level = excluded.level, granted_at = excluded.granted_at";
    /// Forgets a role's level.
    FORGET(TEXTOID) = "delete from clinic.access_levels where role = $1 returning true";
}

row! {
    struct RoleRow {
        name: String,
        identifier: String,
        can_use: bool,
        owned: Option<String>,
        has_all: bool,
    }
}

/// A statement of sql/grants: `grant WHAT on OBJECTS to @role@`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant {
    pub(super) what: &'static str,
    pub(super) objects: &'static str,
}

impl Grant {
    fn give(self, role: &str) -> String {
        format!("grant {} on {} to {role};", self.what, self.objects)
    }

    /// Whether it gives a right, on the whole or a part.
    fn includes(self, right: &Privilege) -> bool {
        if self.objects == "all tables in schema clinic" {
            return right.relation.is_some() && right.right == self.what;
        }
        let whole = Privilege { column: None, ..right.clone() };
        privileges(self.what, self.objects).iter().any(|given| given == right || *given == whole)
    }
}

impl Level {
    /// The script with what it adds to the level before.
    const fn script(self) -> &'static str {
        match self {
            Self::Finder => include_str!("../../../sql/grants/finder.sql"),
            Self::Reader => include_str!("../../../sql/grants/reader.sql"),
            Self::Scheduler => include_str!("../../../sql/grants/scheduler.sql"),
            Self::Admin => include_str!("../../../sql/grants/admin.sql"),
        }
    }

    /// What it adds to the level before.
    fn grants(self) -> Result<Vec<Grant>> {
        let statements = self.script().split(';').map(without_comments).filter(|text| !text.is_empty());
        statements.map(|text| grant(text).ok_or_else(|| unreadable(text))).collect()
    }

    /// What it has: its own and what the levels before it have.
    pub(super) fn all_grants(self) -> Result<Vec<Grant>> {
        let included = Self::ALL.into_iter().filter(|included| *included <= self);
        Ok(included.map(Self::grants).collect::<Result<Vec<_>>>()?.concat())
    }
}

/// A statement without the comment lines before it.
fn without_comments(mut text: &'static str) -> &'static str {
    text = text.trim();
    while text.starts_with("--") {
        text = text.split_once('\n').map_or("", |(_, rest)| rest.trim());
    }
    text
}

fn grant(text: &'static str) -> Option<Grant> {
    let (what, objects) = text.strip_prefix("grant ")?.strip_suffix(" to @role@")?.split_once(" on ")?;
    Some(Grant { what, objects })
}

fn unreadable(text: &str) -> ClinicError {
    ClinicError::new(SqlState::Internal, "a statement of sql/grants can't be read").detail(text.to_owned())
}

/// Gives a role a level, in place of the one it had.
fn grant_clinic_access(args: &Args) -> Result<pg_sys::Datum> {
    let GrantClinicAccess { role: oid, level } = GrantClinicAccess::read(args)?;
    clinic::require_schema()?;
    let Some(level) = Level::parse(&level) else {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("\"{level}\" is no level of access"),
        )
        .hint("Levels are finder, reader, scheduler and admin; each includes those before it."));
    };
    spi::connect(|spi| {
        let role = grantee(spi, oid)?;
        if role.has_all {
            let RoleRow { name, .. } = role;
            return Err(ClinicError::new(
                SqlState::InvalidArgument,
                format!("role {name} has all rights in schema clinic, so a level would change nothing"),
            )
            .detail("It is the owner of the schema, a member of that role, or a superuser.")
            .hint("Give the level to a role of the app's own."));
        }
        if !role.can_use {
            let schema = scripts::extension_schema(spi, Access::Latest)?;
            spi.script(&format!("grant usage on schema {schema} to {}", role.identifier))?;
        }
        let of_levels = Level::Admin.all_grants()?;
        held::take(spi, oid, &role.identifier, |held| {
            held.privilege().is_some_and(|right| of_levels.iter().any(|grant| grant.includes(&right)))
        })?;
        let _owner = acting_as_owner_of(c"access_levels")?;
        let given = level.all_grants()?.into_iter().map(|grant| grant.give(&role.identifier));
        spi.script(&given.collect::<Vec<_>>().join("\n"))?;
        spi.run(&KEEP, &[param(role.name), param(level.as_str())])?;
        Ok(pg_sys::Datum::null())
    })
}

/// Takes everything from a role that it was granted in schema clinic.
fn revoke_clinic_access(args: &Args) -> Result<pg_sys::Datum> {
    let RevokeClinicAccess { role: oid } = RevokeClinicAccess::read(args)?;
    clinic::require_schema()?;
    spi::connect(|spi| {
        let role = grantee(spi, oid)?;
        if let Some(owned) = role.owned {
            return Err(ClinicError::new(
                SqlState::InvalidArgument,
                format!("role {} owns {owned}, so it keeps its rights", role.name),
            ));
        }
        let was_granted = held::take(spi, oid, &role.identifier, |_| true)?;
        let has_defaults = held::take_defaults(spi, oid, &role.identifier)?;
        let _owner = acting_as_owner_of(c"access_levels")?;
        let had_level: Option<bool> = spi.value(&FORGET, Access::Latest, &[param(role.name)])?;
        Ok(pg_sys::Datum::from(was_granted || has_defaults || had_level == Some(true)))
    })
}

/// The role that is to get or to lose access, once it is clear that the caller may say so. Calls queue: PostgreSQL refuses
/// two who change the privileges on a table at a time.
fn grantee(spi: &Spi, role: pg_sys::Oid) -> Result<RoleRow> {
    if spi.value(&CAN_GRANT, Access::Latest, &[])? != Some(true) {
        return Err(ClinicError::new(
            SqlState::NotAllowed,
            "permission denied to grant access to schema clinic",
        )
        .hint("Its owner or a superuser can."));
    }
    session::queue_for_set_up();
    spi.row(&ROLE, Access::Latest, &[param(role)])?.ok_or_else(|| {
        ClinicError::new(SqlState::UndefinedRole, format!("role with OID {} does not exist", role.to_u32()))
    })
}
