//! The README's tables of codes and of kinds of events are the core's lists.

use pg_clinic_core::booking::event::EventKind;
use pg_clinic_core::booking::reason::Code;

#[test]
fn the_readme_lists_every_code_with_its_meaning() {
    let readme = include_str!("../../../README.md");
    let section = readme.split("## Why not? The codes").nth(1).and_then(|rest| rest.split("\n## ").next());
    let rows: Vec<&str> =
        section.unwrap_or_default().lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> =
        Code::ALL.iter().map(|code| format!("| `{}` | {} |", code.as_str(), code.describe())).collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_readme_lists_every_kind_of_event() {
    let readme = include_str!("../../../README.md");
    let section = readme.split("## Events").nth(1).and_then(|rest| rest.split("\n## ").next());
    let rows: Vec<&str> = section
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.strip_prefix("| `").and_then(|row| row.split('`').next()))
        .collect();
    assert_eq!(rows, EventKind::ALL.map(EventKind::as_str));
}
