//! The tree-sitter grammar reads what the parser reads, and its queries colour what the lexer says.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ambit_grammar::{Category, TokenKind, lex};
use sha2::{Digest as _, Sha256};
use tree_sitter::{Node, Parser, Query, QueryCursor, StreamingIterator as _, Tree};
use tree_sitter_ambit::{FOLDS, HIGHLIGHTS, INDENTS, LANGUAGE, LOCALS};

use super::samples;
use crate::support;

const FOLDER: &str = "grammar/editors/tree-sitter-ambit";

fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&LANGUAGE.into()).unwrap();
    parser
}

/// The first node of a tree that is an error.
fn error<'a>(node: Node<'a>) -> Option<Node<'a>> {
    if node.is_error() || node.is_missing() {
        return Some(node);
    }
    if !node.has_error() {
        return None;
    }
    let mut cursor = node.walk();
    let children: Vec<Node<'a>> = node.children(&mut cursor).collect();
    children.into_iter().find_map(error)
}

fn tree(parser: &mut Parser, text: &str) -> Tree {
    parser.parse(text, None).unwrap()
}

#[test]
fn the_parser_is_made_of_the_grammar_that_stands_there() {
    let grammar = support::read(&format!("{FOLDER}/grammar.js"));
    let digest = Sha256::digest(grammar.as_bytes());
    let sum = digest.iter().fold(String::new(), |mut sum, b| {
        let _ = write!(sum, "{b:02x}");
        sum
    });
    let noted = support::read(&format!("{FOLDER}/src/grammar.js.sha256"));
    assert_eq!(
        noted.split(' ').next(),
        Some(sum.as_str()),
        "run {FOLDER}/generate.sh"
    );
}

/// The words of a list in `grammar.js`.
fn list(name: &str) -> Vec<String> {
    let grammar = support::read(&format!("{FOLDER}/grammar.js"));
    let (_, rest) = grammar.split_once(&format!("const {name} = [")).unwrap();
    let (list, _) = rest.split_once(']').unwrap();
    let mut words: Vec<String> = list
        .split('\'')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    words
}

#[test]
fn the_grammar_names_the_words_of_the_table() {
    let words = |wanted: fn(TokenKind) -> bool| {
        let kinds = TokenKind::KEYWORDS.iter().copied().filter(|k| wanted(*k));
        let mut words: Vec<String> = kinds.map(|k| k.text().to_owned()).collect();
        words.sort_unstable();
        words
    };
    assert_eq!(list("SOFT"), words(TokenKind::is_soft));
    assert_eq!(list("RESERVED"), words(TokenKind::is_reserved));
}

#[test]
fn what_the_parser_reads_the_grammar_reads() {
    let mut parser = parser();
    let mut sound = 0;
    let mut failures = Vec::new();
    for sample in samples::all() {
        if !samples::is_sound(&sample.text) {
            continue;
        }
        sound += 1;
        let tree = tree(&mut parser, &sample.text);
        if let Some(node) = error(tree.root_node()) {
            let at = node.start_position();
            let piece = &sample.text[node.byte_range()];
            failures.push(format!(
                "{}: line {} of it: {piece:?}",
                sample.place,
                at.row + 1
            ));
        }
    }
    assert!(sound > 350, "only {sound} samples are sound");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What the parser does not read, the grammar mostly does not read either: it has no readings of mistakes.
#[test]
fn reserved_words_are_no_names() {
    let mut parser = parser();
    for kind in TokenKind::KEYWORDS.iter().filter(|k| k.is_reserved()) {
        let text = format!("role {}\n", kind.text());
        assert!(tree(&mut parser, &text).root_node().has_error(), "{text}");
    }
    for kind in TokenKind::KEYWORDS.iter().filter(|k| k.is_soft()) {
        let word = kind.text();
        let text = format!(
            "table {word} in {word} open {{ key {word} : int {word} as {word} : int? -> {word}.{word} }}\n\
             role {word}({word} : int) inherits {word}({word}) {{\n\
                 grant {word}, {word} on {word}, everything in {word} where {word} and exists {word} by {word}\n\
                 restrict {word} by {word} to scope match all {{ {word}: any }} applies when querying {word}\n\
             }}\n\
             test \"x\" {{ given {word} {{ {word}, {word} 1, 2 }} {word} sees {word} [] {word} can {word} {word} }}\n"
        );
        assert!(samples::is_sound(&text), "{text}");
        let found = tree(&mut parser, &text);
        assert!(
            error(found.root_node()).is_none(),
            "{word}: {}",
            found.root_node().to_sexp()
        );
    }
}

#[test]
fn all_queries_are_sound() {
    let language = LANGUAGE.into();
    for (name, text) in [
        ("highlights", HIGHLIGHTS),
        ("folds", FOLDS),
        ("indents", INDENTS),
        ("locals", LOCALS),
    ] {
        let query = Query::new(&language, text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(query.pattern_count() > 0, "{name}");
    }
}

fn capture(category: Category) -> &'static str {
    match category {
        Category::Item => "keyword.type",
        Category::Clause => "keyword.modifier",
        Category::Rule => "keyword.control",
        Category::Operator => "keyword.operator",
        Category::Constant => "constant.builtin",
        Category::Test => "keyword.test",
        Category::Unit => "keyword.unit",
    }
}

/// What each range is coloured as: of several patterns the last, as editors do.
fn colours(query: &Query, text: &str, tree: &Tree) -> BTreeMap<(usize, usize), String> {
    let mut cursor = QueryCursor::new();
    let mut found = BTreeMap::new();
    let mut matches = cursor.matches(query, tree.root_node(), text.as_bytes());
    while let Some(matched) = matches.next() {
        for captured in matched.captures() {
            let range = captured.node.byte_range();
            let name = query.capture_names()[captured.index as usize].to_owned();
            let entry = found
                .entry((range.start, range.end))
                .or_insert((0, String::new()));
            if matched.pattern_index >= entry.0 {
                *entry = (matched.pattern_index, name);
            }
        }
    }
    found
        .into_iter()
        .map(|(range, (_, name))| (range, name))
        .collect()
}

#[test]
fn words_and_literals_are_coloured_as_the_lexer_says() {
    let query = Query::new(&LANGUAGE.into(), HIGHLIGHTS).unwrap();
    let mut parser = parser();
    let mut failures = Vec::new();
    let mut as_words = BTreeMap::<&str, usize>::new();
    // What no sample says.
    let years = samples::Sample {
        place: "years".to_owned(),
        text: "filter old on t where day not in last 2 years\n".to_owned(),
    };
    for sample in samples::all().into_iter().chain([years]) {
        if !samples::is_sound(&sample.text) {
            continue;
        }
        let tree = tree(&mut parser, &sample.text);
        let colours = colours(&query, &sample.text, &tree);
        for token in lex(&sample.text) {
            let range = (token.start as usize, token.end as usize);
            let colour = colours.get(&range).map_or("", String::as_str);
            let wanted = match token.kind {
                TokenKind::Whitespace => continue,
                TokenKind::String => "string",
                TokenKind::Number => "number",
                TokenKind::Date | TokenKind::Timestamp => "string.special",
                TokenKind::Comment => "comment",
                TokenKind::DocComment => "comment.documentation",
                kind => match kind.category() {
                    Some(category) => capture(category),
                    // Names and signs: any colour that no word or literal has.
                    None => "",
                },
            };
            let is_other = !colour.is_empty()
                && !["keyword", "constant", "string", "number", "comment"]
                    .iter()
                    .any(|c| colour.starts_with(c));
            let fits = if wanted.is_empty() {
                is_other
            } else {
                colour == wanted || token.kind.is_soft() && is_other
            };
            if !fits {
                let word = &sample.text[range.0..range.1];
                failures.push(format!(
                    "{}: {word:?} is `{colour}`, not `{wanted}`",
                    sample.place
                ));
            } else if token.kind.is_keyword() && colour == wanted {
                *as_words.entry(token.kind.text()).or_default() += 1;
            }
        }
    }
    failures.dedup();
    let shown = failures.len().min(40);
    assert!(failures.is_empty(), "{}", failures[..shown].join("\n"));
    // No word was always taken for a name.
    let never: Vec<&str> = TokenKind::KEYWORDS
        .iter()
        .map(|k| k.text())
        .filter(|word| !as_words.contains_key(word))
        .collect();
    assert_eq!(never, [""; 0]);
}
