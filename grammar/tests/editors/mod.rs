//! What editors read follows the table of keywords.

mod textmate;
