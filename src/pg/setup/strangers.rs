//! Who may do something in schema clinic that no level gave: PUBLIC, roles without a level or with more than theirs, and roles
//! to be; and levels that bound nothing. For check_clinic().

use std::collections::{BTreeMap, BTreeSet};

use pg_clinic_core::shipped::findings::Finding;
use pg_clinic_core::shipped::privileges::{Holder, Privilege};
use pg_clinic_core::shipped::{Kind, Problem, find};

use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, statements};
use crate::pg::setup::level::Level;

/// The rights on the schema, its relations and their columns: `lists`, with the owner of each.
macro_rules! lists {
    () => {
        "clinic as (select oid, nspowner, nspacl from pg_namespace where nspname = 'clinic'),
         lists as (
           select null::text as relation, null::text as column_name, nspowner as owner, nspacl as list from clinic
           union all
           select c.relname, null, c.relowner, c.relacl from pg_class c join clinic n on n.oid = c.relnamespace
           union all
           select c.relname, a.attname, c.relowner, a.attacl
           from pg_class c join clinic n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
           where a.attacl is not null and not a.attisdropped)"
    };
}

statements! {
    /// What was granted to PUBLIC, and to roles that haven't all that the owner has.
    GRANTS() = concat!(
        "with ", lists!(), "
         select case g.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end as role, g.grantee = 0 as is_public,
           l.relation, l.column_name, lower(g.privilege_type) as granted_right, g.is_grantable
         from clinic n, lists l cross join lateral aclexplode(l.list) g
         where g.grantee <> l.owner and (g.grantee = 0 or not pg_has_role(g.grantee, n.nspowner, 'usage'))");
    /// What roles with a level have by a role that they are members of, of the system's own ones, too.
    INHERITED() = concat!(
        "with ", lists!(), ",
         rights as (
           select g.grantee, l.relation, l.column_name, lower(g.privilege_type) as granted_right
           from lists l cross join lateral aclexplode(l.list) g
           union all
           select r.oid, l.relation, null, s.granted_right
           from (values ('pg_read_all_data', 'select'), ('pg_write_all_data', 'insert'), ('pg_write_all_data', 'update'),
             ('pg_write_all_data', 'delete')) s (role, granted_right) join pg_roles r on r.rolname = s.role, lists l
           where l.relation is not null and l.column_name is null)
         select distinct quote_ident(h.rolname) as role, quote_ident(p.rolname) as parent, r.relation, r.column_name, r.granted_right
         from clinic n, clinic.access_levels l join pg_roles h on h.rolname = l.role join pg_auth_members m on m.member = h.oid
           join pg_roles p on p.oid = m.roleid, rights r
         where not pg_has_role(h.oid, n.nspowner, 'usage') and pg_has_role(h.oid, p.oid, 'usage')
           and r.grantee <> 0 and r.grantee <> h.oid and pg_has_role(p.oid, r.grantee, 'usage')");
    /// Levels of roles that aren't there, or that have all that the owner has: by themselves, or by a role.
    IDLE_LEVELS() =
        "select quote_ident(l.role) as role, quote_literal(l.role) as literal, l.level, r.oid is null as is_gone,
           case when not r.rolsuper then (select min(quote_ident(p.rolname)) from pg_auth_members m join pg_roles p on p.oid = m.roleid
             where m.member = r.oid and pg_has_role(p.oid, n.nspowner, 'usage')) end as parent
         from pg_namespace n, clinic.access_levels l left join pg_roles r on r.rolname = l.role
         where n.nspname = 'clinic' and (r.oid is null or pg_has_role(r.oid, n.nspowner, 'usage')) order by l.role";
    /// What somebody is going to be granted on things that are made in the schema.
    DEFAULTS() =
        "select case g.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end as role,
           quote_ident(pg_get_userbyid(d.defaclrole)) as maker, string_agg(lower(g.privilege_type), ', ' order by g.privilege_type) as rights,
           case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'routines' else 'types' end as things
         from pg_default_acl d join pg_namespace n on n.oid = d.defaclnamespace cross join lateral aclexplode(d.defaclacl) g
         where n.nspname = 'clinic' and g.grantee <> d.defaclrole group by g.grantee, d.defaclrole, d.defaclobjtype order by 1, 2, 4";
}

row! {
    struct GrantRow {
        role: String,
        is_public: bool,
        relation: Option<String>,
        column_name: Option<String>,
        granted_right: String,
        is_grantable: bool,
    }
}

row! {
    struct InheritedRow {
        role: String,
        parent: String,
        relation: Option<String>,
        column_name: Option<String>,
        granted_right: String,
    }
}

row! {
    struct IdleRow {
        role: String,
        literal: String,
        level: String,
        is_gone: bool,
        parent: Option<String>,
    }
}

row! {
    struct DefaultsRow {
        role: String,
        maker: String,
        rights: String,
        things: String,
    }
}

/// All of them. `holders` are the roles with levels that bound something.
pub fn findings(spi: &Spi, access: Access, holders: &[Holder]) -> Result<Vec<Finding>> {
    let mut findings = idle_levels(spi, access)?;
    findings.extend(grants(spi, access, holders)?);
    findings.extend(memberships(spi, access, holders)?);
    findings.extend(defaults(spi, access)?);
    Ok(findings)
}

/// What works against the levels of a role, where no single table is meant.
fn of_role(role: &str, sentence: String, remedy: String) -> Finding {
    let object = format!("schema clinic.{role}");
    Finding { kind: Kind::Privilege, object, problem: Problem::NotOurs, sentence, remedy }
}

/// A right, if it is on the schema or on what we ship.
fn ours(relation: Option<String>, right: String, column: Option<String>) -> Option<Privilege> {
    let is_ours = relation
        .as_deref()
        .is_none_or(|relation| find(Kind::Table, relation).is_some() || find(Kind::View, relation).is_some());
    is_ours.then_some(Privilege { relation, right, column })
}

/// `select on clinic.bookings and 3 more`.
fn summary(rights: &BTreeSet<Privilege>) -> String {
    let first = rights.first().map(Privilege::text).unwrap_or_default();
    match rights.len() {
        0 | 1 => first,
        count => format!("{first} and {} more", count - 1),
    }
}

fn idle_levels(spi: &Spi, access: Access) -> Result<Vec<Finding>> {
    let rows: Vec<IdleRow> = spi.rows(&IDLE_LEVELS, access, &[])?;
    let finding = |IdleRow { role, literal, level, is_gone, parent }: IdleRow| {
        let forget = format!("delete from clinic.access_levels where role = {literal}");
        match (is_gone, parent) {
            (true, _) => Finding {
                problem: Problem::Missing,
                ..of_role(
                    &role,
                    format!(
                        "Role {role} with level {level} isn't there: it was dropped, or has another name and what it was granted."
                    ),
                    forget,
                )
            },
            (false, Some(parent)) => of_role(
                &role,
                format!(
                    "Role {role} is a member of {parent}, and has by it all rights in schema clinic, whatever level {level} says."
                ),
                format!("revoke {parent} from {role}"),
            ),
            (false, None) => of_role(
                &role,
                format!(
                    "Role {role} has all rights in schema clinic, whatever level {level} says: it is the owner or a superuser."
                ),
                forget,
            ),
        }
    };
    Ok(rows.into_iter().map(finding).collect())
}

/// What was granted to PUBLIC or to roles without a level, and what may be granted on.
fn grants(spi: &Spi, access: Access, holders: &[Holder]) -> Result<Vec<Finding>> {
    let mut public = BTreeSet::new();
    let mut without_level: BTreeMap<String, BTreeSet<Privilege>> = BTreeMap::new();
    let mut grantable = BTreeSet::new();
    for GrantRow { role, is_public, relation, column_name, granted_right, is_grantable } in
        spi.rows(&GRANTS, access, &[])?
    {
        let Some(privilege) = ours(relation, granted_right, column_name) else { continue };
        if is_public {
            public.insert(privilege);
        } else if !holders.iter().any(|holder| holder.role == role) {
            without_level.entry(role).or_default().insert(privilege);
        } else if is_grantable {
            grantable.insert((role, privilege));
        }
    }
    let public = public.into_iter().map(|privilege| {
        let text = privilege.text();
        Finding {
            object: format!("{}.public", privilege.relation.as_deref().unwrap_or("schema clinic")),
            ..of_role(
                "public",
                format!("Everybody has {text}, with or without a level."),
                format!("revoke {text} from public"),
            )
        }
    });
    let without_level = without_level.into_iter().map(|(role, rights)| role_without_level(&role, &rights));
    let grantable = grantable.into_iter().map(|(role, privilege)| {
        let text = privilege.text();
        Finding {
            object: format!("{}.{role}", privilege.relation.as_deref().unwrap_or("schema clinic")),
            ..of_role(
                &role,
                format!("Role {role} may grant {text} to others, which no level may."),
                format!("revoke grant option for {text} from {role} cascade"),
            )
        }
    });
    let without_level = without_level.collect::<Result<Vec<_>>>()?;
    Ok(public.chain(without_level).chain(grantable).collect())
}

/// A role that was renamed after it was given a level has just what the level gives.
fn role_without_level(role: &str, rights: &BTreeSet<Privilege>) -> Result<Finding> {
    let literal = role.replace('\'', "\'\'");
    for level in Level::ALL {
        if level.privileges()? == *rights {
            let level = level.as_str();
            return Ok(of_role(
                role,
                format!("Role {role} isn't listed with a level, but has what level {level} has."),
                format!("select grant_clinic_access('{literal}', '{level}')"),
            ));
        }
    }
    let sentence = format!("Role {role} has no level, but {}.", summary(rights));
    Ok(of_role(role, sentence, format!("select revoke_clinic_access('{literal}')")))
}

/// Roles that have by a role that they are members of what their level doesn't give.
fn memberships(spi: &Spi, access: Access, holders: &[Holder]) -> Result<Vec<Finding>> {
    let mut more: BTreeMap<(String, String), BTreeSet<Privilege>> = BTreeMap::new();
    for InheritedRow { role, parent, relation, column_name, granted_right } in
        spi.rows(&INHERITED, access, &[])?
    {
        let Some(holder) = holders.iter().find(|holder| holder.role == role) else { continue };
        let Some(privilege) = ours(relation, granted_right, column_name) else { continue };
        let whole = Privilege { column: None, ..privilege.clone() };
        if !holder.granted.contains(&privilege) && !holder.granted.contains(&whole) {
            more.entry((role, parent)).or_default().insert(privilege);
        }
    }
    let findings = more.into_iter().map(|((role, parent), rights)| {
        let rights = summary(&rights);
        let sentence =
            format!("Role {role} is a member of {parent}, and has by it what its level doesn't: {rights}.");
        of_role(&role, sentence, format!("revoke {parent} from {role}"))
    });
    Ok(findings.collect())
}

fn defaults(spi: &Spi, access: Access) -> Result<Vec<Finding>> {
    let rows: Vec<DefaultsRow> = spi.rows(&DEFAULTS, access, &[])?;
    let finding = |DefaultsRow { role, maker, rights, things }: DefaultsRow| {
        let sentence = format!("New {things} that {maker} makes in schema clinic give {rights} to {role}.");
        let alter = format!("alter default privileges for role {maker} in schema clinic");
        of_role(&role, sentence, format!("{alter} revoke all on {things} from {role}"))
    };
    Ok(rows.into_iter().map(finding).collect())
}
