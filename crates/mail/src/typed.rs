//! What people typed, made fit to stand in a mail. The domain refuses such text when it is
//! typed; a mail goes to strangers, so it does not rely on that.

/// The most characters of one typed text in a mail.
const MAX_CHARS: usize = 120;

/// On one line, without control characters and bidirectional controls, cut when it is very long.
pub(crate) fn shown(typed: &str) -> String {
    shown_within(typed, MAX_CHARS)
}

/// The same for text that may be as long as that.
pub(crate) fn shown_within(typed: &str, most: usize) -> String {
    let visible: String = typed
        .chars()
        .map(|c| {
            if c.is_whitespace() || is_line_break(c) {
                ' '
            } else {
                c
            }
        })
        .filter(|c| !c.is_control() && !is_bidi_control(*c))
        .collect();
    let words = visible.split(' ').filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let mut cut: String = line.chars().take(most - 1).collect();
    cut.push('…');
    cut
}

fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
