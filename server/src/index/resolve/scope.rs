//! What a function binds and how its expressions are built, read by `scopes.scm`. In: a tree and a span. Out: the names
//! bound there and the form of each expression, by its node. Types nothing itself.

use std::collections::{HashMap, HashSet};

use crate::syntax::{Node, QueryKind, Tree, captures};
use crate::text::{Span, Text};

/// A name that is bound in a function.
#[derive(Clone, Debug)]
pub(super) struct Local<'t> {
    pub name: String,
    /// Where the name stands when it is bound.
    pub at: Span,
    /// Where it means something.
    pub scope: Span,
    /// What tells its type, the best first.
    pub told_by: Vec<Told<'t>>,
}

/// What tells the type of a local name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Told<'t> {
    /// Its written type.
    Type(Node<'t>),
    /// The value that it is given.
    Value(Node<'t>),
    /// It is an element of this value.
    Element(Node<'t>),
    /// A pattern takes it out of this value.
    Part(Node<'t>),
    /// A pattern takes it from this field or variant of a written type.
    Of(Node<'t>, Node<'t>),
    /// It is this member of this value.
    Member(Node<'t>, Node<'t>),
    /// It is a parameter, of this number, of a closure.
    Parameter(Node<'t>, usize),
}

impl Local<'_> {
    /// The place is in the value that the name is bound to: there the name still means what it meant before.
    fn is_told_at(&self, at: usize) -> bool {
        self.told_by.iter().any(|told| match told {
            Told::Value(node) | Told::Element(node) | Told::Part(node) | Told::Member(node, _) => {
                node.byte_range().contains(&at)
            }
            _ => false,
        })
    }
}

/// How an expression is built.
#[derive(Clone, Debug)]
pub(super) enum Form<'t> {
    Access {
        object: Node<'t>,
        member: Node<'t>,
    },
    Index {
        object: Node<'t>,
    },
    Call {
        callee: Node<'t>,
    },
    /// It makes a value of this type.
    Made(Node<'t>),
    /// It has this type whatever stands in it.
    Cast(Node<'t>),
    Same(Vec<Node<'t>>),
    /// It has the type of the expression that stands in it as bare text.
    Text(Node<'t>),
    Own,
    Super,
}

/// The bindings and expressions of a piece of a file.
#[derive(Default)]
pub(super) struct Scope<'t> {
    pub locals: HashMap<String, Vec<Local<'t>>>,
    pub forms: HashMap<usize, Form<'t>>,
    /// What tells the type that an expression has to have where it stands.
    pub expected: HashMap<usize, Told<'t>>,
    /// Where the name of a member stands in a record that is written → the record.
    pub keys: HashMap<usize, Node<'t>>,
    /// A value in a record → the record, and the name of the member; none where all of its members go into the record.
    pub parts: HashMap<usize, (Node<'t>, Option<Node<'t>>)>,
    /// Closures.
    pub lambdas: HashSet<usize>,
}

impl<'t> Scope<'t> {
    /// Reads what is bound in `within`, and by the headers of what stands around it.
    pub(super) fn read(tree: &'t Tree, text: &Text, within: Span) -> Self {
        let mut scope = Self::default();
        let mut locals: HashMap<usize, Local<'t>> = HashMap::new();
        let mut patterns: Vec<(Node<'t>, Told<'t>)> = Vec::new();
        let mut scopes: Vec<Span> = Vec::new();
        captures(tree, text, QueryKind::Scopes, within, |captures| {
            let node = |name: &str| captures.iter().find(|capture| capture.name == name).map(|capture| capture.node);
            let (object, member, written) = (node("object"), node("member"), node("type"));
            let told = match (written, node("value"), node("element")) {
                (Some(written), ..) => Some(Told::Type(written)),
                (_, Some(value), _) => Some(Told::Value(value)),
                (.., Some(element)) => Some(Told::Element(element)),
                _ => None,
            };
            if let Some(scope) = node("scope") {
                scopes.push(scope.byte_range().into());
            }
            if let Some(lambda) = node("lambda") {
                scope.lambdas.insert(lambda.id());
            }
            if let Some(record) = node("record") {
                let key = node("key");
                if let Some(key) = key {
                    scope.keys.insert(key.start_byte(), record);
                }
                if let Some(value) = node("value") {
                    scope.parts.insert(value.id(), (record, key));
                }
                return;
            }
            if let Some(local) = node("local") {
                let told = match (node("of"), object, member, node("lambda")) {
                    (Some(of), _, Some(member), _) => Some(Told::Of(of, member)),
                    (_, Some(object), Some(member), _) => Some(Told::Member(object, member)),
                    (_, _, _, Some(lambda)) if told.is_none() => {
                        Some(Told::Parameter(lambda, place_in_list(local, lambda)))
                    }
                    _ => told,
                };
                let at = Span::from(local.byte_range());
                let entry = locals.entry(at.start).or_insert_with(|| Local {
                    name: text.slice(at).into_owned(),
                    at,
                    scope: Span::new(0, text.len()),
                    told_by: Vec::new(),
                });
                entry.told_by.extend(told);
                return;
            }
            if let (Some(pattern), Some(told)) = (node("pattern"), told) {
                patterns.push((pattern, told));
                return;
            }
            if let (Some(place), Some(told)) = (node("expects"), told) {
                scope.expected.insert(place.id(), told);
                return;
            }
            for capture in captures {
                let form = match (capture.name, object, member) {
                    ("access", Some(object), Some(member)) => Form::Access { object, member },
                    ("index", Some(object), _) => Form::Index { object },
                    ("call", ..) => match node("callee") {
                        Some(callee) => Form::Call { callee },
                        None => continue,
                    },
                    ("construct", ..) => match written {
                        Some(written) => Form::Made(written),
                        None => continue,
                    },
                    ("cast", ..) => match written {
                        Some(written) => Form::Cast(written),
                        None => continue,
                    },
                    ("same", ..) => {
                        let Some(inner) = node("inner") else { continue };
                        match scope.forms.get_mut(&capture.node.id()) {
                            Some(Form::Same(all)) => all.push(inner),
                            Some(_) => {}
                            None => drop(scope.forms.insert(capture.node.id(), Form::Same(vec![inner]))),
                        }
                        continue;
                    }
                    ("text", ..) => Form::Text(capture.node),
                    ("self", ..) => Form::Own,
                    ("super", ..) => Form::Super,
                    _ => continue,
                };
                // a cast or construction says more than the call or parentheses that it is made by
                let says_more = matches!(form, Form::Made(_) | Form::Cast(_) | Form::Own | Form::Super);
                let slot = scope.forms.entry(capture.node.id());
                match slot {
                    std::collections::hash_map::Entry::Occupied(mut slot) if says_more => drop(slot.insert(form)),
                    std::collections::hash_map::Entry::Occupied(_) => {}
                    std::collections::hash_map::Entry::Vacant(slot) => drop(slot.insert(form)),
                }
            }
        });
        for (_, mut local) in locals {
            let around = |span: &&Span| span.contains(local.at) && span.start < local.at.start;
            if let Some(span) = scopes.iter().filter(around).min_by_key(|span| span.len()) {
                local.scope = *span;
            }
            if local.told_by.iter().all(|told| matches!(told, Told::Of(..))) {
                let around = patterns.iter().filter(|(node, _)| Span::from(node.byte_range()).contains(local.at));
                if let Some((node, told)) = around.min_by_key(|(node, _)| node.byte_range().len()) {
                    let whole = Span::from(node.byte_range());
                    let opens = text.slice(Span::new(whole.start, local.at.start)).contains(['(', '[']);
                    let told = match *told {
                        Told::Value(value) if opens => Told::Part(value),
                        told => told,
                    };
                    local.told_by.push(told);
                }
            }
            // a written type counts before a value
            local.told_by.sort_by_key(|told| !matches!(told, Told::Type(_) | Told::Of(..)));
            scope.locals.entry(local.name.clone()).or_default().push(local);
        }
        for all in scope.locals.values_mut() {
            all.sort_by_key(|local| local.at.start);
        }
        scope
    }

    /// What a name is bound to at a place: the last binding before it whose scope holds it, else the first behind it.
    pub(super) fn local(&self, name: &str, at: usize) -> Option<&Local<'t>> {
        let all = self.locals.get(name)?;
        let here = |local: &&Local<'t>| local.scope.contains(Span::new(at, at)) && !local.is_told_at(at);
        let before = all.iter().rev().filter(here).find(|local| local.at.start <= at);
        before.or_else(|| all.iter().find(here))
    }
}

/// The number of the part of a closure's parameters that holds `local`.
fn place_in_list(local: Node<'_>, lambda: Node<'_>) -> usize {
    let mut here = local;
    while let Some(parent) = here.parent() {
        if parent.id() == lambda.id() {
            return 0;
        }
        if parent.parent().is_some_and(|above| above.id() == lambda.id()) {
            return number_in(here, parent);
        }
        here = parent;
    }
    0
}

/// The number of a node among the named children of its parent, comments left out.
pub(super) fn number_in(node: Node<'_>, parent: Node<'_>) -> usize {
    let mut cursor = parent.walk();
    let mut named = parent.named_children(&mut cursor).filter(|child| !child.is_extra());
    named.position(|child| child.id() == node.id()).unwrap_or(0)
}
