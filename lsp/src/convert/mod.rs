//! From the protocol's types to bytes and files, and back.

pub mod answers;
pub mod calls;
pub mod commands;
pub mod lenses;
pub mod lists;
pub mod mark;
pub mod problems;
pub mod refactor;
pub mod settings;
pub mod tokens;
pub mod told;
pub mod typing;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};

use ambit_cli::project::SETTINGS;
use ambit_compiler::{Database, Project, SourceFile};
use ambit_diagnostics::{FileSpan, Resolved};
use ambit_grammar::Span;
use smol_str::SmolStr;
use tower_lsp::ls_types::{
    Location, Position, PositionEncodingKind, Range, TextDocumentContentChangeEvent, TextEdit, Uri,
    WorkspaceEdit,
};

use crate::ide::problems::ByFile;
use crate::ide::{self, Place};
use crate::lines::{Encoding, Lines, lines};

/// A state of a project, to be read by one thread.
pub struct Snapshot {
    /// Which project it is.
    pub id: u64,
    /// The database.
    pub db: Database,
    /// The project.
    pub project: Project,
    /// The file that is asked about; none for `ambit.toml`.
    pub file: Option<SourceFile>,
    /// The files by name.
    pub paths: Arc<BTreeMap<SmolStr, PathBuf>>,
    /// Where `ambit.toml` is, and its text.
    pub settings: (Option<PathBuf>, Arc<str>),
    /// What could not be read.
    pub unreadable: Arc<Vec<Resolved>>,
    /// What the second stage says, where it has spoken of this state.
    pub findings: Option<Arc<ByFile>>,
    /// What all of the session share.
    pub shared: Arc<Shared>,
}

/// What does not change while a client is there, and what it has been told.
// Each says something of the client by itself.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Default)]
pub struct Shared {
    /// How the client counts columns.
    pub encoding: Encoding,
    /// It asks for diagnostics itself.
    pub pulls: bool,
    /// It asks again when told that something changed.
    pub refreshes: bool,
    /// It has views: it is told when what they show changes, and its lenses open them.
    pub views: bool,
    /// For whom hover, hints and lenses speak, by project.
    pub act_as: Mutex<BTreeMap<u64, SmolStr>>,
    /// It has no place for where the page of a problem is.
    pub undescribed: bool,
    /// It shows documentation of completions as plain text.
    pub plain: bool,
    /// Where the pages of problems are; each is `<base><code>.md`.
    pub pages: Option<String>,
    /// The colours that it knows, by file.
    pub tokens: Mutex<HashMap<PathBuf, tokens::Sent>>,
}

impl Snapshot {
    /// For whom hover, hints and lenses speak.
    pub fn acting(&self) -> Option<SmolStr> {
        let acting = self.shared.act_as.lock();
        let acting = acting.unwrap_or_else(PoisonError::into_inner);
        acting.get(&self.id).cloned()
    }

    fn encoding(&self) -> Encoding {
        self.shared.encoding
    }

    /// A position as a byte of the file that is asked about.
    pub fn offset(&self, file: SourceFile, position: Position) -> u32 {
        lines(&self.db, file).offset(position.line, position.character, self.encoding())
    }

    /// A range as bytes.
    pub fn span(&self, file: SourceFile, range: Range) -> Span {
        let (start, end) = (self.offset(file, range.start), self.offset(file, range.end));
        Span::new(start, end.max(start))
    }

    /// Bytes of a file as a range.
    pub fn range(&self, file: SourceFile, span: Span) -> Range {
        range(&lines(&self.db, file), span, self.encoding())
    }

    /// The text of `ambit.toml` in lines.
    pub fn settings_lines(&self) -> Lines {
        Lines::new(Arc::clone(&self.settings.1))
    }

    /// A range of `ambit.toml` as bytes.
    pub fn settings_span(&self, of: Range) -> Span {
        let lines = self.settings_lines();
        let offset = |at: Position| lines.offset(at.line, at.character, self.encoding());
        let (start, end) = (offset(of.start), offset(of.end));
        Span::new(start, end.max(start))
    }

    /// A place in a file.
    pub fn location(&self, place: Place) -> Option<Location> {
        Some(Location {
            uri: self.uri(place.file)?,
            range: self.range(place.file, place.span),
        })
    }

    /// The address of a file.
    pub fn uri(&self, file: SourceFile) -> Option<Uri> {
        uri_of(self.paths.get(&file.path(&self.db))?)
    }

    /// The path of a file by its name in the project.
    fn path(&self, name: &str) -> Option<&PathBuf> {
        self.paths
            .get(name)
            .or_else(|| self.settings.0.as_ref().filter(|_| name == SETTINGS))
    }

    /// The text of a file by its name in the project.
    fn text(&self, name: &str) -> Option<Arc<str>> {
        match ide::file_named(&self.db, self.project, name) {
            Some(file) => Some(file.text(&self.db)),
            None => (name == SETTINGS).then(|| Arc::clone(&self.settings.1)),
        }
    }

    /// The address and the lines of a file by its name in the project.
    fn named(&self, name: &str) -> Option<(Uri, Arc<Lines>)> {
        let uri = uri_of(self.path(name)?)?;
        let lines = match ide::file_named(&self.db, self.project, name) {
            Some(file) => lines(&self.db, file),
            None => Arc::new(Lines::new(Arc::clone(&self.settings.1))),
        };
        Some((uri, lines))
    }

    /// A place by the name of its file.
    fn located(&self, at: &FileSpan) -> Option<Location> {
        let (uri, lines) = self.named(&at.file)?;
        let span = Span::new(at.start, at.end);
        Some(Location {
            uri,
            range: range(&lines, span, self.encoding()),
        })
    }

    /// Replacements, gathered by file.
    pub fn workspace_edit(
        &self,
        edits: impl IntoIterator<Item = (Location, String)>,
    ) -> WorkspaceEdit {
        // The address is a key as it is: it never changes, whatever the type could do.
        #[allow(clippy::mutable_key_type)]
        let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
        for (at, new_text) in edits {
            let edit = TextEdit {
                range: at.range,
                new_text,
            };
            changes.entry(at.uri).or_default().push(edit);
        }
        WorkspaceEdit {
            changes: Some(changes),
            ..WorkspaceEdit::default()
        }
    }
}

/// Bytes as a range.
pub fn range(lines: &Lines, span: Span, encoding: Encoding) -> Range {
    let position = |byte| {
        let (line, character) = lines.position(byte, encoding);
        Position { line, character }
    };
    Range {
        start: position(span.start),
        end: position(span.end),
    }
}

/// The path of an address; one that is no file keeps its address as its path.
pub fn path_of(uri: &Uri) -> PathBuf {
    if uri.scheme().as_str() == "file"
        && let Some(path) = uri.to_file_path()
    {
        return path.into_owned();
    }
    PathBuf::from(uri.as_str())
}

/// The address of a path.
pub fn uri_of(path: &Path) -> Option<Uri> {
    if path.is_absolute() {
        return Uri::from_file_path(path);
    }
    Uri::from_str(path.to_str()?).ok()
}

/// UTF-8 where the client offers it.
pub fn encoding(offered: Option<&[PositionEncodingKind]>) -> (Encoding, PositionEncodingKind) {
    match offered {
        Some(kinds) if kinds.contains(&PositionEncodingKind::UTF8) => {
            (Encoding::Utf8, PositionEncodingKind::UTF8)
        }
        _ => (Encoding::Utf16, PositionEncodingKind::UTF16),
    }
}

/// A text after the client's changes, one after the other.
pub fn changed(
    text: &Arc<str>,
    changes: Vec<TextDocumentContentChangeEvent>,
    encoding: Encoding,
) -> Arc<str> {
    let mut text: Cow<'_, Arc<str>> = Cow::Borrowed(text);
    for change in changes {
        let Some(range) = change.range else {
            text = Cow::Owned(Arc::from(change.text));
            continue;
        };
        let lines = Lines::new(Arc::clone(&text));
        let start = lines.offset(range.start.line, range.start.character, encoding) as usize;
        let end = lines.offset(range.end.line, range.end.character, encoding) as usize;
        let mut new = String::with_capacity(text.len() + change.text.len());
        new.push_str(text.get(..start).unwrap_or_default());
        new.push_str(&change.text);
        new.push_str(text.get(end.max(start)..).unwrap_or_default());
        text = Cow::Owned(Arc::from(new));
    }
    text.into_owned()
}
