//! Characters that deceive a reader: what is shown is not what is read.
//!
//! Names are ASCII, so this concerns strings and comments. The rules follow the Unicode Consortium's UTS 55 (source code
//! handling) and UTS 39 (security mechanisms); the attack is known as Trojan Source (CVE-2021-42574, CVE-2021-42694).

use ambit_core::characters::{Does, does};
use ambit_diagnostics::{Place, Problem};
use ambit_grammar::{Span, Token, TokenKind, lex};
use smol_str::SmolStr;
use unicode_security::{MixedScript, RestrictionLevel, RestrictionLevelDetection};

/// What is wrong with the characters of the strings and comments of a file, in the order of places.
pub(crate) fn characters(path: &SmolStr, text: &str) -> Vec<Problem> {
    if !text.chars().any(suspicious) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for token in lex(text) {
        let holds = match token.kind {
            TokenKind::String | TokenKind::SingleQuoted | TokenKind::UnterminatedString => {
                Holds::String
            }
            TokenKind::Comment | TokenKind::DocComment | TokenKind::ForeignComment => {
                Holds::Comment
            }
            // Elsewhere such a character is no token of the language.
            _ => continue,
        };
        let slice = text.get(token.start as usize..token.end as usize);
        let looked = Looked {
            path,
            holds,
            token,
            slice: slice.unwrap_or_default(),
        };
        looked.single(&mut found);
        if holds == Holds::String {
            looked.words(&mut found);
        }
    }
    found
}

/// Is a closer look worth it? Most texts are ASCII.
fn suspicious(c: char) -> bool {
    !c.is_ascii() || (c.is_ascii_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Where a character stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Its value counts: each character is compared exactly.
    String,
    /// Nothing counts but what a person reads.
    Comment,
}

/// Joiners and variation selectors belong to the writing of several scripts and to emoji; in a comment they change nothing.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

struct Looked<'a> {
    path: &'a SmolStr,
    holds: Holds,
    token: Token,
    slice: &'a str,
}

impl Looked<'_> {
    fn place(&self, start: usize, length: usize) -> Place {
        let start = self.token.start + start as u32;
        Place::File(self.path.clone(), Span::new(start, start + length as u32))
    }

    /// Each character by itself.
    fn single(&self, found: &mut Vec<Problem>) {
        for (at, c) in self.slice.char_indices() {
            let Some(does) = does(c) else { continue };
            let place = || self.place(at, c.len_utf8());
            let code_point = format!("U+{:04X}", u32::from(c));
            let stands = match self.holds {
                Holds::String => "a string",
                Holds::Comment => "a comment",
            };
            let problem = match does {
                Does::Turns => Problem::new(
                    "E0125",
                    format!("the character {code_point} in {stands} turns the direction of the text beside it"),
                    place(),
                )
                .label("what is shown here is not what is read")
                .note("text can be made to look like another policy with such characters"),
                Does::Controls => Problem::new(
                    "E0125",
                    format!("the control character {code_point} stands in {stands}"),
                    place(),
                )
                .label("shown as nothing, or as the end of a line")
                .note("programs disagree on what it does, so a reader may see another text than the one that counts"),
                Does::Hides if self.holds == Holds::Comment && is_joiner(c) => continue,
                // In a comment a blank of another width is a blank.
                Does::Blank if self.holds == Holds::Comment => continue,
                Does::Hides => Problem::new(
                    "W0616",
                    format!("the character {code_point} in {stands} cannot be seen"),
                    place(),
                )
                .label("nothing is shown here"),
                Does::Blank => Problem::new(
                    "W0616",
                    format!("the character {code_point} in a string looks like a blank and is none"),
                    place(),
                )
                .label("not the blank of the keyboard"),
            };
            found.push(match self.holds {
                Holds::String => self.escaped(problem, at, c),
                Holds::Comment => problem
                    .help("remove it; a comment can name it by its number")
                    .fix("remove it", true, place(), ""),
            });
        }
    }

    /// A string can say every character by an escape, which means the same and can be seen.
    fn escaped(&self, problem: Problem, at: usize, c: char) -> Problem {
        let place = || self.place(at, c.len_utf8());
        let written = format!("\\u{{{:x}}}", u32::from(c));
        let mut problem = problem.help(format!(
            "where it is meant, write the escape `{written}`, which can be seen and means the same; else remove it"
        ));
        // After a backslash it is part of an escape that does not exist, and told as that.
        let before = self.slice.get(..at).unwrap_or_default();
        let slashes = before.bytes().rev().take_while(|b| *b == b'\\').count();
        if self.token.kind == TokenKind::String && slashes % 2 == 0 {
            problem = problem.fix(format!("write `{written}`"), true, place(), written);
        }
        let (title, instead) = match does(c) {
            Some(Does::Blank) => ("write a blank", " "),
            _ => ("remove it", ""),
        };
        problem.fix(title, false, place(), instead)
    }

    /// Words that mix letters of scripts: `Kоch` with a Cyrillic `о`.
    fn words(&self, found: &mut Vec<Problem>) {
        let mut rest = 0;
        // What is told already is no letter of a word.
        for word in self
            .slice
            .split(|c: char| !c.is_alphanumeric() || does(c).is_some())
        {
            let at = rest;
            rest = at + word.len();
            rest += self
                .slice
                .get(rest..)
                .and_then(|s| s.chars().next())
                .map_or(0, char::len_utf8);
            if word.is_ascii() || !is_mixed(word) {
                continue;
            }
            let strangers: Vec<String> = strangers(word)
                .map(|c| format!("`{c}` is U+{:04X}", u32::from(c)))
                .collect();
            found.push(
                Problem::new(
                    "W0620",
                    format!("the word `{}` mixes letters of several scripts", ambit_diagnostics::clean(word)),
                    self.place(at, word.len()),
                )
                .label(strangers.join(", "))
                .note("letters of different scripts can look the same; texts are compared character by character")
                .help("write the word in one script, or give the letters that are meant by escapes such as `\\u{43e}`"),
            );
        }
    }
}

/// Latin beside Han, kana, Hangul or Bopomofo is how these languages are written (UTS 39, "highly restrictive").
fn is_mixed(word: &str) -> bool {
    !word.is_single_script() && !word.check_restriction_level(RestrictionLevel::HighlyRestrictive)
}

/// The letters that are not ASCII (of a word that is mostly ASCII), else those that are; at most three.
fn strangers(word: &str) -> impl Iterator<Item = char> {
    let letters = word.chars().filter(|c| c.is_alphabetic());
    let ascii = letters.clone().filter(char::is_ascii).count();
    let mostly_ascii = 2 * ascii >= letters.clone().count();
    letters
        .filter(move |c| c.is_ascii() != mostly_ascii)
        .take(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes and the bytes they stand at.
    fn found(text: &str) -> Vec<(&'static str, u32)> {
        let at = |problem: &Problem| match &problem.place {
            Place::File(_, span) | Place::Item(_, span) => span.start,
        };
        let all = characters(&"a.ambit".into(), text);
        all.iter().map(|p| (p.code, at(p))).collect()
    }

    #[test]
    fn what_turns_controls_or_hides_is_told_wherever_it_stands() {
        for c in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}\u{2028}\u{2029}\u{85}\u{b}\u{c}\u{0}\u{1b}\u{7f}".chars() {
            for text in [format!("\"a{c}b\""), format!("// {c}"), format!("/// {c}"), format!("/* {c} */"), format!("'ab{c}'")] {
                let codes: Vec<_> = found(&text).iter().map(|(code, _)| *code).collect();
                assert_eq!(codes, ["E0125"], "{c:?} in {text:?}");
            }
        }
        for c in "\u{ad}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{fe0f}\u{3164}\u{2800}\u{e0041}\u{a0}\u{3000}\u{2003}".chars() {
            assert_eq!(found(&format!("\"a{c}b\"")), [("W0616", 2)], "{c:?}");
        }
        // Emoji and other scripts in comments, blanks of any width.
        for c in "\u{200c}\u{200d}\u{fe0f}\u{a0}\u{3000}é中ж".chars() {
            assert_eq!(found(&format!("// a{c}b")), [], "{c:?}");
        }
        assert_eq!(found("// a\u{200b}b"), [("W0616", 4)]);
    }

    #[test]
    fn scripts_are_mixed_within_a_word_only() {
        for sound in [
            "Koch",
            "Кох",
            "Koch Кох",
            "VIP-клиент",
            "東京タワー",
            "A棟",
            "naïve",
            "Ωμέγα",
            "한국A",
            "10 µm",
        ] {
            assert_eq!(found(&format!("\"{sound}\"")), [], "{sound}");
        }
        for (mixed, at) in [("Kоch", 1), ("the Kоch", 5), ("αlpha", 1), ("РАУPAL", 1)] {
            assert_eq!(found(&format!("\"{mixed}\"")), [("W0620", at)], "{mixed}");
        }
    }

    /// What the language writes by itself is never told of, whatever the value.
    #[test]
    fn written_by_the_printer_every_character_can_be_seen() {
        for c in ('\0'..=char::MAX).filter(|c| does(*c).is_some()) {
            let text = ambit_core::print::print_string(&format!("a{c}b"));
            assert_eq!(found(&text), [], "{c:?}");
        }
    }
}
