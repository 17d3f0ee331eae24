//! What a role was granted in schema clinic, by whoever it was; and how it is taken away.

use pg_clinic_core::shipped::privileges::Privilege;
use pgrx::pg_sys;

use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::session::ActingAsOwner;
use crate::pg::platform::spi::{Access, Spi, param, statements};

statements! {
    /// What a role was granted, where it isn't the owner. What its owner granted comes last: to take that may take with it what
    /// others could grant. A grantor finds the object only with USAGE on the schema.
    GRANTS(OIDOID) =
        "with clinic as (select oid, nspowner, nspacl from pg_namespace where nspname = 'clinic'),
         lists as (
           select 'schema clinic' as object, null::text as relation, null::text as column_name, nspowner as owner, nspacl as list from clinic
           union all
           select case c.relkind when 'S' then 'sequence' else 'table' end || format(' clinic.%I', c.relname), c.relname, null, c.relowner, c.relacl
           from pg_class c join clinic n on n.oid = c.relnamespace where c.relacl is not null
           union all
           select format('table clinic.%I', c.relname), c.relname, a.attname, c.relowner, a.attacl
           from pg_class c join clinic n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
           where a.attacl is not null and not a.attisdropped
           union all
           select 'routine ' || p.oid::regprocedure, null, null, p.proowner, p.proacl
           from pg_proc p join clinic n on n.oid = p.pronamespace where p.proacl is not null
           union all
           select format('type clinic.%I', t.typname), null, null, t.typowner, t.typacl
           from pg_type t join clinic n on n.oid = t.typnamespace where t.typacl is not null)
         select l.object, l.relation, l.column_name, lower(g.privilege_type) as granted_right,
           lower(g.privilege_type) || coalesce(' (' || quote_ident(l.column_name) || ')', '') as granted_text, g.grantor,
           quote_ident(pg_get_userbyid(g.grantor)) as grantor_name, g.grantor = l.owner as is_owners,
           pg_has_role(l.owner, 'usage') and (g.grantor = l.owner or has_schema_privilege(g.grantor, n.oid, 'usage')) as can_take
         from clinic n, lists l cross join lateral aclexplode(l.list) g
         where g.grantee = $1 and l.owner <> $1
         order by g.grantor = l.owner, g.grantor, l.object, l.column_name nulls first, 4";
    /// What a role is going to be granted on things that somebody makes in the schema.
    DEFAULTS(OIDOID) =
        "select distinct quote_ident(pg_get_userbyid(d.defaclrole)) as maker, pg_has_role(d.defaclrole, 'usage') as can_take,
           case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'routines' else 'types' end as things
         from pg_default_acl d join pg_namespace n on n.oid = d.defaclnamespace cross join lateral aclexplode(d.defaclacl) g
         where n.nspname = 'clinic' and g.grantee = $1 order by 1, 3";
}

row! {
    /// A right that was granted.
    pub struct GrantRow {
        object: String,
        relation: Option<String>,
        column_name: Option<String>,
        granted_right: String,
        granted_text: String,
        grantor: pg_sys::Oid,
        grantor_name: String,
        is_owners: bool,
        can_take: bool,
    }
}

row! {
    struct DefaultRow {
        maker: String,
        can_take: bool,
        things: String,
    }
}

impl GrantRow {
    /// As a privilege, if it is on the schema, a table or a view.
    pub fn privilege(&self) -> Option<Privilege> {
        let is_on_schema = self.object == "schema clinic";
        (is_on_schema || self.object.starts_with("table ")).then(|| Privilege {
            relation: self.relation.clone(),
            right: self.granted_right.clone(),
            column: self.column_name.clone(),
        })
    }
}

/// Takes from a role what `is_meant` says, whoever granted it, and what the role granted on; says whether there was anything.
/// Refuses where something would stay. `role` is an identifier.
pub fn take(spi: &Spi, oid: pg_sys::Oid, role: &str, is_meant: impl Fn(&GrantRow) -> bool) -> Result<bool> {
    let read = || -> Result<Vec<GrantRow>> {
        let grants: Vec<GrantRow> = spi.rows(&GRANTS, Access::Latest, &[param(oid)])?;
        Ok(grants.into_iter().filter(|grant| is_meant(grant)).collect())
    };
    let grants = read()?;
    for of_grantor in grants.chunk_by(|one, other| one.grantor == other.grantor) {
        let of_object = of_grantor.chunk_by(|one, other| one.object == other.object);
        let revokes = of_object.filter(|grants| grants[0].can_take).map(|grants| {
            let rights: Vec<_> = grants.iter().map(|grant| grant.granted_text.as_str()).collect();
            format!("revoke {} on {} from {role} cascade", rights.join(", "), grants[0].object)
        });
        let revokes: Vec<_> = revokes.collect();
        if !revokes.is_empty() {
            let _grantor = ActingAsOwner::role(of_grantor[0].grantor);
            spi.script(&revokes.join("; "))?;
        }
    }
    let Some(left) = read()?.into_iter().next() else { return Ok(!grants.is_empty()) };
    let GrantRow { object, granted_text, grantor_name: who, .. } = left;
    let hint = match left.is_owners {
        true => by_member(&who),
        false => format!(
            "Take it from {who} first, with all that {who} granted: revoke {granted_text} on {object} from {who} cascade."
        ),
    };
    Err(stays(role, &who, format!("{who} granted {granted_text} on {object}."), hint))
}

/// Takes from a role what it is going to be granted; says whether there was anything. To be called as who asks.
pub fn take_defaults(spi: &Spi, oid: pg_sys::Oid, role: &str) -> Result<bool> {
    let defaults: Vec<DefaultRow> = spi.rows(&DEFAULTS, Access::Latest, &[param(oid)])?;
    for DefaultRow { maker, can_take, things } in &defaults {
        if !can_take {
            let detail = format!("{maker} has default privileges on {things} for it.");
            return Err(stays(role, maker, detail, by_member(maker)));
        }
        spi.script(&format!(
            "alter default privileges for role {maker} in schema clinic revoke all on {things} from {role}"
        ))?;
    }
    Ok(!defaults.is_empty())
}

/// The refusal where something was granted that the caller can't take.
fn stays(role: &str, who: &str, detail: String, hint: String) -> ClinicError {
    let message = format!("permission denied to take from {role} what {who} granted in schema clinic");
    ClinicError::new(SqlState::NotAllowed, message).detail(detail).hint(hint)
}

fn by_member(who: &str) -> String {
    format!("{who}, a member of it, or a superuser can call this, or revoke it.")
}
