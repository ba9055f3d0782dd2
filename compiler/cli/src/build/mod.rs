//! What `ambit build` is made of: which targets with which options, what they emit, the manifest, and the folder that
//! is swapped as a whole.

pub mod compare;
pub mod depfile;
pub mod emit;
pub mod folder;
pub mod manifest;
pub mod progress;
pub mod refusals;
pub mod settings;
pub mod swap;
