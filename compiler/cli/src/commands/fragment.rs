//! Pieces of a program that are given as text: a claim, a condition. Each is taken as it is, and must be just one: what would
//! stand beside it in the file made of it would be believed like the project's own policy.

use ambit_grammar::{RawItem, TokenKind, lex, one_line, split};

use crate::exit::Failure;

/// The file of a claim, and the claim as it was given. `assert` may be said or not.
pub fn claim(written: &str) -> Result<(String, String), Failure> {
    let first = lex(written).into_iter().find(|t| !t.kind.is_trivia());
    let said = first.filter(|t| t.kind == TokenKind::Assert);
    let file = match said {
        Some(_) => format!("{written}\n"),
        None => format!("assert {written}\n"),
    };
    let text = said.and_then(|t| written.get(t.end as usize..));
    let text = text.map_or(written, str::trim_start).to_owned();
    single(&file, &text, "claim")?;
    Ok((file, text))
}

/// The file of a condition on rows of a table: a claim that it stands in.
pub fn condition(table: &str, written: &str) -> Result<String, Failure> {
    let file = format!("assert anyone can never read {table} where {written}\n");
    single(&file, written, "condition")?;
    Ok(file)
}

/// Fails unless the file holds one item, the claim.
fn single(file: &str, text: &str, what: &str) -> Result<(), Failure> {
    match split(file).as_slice() {
        [only] if only.keyword == "assert" => Ok(()),
        [_, second, ..] => Err(not_one(text, what, Some(second))),
        _ => Err(not_one(text, what, None)),
    }
}

/// The text is not one claim or condition: `more` stands in it besides.
pub fn not_one(text: &str, what: &str, more: Option<&RawItem>) -> Failure {
    let message = match more {
        Some(more) => {
            let line = one_line(&more.text);
            let mut beginning: String = line.chars().take(40).collect();
            if beginning.len() < line.len() {
                beginning.push('…');
            }
            format!("`{text}` is not one {what}: `{beginning}` does not belong to it")
        }
        None => format!("`{text}` is not one {what}"),
    };
    Failure::usage(message).help(match what {
        "claim" => {
            "give each claim as an argument of its own, as it stands after `assert`: `anyone can never delete sales`"
        }
        _ => "write what stands after `where`, joined by `and` or `or`: `country = \"FRANCE\"`",
    })
}
