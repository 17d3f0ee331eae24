//! Compiles the net that catches C++'s exceptions.

fn main() {
    println!("cargo::rerun-if-changed=guard.cpp");
    println!("cargo::rerun-if-changed=build.rs");
    cc::Build::new().cpp(true).file("guard.cpp").compile("pg_clinic_guard");
}
