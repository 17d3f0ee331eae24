//! Link flags of the extension's library, and the list of the scripts that make the tables.

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
    let scripts = list_schema(Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap()).join("sql/schema"));
    fs::write(Path::new(&env::var("OUT_DIR").unwrap()).join("schema.rs"), scripts).unwrap();
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
