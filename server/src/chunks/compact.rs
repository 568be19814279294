//! Chunks, symbols and imports as few bytes, and back. Names are numbers of a table that the caller keeps. What comes
//! from the disk may be damaged or hostile: reading it never panics and takes no more memory than the bytes warrant.

use std::sync::Arc;

use super::build::plain;
use super::{Chunk, ChunkId, ChunkKind, Chunks, Import, Member, MemberKind, Outline, Symbols, Written};
use crate::syntax::Language;
use crate::text::Span;

/// A definition of a compact file, as [`definitions`] reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Number of its name.
    pub name: u32,
    /// Number of its owner's name.
    pub owner: Option<u32>,
    /// Number of the chunk or member, and what it is.
    pub symbol: (u32, DefinitionKind),
    /// It is there only for tests.
    pub test: bool,
}

/// What a [`Definition`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefinitionKind {
    /// A chunk.
    Chunk(ChunkKind),
    /// A member of one.
    Member(MemberKind),
}

const KINDS: [ChunkKind; 13] = [
    ChunkKind::File,
    ChunkKind::Module,
    ChunkKind::Class,
    ChunkKind::Type,
    ChunkKind::Interface,
    ChunkKind::Impl,
    ChunkKind::Function,
    ChunkKind::Method,
    ChunkKind::Constant,
    ChunkKind::Macro,
    ChunkKind::Test,
    ChunkKind::Section,
    ChunkKind::Rest,
];

// Flags above the four bits of the kind.
const NAMED: u64 = 1 << 4;
const LEAD_TEST: u64 = 1 << 5;
const BODY: u64 = 1 << 6;
const QUALIFIER: u64 = 1 << 7;
const DOC: u64 = 1 << 8;
/// Shift of the number of chunks that end before this one starts.
const CLOSED: u32 = 9;

/// Appends a number, seven bits a byte, the lowest first.
pub fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80); // the low seven bits and the sign of more
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number that [`put`] wrote off the front.
#[must_use]
pub fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Takes a count of things that need at least a byte each.
#[must_use]
pub fn take_count(bytes: &mut &[u8]) -> Option<usize> {
    usize::try_from(take(bytes)?).ok().filter(|count| *count <= bytes.len())
}

fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    u32::try_from(take(bytes)?).ok()
}

fn put_difference(out: &mut Vec<u8>, from: usize, to: usize) {
    let difference = to as i64 - from as i64;
    put(out, (difference << 1 ^ difference >> 63) as u64); // zigzag: small either way
}

/// A place in a file: far below what could overflow when such are added.
fn take_difference(bytes: &mut &[u8], from: usize) -> Option<usize> {
    let number = take(bytes)?;
    let difference = (number >> 1) as i64 ^ -((number & 1) as i64);
    usize::try_from((from as i64).checked_add(difference)?).ok().filter(|at| *at <= u32::MAX as usize)
}

fn put_span(out: &mut Vec<u8>, from: usize, span: Span) {
    put_difference(out, from, span.start);
    put(out, span.len() as u64);
}

fn take_span(bytes: &mut &[u8], from: usize) -> Option<Span> {
    let start = take_difference(bytes, from)?;
    Some(Span::new(start, start.checked_add(take_u32(bytes)? as usize)?))
}

/// Appends what is known of a file; `number` gives each name its number.
pub fn write(
    out: &mut Vec<u8>,
    chunks: &Chunks,
    symbols: &Symbols,
    imports: &[Import],
    number: &mut dyn FnMut(&Arc<str>) -> u32,
) {
    put(out, chunks.all.len() as u64);
    let mut open: Vec<&Chunk> = Vec::new();
    for (index, chunk) in (0u32..).zip(&chunks.all) {
        let before = open.len();
        while open.pop_if(|around| around.end <= index).is_some() {}
        write_chunk(out, chunk, (before - open.len()) as u64, number);
        open.push(chunk);
    }
    put(out, symbols.members.len() as u64);
    let (mut owner, mut at) = (0, 0);
    for member in &symbols.members {
        let (kind, written) = (u64::from(member.kind == MemberKind::Variant), member.written.as_ref());
        put(out, kind | written_tag(written) << 1);
        put(out, u64::from(number(&member.name)));
        put_difference(out, owner, member.owner.index());
        put_difference(out, at, member.at);
        put_written(out, written, number);
        (owner, at) = (member.owner.index(), member.at);
    }
    put(out, symbols.types.len() as u64);
    let mut last = 0;
    for (id, written) in &symbols.types {
        put_difference(out, last, id.index());
        put(out, written_tag(Some(written)));
        put_written(out, Some(written), number);
        last = id.index();
    }
    put(out, symbols.bases.len() as u64);
    last = 0;
    for (id, base) in &symbols.bases {
        put_difference(out, last, id.index());
        put(out, u64::from(number(base)));
        last = id.index();
    }
    put(out, imports.len() as u64);
    last = 0;
    for import in imports {
        let flags = [import.glob, import.exported, import.name.is_some()];
        put(out, flags.iter().zip(0..).map(|(flag, bit)| u64::from(*flag) << bit).sum());
        put_difference(out, last, import.at);
        for name in [Some(&import.module), Some(&import.local), import.name.as_ref()].into_iter().flatten() {
            put(out, u64::from(number(name)));
        }
        last = import.at;
    }
}

/// Where it starts is not written: where the chunk before it ends, or with the chunk around it.
fn write_chunk(out: &mut Vec<u8>, chunk: &Chunk, closed: u64, number: &mut dyn FnMut(&Arc<str>) -> u32) {
    let kind = KINDS.iter().position(|kind| *kind == chunk.kind).unwrap_or(KINDS.len() - 1) as u64;
    let flag = |on: bool, flag: u64| if on { flag } else { 0 };
    let named = !chunk.name.is_empty();
    let flags = flag(named, NAMED)
        | flag(chunk.lead_test, LEAD_TEST)
        | flag(chunk.body.is_some(), BODY)
        | flag(chunk.qualifier.is_some(), QUALIFIER)
        | flag(chunk.doc.is_some(), DOC);
    put(out, kind | flags | closed << CLOSED);
    put(out, chunk.span.len() as u64);
    if !named {
        return;
    }
    put(out, u64::from(number(&chunk.name)));
    put_difference(out, chunk.span.start, chunk.item.start);
    put_span(out, chunk.item.start, chunk.name_span);
    if let Some(body) = chunk.body {
        put_difference(out, chunk.name_span.end, body.start);
        put_difference(out, body.end, chunk.item.end);
    }
    if let Some(qualifier) = &chunk.qualifier {
        put(out, u64::from(number(qualifier)));
    }
    if let Some(doc) = chunk.doc {
        put_span(out, chunk.name_span.end, doc);
    }
}

fn written_tag(written: Option<&Written>) -> u64 {
    match written {
        None => 0,
        Some(Written::Type(_)) => 1,
        Some(Written::Value(_)) => 2,
    }
}

fn put_written(out: &mut Vec<u8>, written: Option<&Written>, number: &mut dyn FnMut(&Arc<str>) -> u32) {
    if let Some(Written::Type(text) | Written::Value(text)) = written {
        put(out, u64::from(number(text)));
    }
}

/// A chunk with numbers for names. Its parent comes before it.
struct Raw {
    kind: ChunkKind,
    name: Option<u32>,
    qualifier: Option<u32>,
    span: Span,
    item: Span,
    name_span: Span,
    body: Option<Span>,
    doc: Option<Span>,
    lead_test: bool,
    test: bool,
    parent: Option<u32>,
    end: u32,
}

fn take_chunks(bytes: &mut &[u8]) -> Option<Vec<Raw>> {
    let count = take_count(bytes)?;
    let mut all: Vec<Raw> = Vec::with_capacity(count);
    let mut open: Vec<u32> = Vec::new();
    let mut at = 0;
    for index in 0..u32::try_from(count).ok()? {
        let flags = take(bytes)?;
        for _ in 0..flags >> CLOSED {
            let closed = all.get_mut(open.pop()? as usize)?;
            (closed.end, at) = (index, closed.span.end);
        }
        let around = match open.last() {
            Some(id) => Some(all.get(*id as usize)?),
            None if index == 0 => None, // only the file has nothing around it
            None => return None,
        };
        let raw = take_chunk(bytes, flags, at, open.last().copied(), around.is_some_and(|around| around.test))?;
        at = raw.span.start;
        all.push(raw);
        open.push(index);
    }
    for id in open {
        all.get_mut(id as usize)?.end = u32::try_from(count).ok()?;
    }
    (!all.is_empty()).then_some(all)
}

fn take_chunk(bytes: &mut &[u8], flags: u64, at: usize, parent: Option<u32>, in_test: bool) -> Option<Raw> {
    let kind = *KINDS.get((flags & 0xf) as usize)?;
    let has = |flag: u64| flags & flag != 0;
    let span = Span::new(at, at.checked_add(take_u32(bytes)? as usize)?);
    let name_span = Span::new(span.start, span.start);
    let test = in_test || has(LEAD_TEST) || kind == ChunkKind::Test;
    let (name, qualifier, body, doc) = (None, None, None, None);
    let lead_test = has(LEAD_TEST);
    let mut raw =
        Raw { kind, name, qualifier, span, item: span, name_span, body, doc, lead_test, test, parent, end: 0 };
    if !has(NAMED) {
        return Some(raw);
    }
    raw.name = Some(take_u32(bytes)?);
    raw.item.start = take_difference(bytes, span.start).filter(|start| *start <= span.end)?;
    raw.name_span = take_span(bytes, raw.item.start)?;
    if has(BODY) {
        let start = take_difference(bytes, raw.name_span.end)?;
        // the difference leads from the body's end to the item's
        let end = take_difference(bytes, raw.item.end)?;
        let end = (2 * raw.item.end).checked_sub(end).filter(|end| start <= *end)?;
        raw.body = Some(Span::new(start, end));
    }
    if has(QUALIFIER) {
        raw.qualifier = Some(take_u32(bytes)?);
    }
    if has(DOC) {
        raw.doc = Some(take_span(bytes, raw.name_span.end)?);
    }
    Some(raw)
}

/// Fields and variants with numbers for names: kind, name, owner, place, written type.
type RawMember = (MemberKind, u32, u32, usize, Option<(u64, u32)>);

fn take_members(bytes: &mut &[u8], chunks: usize) -> Option<Vec<RawMember>> {
    let count = take_count(bytes)?;
    let (mut owner, mut at) = (0, 0);
    let mut one = || {
        let tag = take(bytes)?;
        let kind = if tag & 1 == 1 { MemberKind::Variant } else { MemberKind::Field };
        let name = take_u32(bytes)?;
        owner = take_difference(bytes, owner).filter(|owner| *owner < chunks)?;
        at = take_difference(bytes, at)?;
        let written = take_written(bytes, tag >> 1)?;
        Some((kind, name, u32::try_from(owner).ok()?, at, written))
    };
    (0..count).map(|_| one()).collect()
}

#[expect(clippy::option_option, reason = "damaged and absent are two things")]
fn take_written(bytes: &mut &[u8], tag: u64) -> Option<Option<(u64, u32)>> {
    match tag {
        0 => Some(None),
        1 | 2 => Some(Some((tag, take_u32(bytes)?))),
        _ => None,
    }
}

/// Reads what [`write`] wrote; `name` knows the names. `None` when the bytes are damaged.
#[must_use]
pub fn read(bytes: &mut &[u8], language: &'static Language, name: &dyn Fn(u32) -> Option<Arc<str>>) -> Option<Outline> {
    let raw = take_chunks(bytes)?;
    let mut all = Vec::with_capacity(raw.len());
    for one in &raw {
        let plain = plain(one.kind, one.span, one.parent.map(ChunkId));
        all.push(match one.name {
            None => Chunk { end: one.end, test: one.test, ..plain },
            Some(number) => Chunk {
                name: name(number)?,
                qualifier: one.qualifier.map_or(Some(None), |number| name(number).map(Some))?,
                item: one.item,
                name_span: one.name_span,
                body: one.body,
                doc: one.doc,
                test: one.test,
                lead_test: one.lead_test,
                end: one.end,
                ..plain
            },
        });
    }
    let written = |(tag, number): (u64, u32)| {
        let text = name(number)?;
        Some(if tag == 1 { Written::Type(text) } else { Written::Value(text) })
    };
    let mut symbols = Symbols::default();
    for (kind, number, owner, at, told) in take_members(bytes, all.len())? {
        let written = told.map_or(Some(None), |told| written(told).map(Some))?;
        symbols.members.push(Member { name: name(number)?, kind, owner: ChunkId(owner), at, written });
    }
    let id = |bytes: &mut &[u8], last: &mut usize| {
        *last = take_difference(bytes, *last).filter(|id| *id < all.len())?;
        u32::try_from(*last).ok().map(ChunkId)
    };
    let mut last = 0;
    for _ in 0..take_count(bytes)? {
        let (id, tag) = (id(bytes, &mut last)?, take(bytes)?);
        symbols.types.push((id, written(take_written(bytes, tag)??)?));
    }
    last = 0;
    for _ in 0..take_count(bytes)? {
        symbols.bases.push((id(bytes, &mut last)?, name(take_u32(bytes)?)?));
    }
    let mut imports = Vec::new();
    let mut at = 0;
    for _ in 0..take_count(bytes)? {
        let flags = take(bytes)?;
        at = take_difference(bytes, at)?;
        let (module, local) = (name(take_u32(bytes)?)?, name(take_u32(bytes)?)?);
        let imported = if flags & 4 != 0 { Some(name(take_u32(bytes)?)?) } else { None };
        imports.push(Import { module, name: imported, local, glob: flags & 1 != 0, exported: flags & 2 != 0, at });
    }
    Some(Outline { chunks: Chunks { all, language: Some(language) }, symbols, imports })
}

/// The definitions alone, chunks before members, each in the order of the file. The sections of a document are none: no
/// code means them. `None` when the bytes are damaged.
#[must_use]
pub fn definitions(mut bytes: &[u8]) -> Option<Vec<Definition>> {
    let raw = take_chunks(&mut bytes)?;
    let mut found = Vec::new();
    for (index, one) in (0u32..).zip(&raw) {
        let Some(name) = one.name.filter(|_| one.kind != ChunkKind::Section) else { continue };
        let around = one.parent.and_then(|parent| raw.get(parent as usize));
        let owner = match one.qualifier {
            Some(owner) if one.kind != ChunkKind::Impl => Some(owner),
            _ => around.filter(|around| around.kind.is_owner()).and_then(|around| around.name),
        };
        found.push(Definition { name, owner, symbol: (index, DefinitionKind::Chunk(one.kind)), test: one.test });
    }
    for (index, (kind, name, owner, ..)) in (0u32..).zip(take_members(&mut bytes, raw.len())?) {
        let owner = raw.get(owner as usize)?;
        found.push(Definition {
            name,
            owner: owner.name,
            symbol: (index, DefinitionKind::Member(kind)),
            test: owner.test,
        });
    }
    Some(found)
}
