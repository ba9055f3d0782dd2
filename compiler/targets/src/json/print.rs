//! JSON as text: keys sorted, the outer levels over lines, so that a changed rule or column is a changed line.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// The document, with a line end at its end. `spread`: how many levels of a section stand over lines of their own; all else
/// stands on one line.
pub(crate) fn text(document: &Json, spread_levels: &[(&str, usize)]) -> String {
    text_with(document, spread_levels, "", &mut std::iter::empty())
}

/// As [`text`], with the parts of one section, a line each, made while they are printed: there may be many.
pub(crate) fn text_with(
    document: &Json,
    spread_levels: &[(&str, usize)],
    long: &str,
    parts: &mut dyn Iterator<Item = Json>,
) -> String {
    let mut out = String::new();
    let mut parts = parts.peekable();
    let sections = document.as_object().into_iter().flatten();
    open(
        &mut out,
        0,
        ('{', '}'),
        sorted(sections),
        |out, (name, section)| {
            key(out, name);
            if name == long && parts.peek().is_some() {
                open(out, 1, ('[', ']'), parts.by_ref(), |out, part| {
                    line(out, &part, " ");
                });
                return;
            }
            let levels = spread_levels.iter().find(|(known, _)| *known == name);
            spread(out, section, 1, levels.map_or(0, |(_, levels)| *levels));
        },
    );
    out.push('\n');
    out
}

/// On one line, without blanks.
pub(super) fn compact(json: &Json) -> String {
    let mut out = String::new();
    line(&mut out, json, "");
    out
}

fn spread(out: &mut String, json: &Json, depth: usize, levels: usize) {
    match json {
        Json::Object(map) if levels > 0 && !map.is_empty() => {
            open(out, depth, ('{', '}'), sorted(map), |out, (name, value)| {
                key(out, name);
                spread(out, value, depth + 1, levels - 1);
            });
        }
        Json::Array(list) if levels > 0 && !list.is_empty() => {
            open(out, depth, ('[', ']'), list, |out, value| {
                spread(out, value, depth + 1, levels - 1);
            });
        }
        other => line(out, other, " "),
    }
}

/// Brackets around parts, each on a line.
fn open<T>(
    out: &mut String,
    depth: usize,
    brackets: (char, char),
    parts: impl IntoIterator<Item = T>,
    mut print: impl FnMut(&mut String, T),
) {
    out.push(brackets.0);
    for (number, part) in parts.into_iter().enumerate() {
        out.push_str(if number > 0 { ",\n" } else { "\n" });
        out.push_str(&"  ".repeat(depth + 1));
        print(out, part);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(brackets.1);
}

fn line(out: &mut String, json: &Json, blank: &str) {
    match json {
        Json::Object(map) => {
            out.push('{');
            for (number, (name, value)) in sorted(map).into_iter().enumerate() {
                if number > 0 {
                    out.push(',');
                    out.push_str(blank);
                }
                out.push_str(&Json::from(name).to_string());
                out.push(':');
                out.push_str(blank);
                line(out, value, blank);
            }
            out.push('}');
        }
        Json::Array(list) => {
            out.push('[');
            for (number, value) in list.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                    out.push_str(blank);
                }
                line(out, value, blank);
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

fn key(out: &mut String, name: &str) {
    out.push_str(&Json::from(name).to_string());
    out.push_str(": ");
}

/// In the order of keys, whatever order the map keeps.
fn sorted<'j>(
    map: impl IntoIterator<Item = (&'j String, &'j Json)>,
) -> BTreeMap<&'j str, &'j Json> {
    map.into_iter().map(|(k, v)| (k.as_str(), v)).collect()
}
