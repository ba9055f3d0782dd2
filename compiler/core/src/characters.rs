//! Characters that deceive a reader: what is shown is not what is read (Unicode's UTS 55, source code handling).

/// What a single character does to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Turns the direction in which its neighbours are shown.
    Turns,
    /// Ends the line for some programs and not for others, or controls a terminal.
    Controls,
    /// Shows nothing.
    Hides,
    /// Looks like a blank and is none.
    Blank,
}

/// What a character does, other than show itself; nothing of those that do no more.
pub fn does(c: char) -> Option<Does> {
    Some(match c {
        // Bidi_Control of PropList.txt.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Does::Turns
        }
        '\u{2028}' | '\u{2029}' => Does::Controls,
        // Tabs and line ends do what everybody expects.
        c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => Does::Controls,
        // Default_Ignorable_Code_Point of DerivedCoreProperties.txt, the blank of Braille, what annotates.
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => Does::Hides,
        c if c.is_whitespace() && !c.is_ascii() => Does::Blank,
        _ => return None,
    })
}
