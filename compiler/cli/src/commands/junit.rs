//! Test results as `JUnit` XML, the form that build servers read.

use std::fmt::Write as _;

use super::test::Ran;

/// The whole document: one suite a file.
pub(super) fn document(ran: &[Ran<'_>]) -> String {
    let failed = ran
        .iter()
        .filter(|ran| !ran.run.failures.is_empty())
        .count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"ambit\" tests=\"{}\" failures=\"{failed}\">",
        ran.len()
    );
    let mut rest = ran;
    // Tests are sorted by file.
    while let Some(first) = rest.first() {
        let file = &first.test.origin.file;
        let end = rest
            .iter()
            .position(|ran| ran.test.origin.file != *file)
            .unwrap_or(rest.len());
        let (suite, after) = rest.split_at(end);
        rest = after;
        let failed = suite
            .iter()
            .filter(|ran| !ran.run.failures.is_empty())
            .count();
        let file = escaped(file);
        let _ = writeln!(
            out,
            "  <testsuite name=\"{file}\" tests=\"{}\" failures=\"{failed}\">",
            suite.len()
        );
        for ran in suite {
            case(&mut out, ran, &file);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, ran: &Ran<'_>, file: &str) {
    let (name, line) = (escaped(&ran.test.name), ran.test.origin.line);
    let _ = write!(
        out,
        "    <testcase name=\"{name}\" classname=\"{file}\" file=\"{file}\" line=\"{line}\""
    );
    if ran.run.failures.is_empty() {
        out.push_str("/>\n");
        return;
    }
    out.push_str(">\n");
    for failure in &ran.run.failures {
        let message = escaped(&format!("expected {}, got {}", failure.expect, failure.got));
        let place = format!("{}:{}", failure.origin.file, failure.origin.line);
        let text = escaped(&format!("{place}\n{}", failure.why.join("\n")));
        let _ = writeln!(out, "      <failure message=\"{message}\">{text}</failure>");
    }
    out.push_str("    </testcase>\n");
}

/// Text as XML: what XML cannot hold at all becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_xml_cannot_hold() {
        assert_eq!(
            super::escaped("a<b & \"c\"\u{1}\n"),
            "a&lt;b &amp; &quot;c&quot;\u{fffd}&#10;"
        );
    }
}
