//! Link flags of the extension's library, the list of the scripts that make the tables, and that of the steps from one version of
//! them to the next.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // pgrx keeps its description of the SQL objects in an ELF section that the
    // linker may drop as garbage. cargo-pgrx would prevent that with RUSTFLAGS of
    // its own, and so recompile every dependency that `cargo test` has just
    // compiled; the flag here reaches the extension's own library only.
    // (.cargo/config.toml switches cargo-pgrx's way off.)
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os != "macos") {
        println!("cargo::rustc-link-arg-cdylib=-Wl,--no-gc-sections");
    }
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
    write("schema.rs", list_schema(root.join("sql/schema")));
    write("steps.rs", list_steps(root.join("sql/upgrade/steps")));
}

/// Writes a file that the code includes.
fn write(name: &str, text: String) {
    fs::write(Path::new(&env::var("OUT_DIR").unwrap()).join(name), text).unwrap();
}

/// A Rust array of the steps, in order: `2.sql` makes version 2 of the tables, `3.sql` version 3.
fn list_steps(folder: PathBuf) -> String {
    println!("cargo::rerun-if-changed={}", folder.display());
    let count = fs::read_dir(&folder).unwrap().count();
    let steps = (2..count + 2).map(|version| folder.join(format!("{version}.sql")));
    let steps =
        steps.inspect(|step| assert!(step.exists(), "steps have no gaps: there is no {}", step.display()));
    format!("[\n{}]\n", steps.map(|step| format!("include_str!({step:?}),\n")).collect::<String>())
}

/// A Rust array of the scripts by their names, in the order of `sql/schema/order`.
fn list_schema(folder: PathBuf) -> String {
    println!("cargo::rerun-if-changed={}", folder.display());
    let order = fs::read_to_string(folder.join("order")).expect("sql/schema/order");
    let names: Vec<&str> =
        order.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    for file in fs::read_dir(&folder).unwrap() {
        let file = PathBuf::from(file.unwrap().file_name());
        let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let is_script = file.extension().is_some_and(|extension| extension == "sql");
        assert!(!is_script || names.contains(&name), "sql/schema/order lacks {name}");
    }
    let scripts = names
        .iter()
        .map(|name| format!("({name:?}, include_str!({:?})),\n", folder.join(format!("{name}.sql"))));
    format!("[\n{}]\n", scripts.collect::<String>())
}
