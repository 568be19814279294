//! What only the text of a signature tells: the parameters of functions and of types. In: a definition. Out: its
//! parameters as they are written, and what a type parameter stands for.

use super::spell::{Parameter, parameters, type_parameters};
use super::types::{Def, Place, Resolver, Type};
use crate::chunks::ChunkKind;
use crate::index::FileId;
use crate::text::Span;

impl Resolver<'_> {
    /// A type parameter of the definition whose type is written, or of what is around it: the argument that stands for
    /// it, else its bound.
    pub(super) fn type_parameter(&self, name: &str, place: &Place<'_>) -> Option<Type> {
        if name.len() > 24 || !name.starts_with(|c: char| c.is_uppercase() || c == '_' || c == '$') {
            return None;
        }
        let file = self.file(place.file)?;
        let chunks = &file.facts.chunks;
        for id in std::iter::once(place.chunk).chain(chunks.ancestors(place.chunk)) {
            let all = self.type_parameters_of(Def { file: place.file, chunk: id });
            let Some(number) = all.iter().position(|one| one.name == name) else { continue };
            if chunks.get(id).kind.is_owner() {
                let me = match &place.me {
                    Some(Type::Known(_, args) | Type::Class(_, args)) => args.get(number),
                    _ => None,
                };
                if let Some(me) = me.filter(|me| !me.is_unknown()) {
                    return Some(me.clone());
                }
            }
            let bound = all.get(number).and_then(|one| one.written.as_ref());
            let inner = Place { chunk: id, ..place.clone() };
            return Some(bound.map_or(Type::Unknown, |bound| self.step(|| self.spelled(bound, &inner))));
        }
        None
    }

    /// The type parameters that stand behind a name; of an impl the arguments of its type.
    pub(super) fn type_parameters_of(&self, def: Def) -> Vec<Parameter> {
        let Some(after) = self.after_name(def) else { return Vec::new() };
        type_parameters(&after)
    }

    /// The parameters of a function.
    pub(super) fn parameters_of(&self, def: Def) -> Vec<Parameter> {
        self.after_name(def).map_or_else(Vec::new, |after| parameters(&after))
    }

    /// What follows a name in its signature.
    fn after_name(&self, def: Def) -> Option<String> {
        let file = self.file(def.file)?;
        let chunk = file.facts.chunks.get(def.chunk);
        let text = self.text(def.file)?;
        let signature = chunk.signature_span();
        if chunk.kind == ChunkKind::Impl {
            let name = text.slice(chunk.name_span);
            return name.find('<').and_then(|at| name.get(at..)).map(str::to_owned);
        }
        let end = signature.end.max(chunk.name_span.end).min(chunk.name_span.end + 4000);
        Some(text.slice(Span::new(chunk.name_span.end, end)).into_owned())
    }

    /// Some text of a file from a byte on.
    pub(super) fn text_after(&self, file: FileId, at: usize) -> Option<String> {
        Some(self.text(file)?.slice(Span::new(at, at + 2000)).into_owned())
    }
}
