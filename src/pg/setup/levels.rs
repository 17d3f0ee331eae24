//! Which role was granted which level of access, and what it holds.

use std::collections::BTreeMap;

use pg_clinic_core::shipped::privileges::{Holder, Privilege, privileges};
use pgrx::pg_sys;

use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, statements};
use crate::pg::setup::level::Level;

statements! {
    /// Roles that were granted a level and are still there. Who has all that the owner has needs none.
    LEVELS() =
        "select r.oid, quote_ident(r.rolname) as role, l.level
         from clinic.access_levels l join pg_roles r on r.rolname = l.role join pg_namespace n on n.nspname = 'clinic'
         where not pg_has_role(r.oid, n.nspowner, 'usage') order by r.rolname";
    /// What they hold on schema clinic and its relations, themselves or by a role they are members of.
    HELD() =
        "with holders as (
           select r.oid from clinic.access_levels l join pg_roles r on r.rolname = l.role),
         memberships as (
           select h.oid, m.oid as grantee from holders h join pg_roles m on pg_has_role(h.oid, m.oid, 'usage')
           union all
           select h.oid, 0::oid from holders h),
         lists as (
           select null::text as relation, null::text as column_name, n.nspacl as list from pg_namespace n where n.nspname = 'clinic'
           union all
           select c.relname, null, c.relacl from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'clinic'
           union all
           select c.relname, a.attname, a.attacl
           from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
           where n.nspname = 'clinic' and a.attacl is not null and not a.attisdropped)
         select m.oid, l.relation, l.column_name, lower(g.privilege_type) as granted_right, m.oid = g.grantee as is_own
         from lists l cross join lateral aclexplode(l.list) g join memberships m on m.grantee = g.grantee";
}

row! {
    struct LevelRow {
        oid: pg_sys::Oid,
        role: String,
        level: Level as "clinic.access_levels",
    }
}

row! {
    struct HeldRow {
        oid: pg_sys::Oid,
        relation: Option<String>,
        column_name: Option<String>,
        granted_right: String,
        is_own: bool,
    }
}

/// The roles with their levels.
pub fn holders(spi: &Spi, access: Access) -> Result<Vec<Holder>> {
    let mut holders = BTreeMap::new();
    for LevelRow { oid, role, level } in spi.rows(&LEVELS, access, &[])? {
        let grants = level.all_grants()?;
        let granted = grants.iter().flat_map(|grant| privileges(grant.what, grant.objects)).collect();
        let level = level.as_str().to_owned();
        let (held, inherited) = Default::default();
        holders.insert(oid.to_u32(), Holder { role, level, granted, held, inherited });
    }
    if holders.is_empty() {
        return Ok(Vec::new());
    }
    for HeldRow { oid, relation, column_name, granted_right, is_own } in spi.rows(&HELD, access, &[])? {
        if let Some(holder) = holders.get_mut(&oid.to_u32()) {
            let privilege = Privilege { relation, right: granted_right, column: column_name };
            let list = if is_own { &mut holder.held } else { &mut holder.inherited };
            list.insert(privilege);
        }
    }
    Ok(holders.into_values().collect())
}
