//! The README's table of codes is the core's list.

use pg_clinic_core::reason::Code;

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
