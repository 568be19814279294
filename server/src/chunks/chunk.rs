//! The chunk tree of one file.

use std::borrow::Cow;
use std::sync::Arc;

use crate::syntax::Language;
use crate::text::{Span, Text};

/// What a chunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChunkKind {
    /// The whole file.
    File,
    /// A module or namespace inside the file.
    Module,
    /// A class.
    Class,
    /// A struct, enum, union or type alias.
    Type,
    /// A trait or interface.
    Interface,
    /// A Rust `impl`.
    Impl,
    /// A function of its own.
    Function,
    /// A function of a class, type or interface.
    Method,
    /// A constant, static or module variable.
    Constant,
    /// A macro.
    Macro,
    /// A test, or a named group of them.
    Test,
    /// A piece of a document under its heading or key; without a name, of a file whose language has no grammar here, cut
    /// at blank lines.
    Section,
    /// What lies between other chunks: never a focus.
    Rest,
}

impl ChunkKind {
    /// The kind as the captures of `chunks.scm` name it.
    pub(super) fn from_capture(name: &str) -> Option<Self> {
        Some(match name.strip_prefix("chunk.")? {
            "module" => Self::Module,
            "class" => Self::Class,
            "type" => Self::Type,
            "interface" => Self::Interface,
            "impl" => Self::Impl,
            "function" => Self::Function,
            "constant" => Self::Constant,
            "macro" => Self::Macro,
            "test" => Self::Test,
            "section" => Self::Section,
            _ => return None,
        })
    }

    /// The word for it in messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Module => "module",
            Self::Class => "class",
            Self::Type => "type",
            Self::Interface => "interface",
            Self::Impl => "impl",
            Self::Function => "function",
            Self::Method => "method",
            Self::Constant => "constant",
            Self::Macro => "macro",
            Self::Test => "test",
            Self::Section => "section",
            Self::Rest => "rest",
        }
    }

    /// True where a variable inside is a local one.
    pub(super) const fn holds_locals(self) -> bool {
        matches!(self, Self::Function | Self::Method | Self::Test | Self::Constant)
    }

    /// True for what fields and methods belong to.
    #[must_use]
    pub const fn is_owner(self) -> bool {
        matches!(self, Self::Class | Self::Impl | Self::Interface | Self::Type)
    }

    /// True for what can be called.
    #[must_use]
    pub const fn is_callable(self) -> bool {
        matches!(self, Self::Function | Self::Method | Self::Macro)
    }
}

/// Index of a chunk in its [`Chunks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkId(pub(super) u32);

impl ChunkId {
    /// The chunk of the whole file.
    pub const FILE: Self = Self(0);

    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A piece of a file with a meaning of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// What it is.
    pub kind: ChunkKind,
    /// Its name; empty for `File`, `Rest`, and a `Section` of a file whose language has no grammar here.
    pub name: Arc<str>,
    /// The trait that an `impl` implements; for a function that stands outside of the type it belongs to, that type.
    pub qualifier: Option<Arc<str>>,
    /// All of it, with the documentation and attributes above it.
    pub span: Span,
    /// The definition itself, without what stands above it, up to its end.
    pub item: Span,
    /// Where its name stands; for a chunk without a name an empty span at its start.
    pub name_span: Span,
    /// The body, with its braces where the language has them.
    pub body: Option<Span>,
    /// Documentation inside the body (Python).
    pub doc: Option<Span>,
    /// A test, or code that is there only for tests.
    pub test: bool,
    /// What stands above it makes it a test.
    pub(super) lead_test: bool,
    pub(super) parent: Option<ChunkId>,
    /// Index after its last descendant.
    pub(super) end: u32,
}

impl Chunk {
    /// The signature: from its first keyword up to its body.
    #[must_use]
    pub fn signature_span(&self) -> Span {
        Span::new(self.item.start, self.body.map_or(self.item.end, |body| body.start))
    }

    /// The signature's text without blanks at its end.
    #[must_use]
    pub fn signature<'text>(&self, text: &'text Text) -> Cow<'text, str> {
        let mut signature = text.slice(self.signature_span());
        let len = signature.trim_end().len();
        match &mut signature {
            Cow::Borrowed(text) => *text = &text[..len], // `len` comes from trimming this very text
            Cow::Owned(text) => text.truncate(len),
        }
        signature
    }

    /// The header: documentation, attributes and signature.
    #[must_use]
    pub fn header(&self, text: &Text) -> String {
        let head = Span::new(self.span.start, self.signature_span().end);
        let mut header = text.slice(head).trim_end().to_owned();
        if let Some(doc) = self.doc {
            let line = text.line_start(text.line_of(doc.start));
            header.push_str(text.line_ending().as_str());
            header.push_str(&text.slice(Span::new(line, doc.end)));
        }
        header
    }

    /// Documentation and comments above it or at the start of its body, as they stand.
    #[must_use]
    pub fn documentation<'text>(&self, text: &'text Text) -> Cow<'text, str> {
        text.slice(self.doc.unwrap_or(Span::new(self.span.start, self.item.start)))
    }
}

/// The chunks of a file as a tree. Each byte of the file lies in exactly one chunk without children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunks {
    /// In the order of the file, a parent before its children; the first is the file.
    pub(super) all: Vec<Chunk>,
    pub(super) language: Option<&'static Language>,
}

impl Default for Chunks {
    /// The chunks of an empty text.
    fn default() -> Self {
        Self::cut(&Text::default(), None)
    }
}

impl Chunks {
    /// The chunk with this id.
    ///
    /// # Panics
    /// When the id belongs to another file's chunks and is out of range here.
    #[must_use]
    pub fn get(&self, id: ChunkId) -> &Chunk {
        &self.all[id.index()] // ids are handed out by this type only
    }

    /// Number of chunks, the file and the rests included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Always false: the file itself is a chunk.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The language they were cut along, if it has a grammar.
    #[must_use]
    pub const fn language(&self) -> Option<&'static Language> {
        self.language
    }

    /// All chunks in the order of the file, a parent before its children.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (ChunkId, &Chunk)> {
        (0u32..).map(ChunkId).take(self.all.len()).collect::<Vec<_>>().into_iter().zip(&self.all)
    }

    /// Definitions: every chunk with a name.
    pub fn definitions(&self) -> impl Iterator<Item = (ChunkId, &Chunk)> {
        (0u32..).map(ChunkId).zip(&self.all).filter(|(_, chunk)| !chunk.name.is_empty())
    }

    /// The children of a chunk, in order.
    pub fn children(&self, id: ChunkId) -> impl Iterator<Item = ChunkId> {
        let end = self.get(id).end;
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            let here = ChunkId(next);
            (next < end).then(|| {
                next = self.get(here).end;
                here
            })
        })
    }

    /// The chunk around this one; `None` for the file.
    #[must_use]
    pub fn parent(&self, id: ChunkId) -> Option<ChunkId> {
        self.get(id).parent
    }

    /// The chunks around this one, from the inside out, without the file.
    pub fn ancestors(&self, id: ChunkId) -> impl Iterator<Item = ChunkId> {
        std::iter::successors(self.parent(id), |id| self.parent(*id)).filter(|id| *id != ChunkId::FILE)
    }

    /// The chunk without children that holds byte `at`; at the end of the file the last one.
    #[must_use]
    pub fn leaf_at(&self, at: usize) -> ChunkId {
        let mut here = ChunkId::FILE;
        loop {
            let inner = self.children(here).find(|id| at < self.get(*id).span.end);
            match inner.or_else(|| self.children(here).last()) {
                Some(inner) => here = inner,
                None => return here,
            }
        }
    }

    /// The smallest chunk that holds `span` and may be a focus; the file when no smaller one does.
    #[must_use]
    pub fn focus_at(&self, span: Span) -> ChunkId {
        let mut here = ChunkId::FILE;
        loop {
            let holds = |id: &ChunkId| {
                let chunk = self.get(*id);
                chunk.kind != ChunkKind::Rest && chunk.span.contains(span)
            };
            match self.children(here).find(holds) {
                Some(inner) => here = inner,
                None => return here,
            }
        }
    }

    /// The name of the type that a function or constant belongs to.
    #[must_use]
    pub fn owner(&self, id: ChunkId) -> Option<&str> {
        let parent = self.get(self.parent(id)?);
        match &self.get(id).qualifier {
            Some(owner) if self.get(id).kind != ChunkKind::Impl => Some(owner),
            _ => parent.kind.is_owner().then_some(&*parent.name),
        }
    }

    /// The path of names, as `module::Type::method`.
    #[must_use]
    pub fn path(&self, id: ChunkId) -> String {
        let mut names: Vec<&str> =
            self.ancestors(id).map(|id| &*self.get(id).name).filter(|name| !name.is_empty()).collect();
        names.reverse();
        let outside = self.get(id).kind != ChunkKind::Impl; // a method that stands outside of its type
        names.extend(self.get(id).qualifier.as_deref().filter(|_| outside));
        names.push(&self.get(id).name);
        names.join("::")
    }

    /// How a title names the chunk: its name, `impl Trait for Type`, or its lines (from one).
    #[must_use]
    pub fn label(&self, id: ChunkId, text: &Text) -> String {
        let chunk = self.get(id);
        match (chunk.kind, &chunk.qualifier) {
            (ChunkKind::Impl, Some(qualifier)) => format!("impl {qualifier} for {}", chunk.name),
            (ChunkKind::Impl, None) => format!("impl {}", chunk.name),
            (ChunkKind::Section | ChunkKind::Rest, _) if chunk.name.is_empty() => {
                let first = text.line_of(chunk.span.start) + 1;
                let last = text.line_of(chunk.span.end.saturating_sub(1)) + 1; // its last byte may be a line end
                let last = last.max(first);
                if first == last { format!("line {first}") } else { format!("lines {first}–{last}") }
            }
            _ => chunk.name.to_string(),
        }
    }
}
