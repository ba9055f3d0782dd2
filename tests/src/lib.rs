//! Tests that see every room: specification, properties, examples, and the generator of large projects.
