//! From bytes of a text to the units that editors count.

use super::links::Link;

/// Makes the places of links count UTF-16 units instead of bytes.
pub(super) fn to_utf16(text: &str, links: &mut [Link<'_>]) {
    if text.is_ascii() {
        return;
    }
    let mut places: Vec<&mut usize> = links
        .iter_mut()
        .flat_map(|link| [&mut link.start, &mut link.end])
        .collect();
    places.sort();
    let (mut bytes, mut units) = (0, 0);
    for place in places {
        let between = text.get(bytes..*place).unwrap_or_default();
        units += between.chars().map(char::len_utf16).sum::<usize>();
        bytes = *place;
        *place = units;
    }
}
