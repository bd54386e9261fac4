//! Compiles the C twin for the target that compares it, under the same sanitizer.

fn main() {
    #[cfg(feature = "twin")]
    twin();
}

#[cfg(feature = "twin")]
fn twin() {
    for file in ["twin.c", "../c/zhibi.c", "../c/zhibi.h"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let mut build = cc::Build::new();
    build.compiler("clang").include("../c").file("twin.c").file("../c/zhibi.c");
    build.std("c99").debug(true).opt_level(1);
    // Traps need no second runtime library beside the sanitizer's own.
    build.flag("-fsanitize=fuzzer-no-link,address,undefined").flag("-fsanitize-trap=undefined");
    build.compile("zhibi_twin");
}
