//! Link flags of the extension's library.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // pgrx keeps its description of the SQL objects in an ELF section that the
    // linker may drop as garbage. cargo-pgrx would prevent that with RUSTFLAGS of
    // its own, and so recompile every dependency that `cargo test` has just
    // compiled; the flag here reaches the extension's own library only.
    // (.cargo/config.toml switches cargo-pgrx's way off.)
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os != "macos") {
        println!("cargo::rustc-link-arg-cdylib=-Wl,--no-gc-sections");
    }
}
