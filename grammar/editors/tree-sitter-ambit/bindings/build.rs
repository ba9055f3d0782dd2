//! Compiles the parser that `tree-sitter` wrote.

fn main() {
    let parser = "src/parser.c";
    println!("cargo:rerun-if-changed={parser}");
    cc::Build::new()
        .std("c11")
        .include("src")
        .file(parser)
        .flag_if_supported("-Wno-unused-parameter")
        .flag_if_supported("-Wno-unused-but-set-variable")
        .compile("tree-sitter-ambit");
}
