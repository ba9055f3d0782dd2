//! What may stand in a cell of `given`, and among the keys that a test expects: values of the column, and keys of rows that
//! the test gives.
//!
//! Read off the words, like all of completion: the tree has a hole where a row is being written.

use ambit_compiler::Ty;
use ambit_grammar::TokenKind as T;
use smol_str::SmolStr;

use super::Ask;
use super::context::Words;
use super::look::Look;

/// What may come behind these words of `given t { … }`, which begin with the table.
pub(super) fn asks(look: &Look<'_>, words: &Words<'_>, out: &mut Vec<Ask>) {
    let Some(table) = words.names().next() else {
        return;
    };
    let Some(decl) = look.table(&table) else {
        return;
    };
    let Some((header, cells)) = header(words) else {
        return out.push(Ask::Columns(table));
    };
    let Some(position) = position(&cells, header.len()) else {
        return;
    };
    let column = header.get(position).and_then(|name| decl.column(name));
    let Some((_, column)) = column else { return };
    if let Some((to, key)) = column.links.first() {
        out.push(Ask::Given(to.clone(), key.clone()));
    }
    if matches!(column.ty, Ty::Enum(_) | Ty::Bool) {
        out.push(Ask::Values(column.ty.clone()));
    }
    if column.nullable {
        out.push(Ask::Words(&["null"]));
    }
}

/// What may come among the keys of `… sees t [`.
pub(super) fn keys(look: &Look<'_>, words: &Words<'_>, out: &mut Vec<Ask>) {
    let step = words.since(&[T::Sees, T::Can, T::Cannot]);
    let Some((kind, rest)) = step else { return };
    let mut names = rest.names();
    let table = if kind == T::Sees {
        names.next()
    } else {
        names.nth(1)
    };
    let decl = table.as_ref().and_then(|t| look.table(t));
    if let (Some(table), Some(decl)) = (table, decl)
        && let Some(key) = decl.columns.iter().find(|c| c.key)
    {
        out.push(Ask::Given(table, key.name.clone()));
    }
}

/// The names of the header and what stands behind it; nothing while the header is being written.
fn header(words: &Words<'_>) -> Option<(Vec<SmolStr>, Vec<T>)> {
    // Behind the table and its brace.
    let inner = words.tokens.get(2..)?;
    let mut names = Vec::new();
    let mut at = 0;
    loop {
        let name = inner.get(at).filter(|t| t.kind.is_name())?;
        names.push(SmolStr::new(words.text_of(*name)));
        match inner.get(at + 1) {
            Some(t) if t.kind == T::Comma => at += 2,
            _ => break,
        }
    }
    let cells = inner.get(at + 1..).unwrap_or_default();
    Some((names, cells.iter().map(|t| t.kind).collect()))
}

/// Which cell of its row comes next; nothing where a comma must come first.
fn position(cells: &[T], width: usize) -> Option<usize> {
    let mut place = 0;
    let mut after_comma = true;
    for cell in cells {
        if *cell == T::Comma {
            after_comma = true;
            place += 1;
        } else if after_comma {
            after_comma = false;
        } else {
            // The next row.
            place = 0;
        }
    }
    if after_comma {
        return Some(place);
    }
    (place + 1 >= width).then_some(0)
}

/// The values of a column in the rows that an item gives of a table, as written, in order and without doubles.
pub(super) fn given(words: &Words<'_>, table: &str, column: &str) -> Vec<SmolStr> {
    let mut found: Vec<SmolStr> = Vec::new();
    let starts = words.tokens.iter().enumerate();
    for (at, _) in starts.filter(|(_, t)| t.kind == T::Given) {
        let rest = words.tokens.get(at + 1..).unwrap_or_default();
        if rest.first().is_none_or(|t| words.text_of(*t) != table) {
            continue;
        }
        let end = rest.iter().position(|t| t.kind == T::RightBrace);
        let block = words.part(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default());
        let Some((header, cells)) = header(&block) else {
            continue;
        };
        let Some(wanted) = header.iter().position(|n| n == column) else {
            continue;
        };
        let tokens = block.tokens.get(block.tokens.len() - cells.len()..);
        let (mut place, mut after_comma) = (0, true);
        for token in tokens.unwrap_or_default() {
            if token.kind == T::Comma {
                after_comma = true;
                place += 1;
                continue;
            }
            if !std::mem::take(&mut after_comma) {
                place = 0;
            }
            let text = SmolStr::new(words.text_of(*token));
            if place == wanted && token.kind != T::Null && !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}
