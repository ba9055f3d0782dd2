//! A real query by a real user.
