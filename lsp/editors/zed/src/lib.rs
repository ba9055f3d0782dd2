//! Tells Zed where the language server is. Not tried: docs/editor/others.md.

use zed_extension_api::{self as zed, LanguageServerId, Result};

struct Ambit;

impl zed::Extension for Ambit {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, _: &LanguageServerId, worktree: &zed::Worktree) -> Result<zed::Command> {
        let command = worktree
            .which("ambit-lsp")
            .ok_or("ambit-lsp is not on the PATH")?;
        Ok(zed::Command {
            command,
            args: vec!["--stdio".to_owned()],
            env: worktree.shell_env(),
        })
    }
}

zed::register_extension!(Ambit);
