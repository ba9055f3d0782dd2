use ambit_diagnostics::pages;
use ambit_diagnostics::registry::CODES;

const SECTIONS: &[&str] = &[
    "## What it means",
    "## Why it matters",
    "## Wrong",
    "## Mended",
    "## How to fix",
    "## Configure",
];

#[test]
fn every_page_has_a_code() {
    for (name, _) in pages::all() {
        assert!(
            CODES.iter().any(|c| c.code == name),
            "docs/errors/{name}.md: no such code"
        );
    }
}

#[test]
fn every_code_has_a_page_with_all_sections() {
    let mut faults = Vec::new();
    for code in CODES {
        let Some(page) = code.page() else {
            faults.push(format!("{}: no page", code.code));
            continue;
        };
        let heading = format!("# {} {}: ", code.code, code.slug);
        if !page.starts_with(&heading) {
            faults.push(format!(
                "{}: the heading must begin with `{heading}`",
                code.code
            ));
        }
        let found: Vec<&str> = page.lines().filter(|l| l.starts_with("## ")).collect();
        if found != SECTIONS {
            faults.push(format!("{}: sections {found:?}", code.code));
        }
        let sections: Vec<&str> = page.split("\n## ").collect();
        let wrong = sections.get(3).copied().unwrap_or_default();
        let mended = sections.get(4).copied().unwrap_or_default();
        let mark = format!("//~ {}", code.code);
        if !wrong.contains(&mark)
            && !wrong.contains(&format!("#~ {}", code.code))
            && !wrong.contains("<!-- not executed")
        {
            faults.push(format!(
                "{}: the wrong program marks no line with `{mark}`",
                code.code
            ));
        }
        if mended.contains("~ E")
            || !(mended.contains("```") || wrong.contains("<!-- not executed"))
        {
            faults.push(format!("{}: the mended program", code.code));
        }
        if sections
            .iter()
            .skip(1)
            .any(|s| s.lines().skip(1).all(|l| l.trim().is_empty()))
        {
            faults.push(format!("{}: an empty section", code.code));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
