//! What somebody does to a text.

use ambit_tests::rng::Rng;

/// Characters that are typed.
const TYPED: &[&str] = &[
    "a",
    "x",
    "7",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    ",",
    ".",
    ":",
    "?",
    "=",
    "/",
    "\\",
    "é",
    "𝄞",
    "👩‍💻",
    "\u{feff}",
    "-",
];

/// Words that are typed.
const WORDS: &[&str] = &[
    "role ",
    "group ",
    "user ",
    "grant ",
    "deny ",
    "restrict ",
    "where ",
    "and ",
    "or ",
    "not ",
    "exists ",
    "read ",
    "on ",
    "in ",
    "inherits ",
    "table ",
    "filter ",
    "everyone ",
    "test ",
    "assert ",
    "enum ",
    "key ",
    "int ",
    "null ",
    "// ",
    "/// ",
    "sales ",
    "true ",
    "applies when ",
    "for ",
    "is ",
    "\"USA\" ",
    "visible ",
    "exclusive ",
    "source ",
    "grant read on sales ",
];

/// Whole items.
const BLOCKS: &[&str] = &[
    "role pasted { grant read on sales }\n",
    "role pasted inherits reader\nuser zed : pasted\n",
    "// just a note, 𝄞\n",
    "\n\n",
    "enum Country { \"USA\", \"FRANCE\", \"CHINA\" }\n",
    "everyone { deny read on sales where amount > 3 }\n",
    "filter dear on sales where not cheap\n",
    "role a inherits b\nrole b inherits a\n",
    "assert anyone can never read sales\n",
    "test \"pasted\" { given user q : reader  q sees sales [] }\r\n",
];

/// A byte at which a character begins.
fn place(rng: &mut Rng, text: &str) -> usize {
    boundary(text, rng.below(text.len() + 1))
}

fn boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn with(text: &str, from: usize, to: usize, new: &str) -> String {
    format!("{}{new}{}", &text[..from], &text[to.max(from)..])
}

/// Where items begin and end, with the blanks behind them.
fn items(text: &str) -> Vec<(usize, usize)> {
    let starts = ambit_grammar::split(text);
    let mut starts: Vec<usize> = starts.iter().map(|i| i.start as usize).collect();
    starts.push(text.len());
    starts.windows(2).map(|w| (w[0], w[1])).collect()
}

/// The words of a text, as bytes.
fn words(text: &str) -> Vec<(usize, usize)> {
    let all = ambit_grammar::lex(text).into_iter();
    all.filter(|t| !t.kind.is_trivia())
        .map(|t| (t.start as usize, t.end as usize))
        .collect()
}

/// The text after some edit that mostly leaves a sound text sound.
pub fn tame(rng: &mut Rng, text: &str) -> String {
    let items = items(text);
    let some = (!items.is_empty()).then(|| items[rng.below(items.len())]);
    match (rng.below(12), some) {
        (0, _) => with(text, 0, 0, "\n"),
        (1, Some((start, _))) => with(text, start, start, "// 𝄞 né\u{e9}\n"),
        (2, Some(_)) if items.len() > 1 => swap(rng, text, &items),
        // Nobody needs these.
        (3, Some((start, end)))
            if ["assert", "test", "//"]
                .iter()
                .any(|w| text[start..].starts_with(w)) =>
        {
            with(text, start, end, "")
        }
        (4, _) => number(rng, text),
        (5, _) => ends(rng, text),
        (6, _) => tabs(rng, text),
        (7, _) => line(rng, text, |line| {
            if is_rule(line) {
                format!("// {line}")
            } else {
                format!("{line} // why")
            }
        }),
        (8, _) => line(rng, text, |line| {
            let rule = line.trim_start().strip_prefix("// ").filter(|l| is_rule(l));
            rule.unwrap_or(line).to_owned()
        }),
        (9, _) => line(rng, text, |line| {
            if is_rule(line) {
                String::new()
            } else {
                format!("{line}\t")
            }
        }),
        (10, _) => {
            let edits = ambit_grammar::format(text).edits;
            let mut new = text.to_owned();
            for (span, by) in edits.iter().rev() {
                new.replace_range(span.range(), by);
            }
            new
        }
        _ => line(rng, text, |line| format!("{line}  ")),
    }
}

/// A rule on a line of its own: without it the rest is as sound as before.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    ["grant ", "deny ", "restrict "]
        .iter()
        .any(|w| line.starts_with(w))
        && !line.ends_with(['{', '}'])
}

/// The text after some edit of a person who types, or slips.
pub fn wild(rng: &mut Rng, text: &str, others: &[String]) -> String {
    let at = place(rng, text);
    match rng.below(12) {
        0..=2 => with(text, at, at, rng.pick::<&str>(TYPED)),
        3 => with(text, at, boundary(text, at + 1 + rng.below(9)), ""),
        4 => {
            let words = words(text);
            if words.is_empty() {
                return with(text, 0, 0, rng.pick::<&str>(WORDS));
            }
            let (start, end) = *rng.pick(&words);
            with(text, start, end, "")
        }
        5 | 6 => {
            let words = words(text);
            let at = words.get(rng.below(words.len() + 1));
            let at = at.map_or(text.len(), |(start, _)| *start);
            with(text, at, at, rng.pick::<&str>(WORDS))
        }
        7 => {
            let items = items(text);
            let at = items.get(rng.below(items.len() + 1));
            let at = at.map_or(text.len(), |(start, _)| *start);
            with(text, at, at, rng.pick::<&str>(BLOCKS))
        }
        8 => {
            // Something from another file, or from this one: a name that is there twice.
            let other = rng.pick(others);
            let items = items(other);
            if items.is_empty() {
                return with(text, at, at, "\t");
            }
            let (start, end) = *rng.pick(&items);
            with(text, text.len(), text.len(), &other[start..end])
        }
        9 => {
            let words = words(text);
            if words.len() < 2 {
                return with(text, at, at, "x");
            }
            let (a, b) = (*rng.pick(&words), *rng.pick(&words));
            let word = text[b.0..b.1].to_owned();
            with(text, a.0, a.1, &word)
        }
        10 if rng.chance(25) => text[..at].to_owned(),
        10 => with(text, at, boundary(text, at + rng.below(200)), ""),
        _ if rng.chance(10) => String::new(),
        _ => with(text, at, at, rng.pick::<&str>(TYPED)),
    }
}

fn swap(rng: &mut Rng, text: &str, items: &[(usize, usize)]) -> String {
    let (a, b) = (rng.below(items.len()), rng.below(items.len()));
    let ((a, a_end), (b, b_end)) = (items[a.min(b)], items[a.max(b)]);
    if a == b {
        return text.to_owned();
    }
    let blank = if text[b..b_end].ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let parts = [
        &text[..a],
        &text[b..b_end],
        blank,
        &text[a_end..b],
        &text[a..a_end],
        &text[b_end..],
    ];
    parts.concat()
}

/// Another number in the place of one.
fn number(rng: &mut Rng, text: &str) -> String {
    let digits: Vec<usize> = text
        .char_indices()
        .filter(|(_, c)| c.is_ascii_digit())
        .map(|(at, _)| at)
        .collect();
    if digits.is_empty() {
        return text.to_owned();
    }
    let at = *rng.pick(&digits);
    with(text, at, at + 1, rng.pick::<&str>(&["1", "2", "3", "9"]))
}

/// Line ends of another kind, everywhere.
fn ends(rng: &mut Rng, text: &str) -> String {
    let plain = text.replace("\r\n", "\n");
    match rng.below(3) {
        0 => plain,
        _ => plain.replace('\n', "\r\n"),
    }
}

fn tabs(rng: &mut Rng, text: &str) -> String {
    if rng.chance(50) {
        text.replace("    ", "\t")
    } else {
        text.replace('\t', "    ")
    }
}

/// A line changed, its end left as it is.
fn line(rng: &mut Rng, text: &str, change: impl Fn(&str) -> String) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if lines.is_empty() {
        return change("");
    }
    let at = rng.below(lines.len());
    let old = &lines[at];
    let kept = old.trim_end_matches(['\r', '\n']);
    let end = &old[kept.len()..];
    lines[at] = format!("{}{end}", change(kept));
    lines.concat()
}
