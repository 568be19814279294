//! Values for Rust types: a type as written in a signature becomes an expression that surely has this type.

use std::collections::HashMap;

use super::facts::Known;
use super::rust_file::{Item, Module};
use crate::context::tests_place::nodes::{all_children, child, children, field, text};
use crate::syntax::Node;

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    Named {
        path: String,
        args: Vec<Ty>,
    },
    Ref {
        mutable: bool,
        fixed: bool,
        to: Box<Ty>,
    },
    Slice(Box<Ty>),
    Array(Box<Ty>, String),
    Tuple(Vec<Ty>),
    /// `impl Trait`, `dyn Trait` or a type parameter that no one type stands for.
    Traits(Vec<Bound>),
    /// A function pointer with this many parameters.
    Function(usize, Option<Box<Ty>>),
    Other(String),
}

/// One trait that a type must have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bound {
    /// As written, without arguments.
    path: String,
    args: Vec<Ty>,
    /// `Item = …`
    output: Option<Ty>,
    /// Number of parameters of an `Fn(…)`.
    parameters: usize,
}

impl Ty {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Named { path, .. } => path.rsplit("::").next().unwrap_or(path),
            _ => "",
        }
    }

    fn plain(name: &str) -> Self {
        Self::Named { path: name.to_owned(), args: Vec::new() }
    }

    fn text_ref() -> Self {
        Self::Ref { mutable: false, fixed: true, to: Box::new(Self::plain("str")) }
    }

    /// The type in an expression; `None` where it can't be written down.
    pub(super) fn spell(&self) -> Option<String> {
        let list = |types: &[Self]| types.iter().map(Self::spell).collect::<Option<Vec<_>>>().map(|all| all.join(", "));
        Some(match self {
            Self::Named { path, args } if args.is_empty() => path.clone(),
            Self::Named { path, args } => format!("{path}<{}>", list(args)?),
            Self::Ref { mutable, to, .. } => format!("&{}{}", if *mutable { "mut " } else { "" }, to.spell()?),
            Self::Slice(of) => format!("[{}]", of.spell()?),
            Self::Array(of, len) => format!("[{}; {len}]", of.spell()?),
            Self::Tuple(of) if of.len() == 1 => format!("({},)", list(of)?),
            Self::Tuple(of) => format!("({})", list(of)?),
            Self::Traits(_) | Self::Function(..) | Self::Other(_) => return None,
        })
    }
}

/// What stands for names in a signature.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) generics: HashMap<String, Ty>,
    pub(super) own: Option<Ty>,
}

/// An expression and what is known of its value.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) known: Known,
}

fn value(text: impl Into<String>, known: Known) -> Option<Value> {
    Some(Value { text: text.into(), known })
}

fn opaque(text: impl Into<String>) -> Option<Value> {
    value(text, Known::Opaque)
}

/// Makes values of types, with the types of one module.
pub(super) struct Maker<'a, 'src, 'tree> {
    pub(super) module: &'a Module<'src, 'tree>,
}

const DEPTH: usize = 4;

impl<'src, 'tree> Maker<'_, 'src, 'tree> {
    fn src(&self) -> &'src str {
        self.module.source
    }

    /// Reads a type.
    pub(super) fn ty(&self, node: Node<'_>, scope: &Scope) -> Ty {
        let source = self.src();
        let other = || Ty::Other(text(source, node).to_owned());
        let inner = |name: &str| node.child_by_field_name(name).map(|inner| self.ty(inner, scope));
        match node.kind() {
            "primitive_type" => Ty::plain(text(source, node)),
            "type_identifier" => {
                let name = text(source, node);
                if name == "Self" {
                    return scope.own.clone().unwrap_or_else(other);
                }
                if let Some(ty) = scope.generics.get(name) {
                    return ty.clone();
                }
                if let Some(alias) = self.module.types.get(name).filter(|item| item.node.kind() == "type_item") {
                    let plain = alias.node.child_by_field_name("type_parameters").is_none();
                    let target =
                        alias.node.child_by_field_name("type").filter(|_| plain && alias.cfgs().next().is_none());
                    return target.map_or_else(other, |target| self.ty(target, &Scope::default()));
                }
                Ty::plain(name)
            }
            "scoped_type_identifier" => {
                let path = text(source, node);
                if path.starts_with("Self::")
                    || path.contains('<')
                    || scope.generics.contains_key(path.split("::").next().unwrap_or(""))
                {
                    return other();
                }
                Ty::plain(&from_tests(&path.split_whitespace().collect::<String>()))
            }
            "generic_type" => {
                let Some(Ty::Named { path, .. }) = inner("type") else { return other() };
                if self.module.types.get(&path).is_some_and(|item| item.node.kind() == "type_item") {
                    return other();
                }
                let args =
                    node.child_by_field_name("type_arguments").map_or_else(Vec::new, |list| self.args(list, scope));
                Ty::Named { path, args }
            }
            "reference_type" => Ty::Ref {
                mutable: child(node, "mutable_specifier").is_some(),
                fixed: child(node, "lifetime").is_some_and(|lifetime| text(source, lifetime) == "'static"),
                to: Box::new(inner("type").unwrap_or_else(other)),
            },
            "array_type" => {
                let Some(of) = inner("element") else { return other() };
                let length = field(source, node, "length");
                if length.is_empty() { Ty::Slice(Box::new(of)) } else { Ty::Array(Box::new(of), length.to_owned()) }
            }
            "tuple_type" => Ty::Tuple(children(node).into_iter().map(|one| self.ty(one, scope)).collect()),
            "unit_type" => Ty::Tuple(Vec::new()),
            "abstract_type" | "dynamic_type" => {
                node.child_by_field_name("trait").map_or_else(other, |bound| Ty::Traits(self.bounds(bound, scope)))
            }
            "bounded_type" => Ty::Traits(self.bounds(node, scope)),
            "function_type" => {
                if let Some(list) =
                    node.child_by_field_name("parameters").filter(|_| node.child_by_field_name("trait").is_none())
                {
                    Ty::Function(children(list).len(), inner("return_type").map(Box::new))
                } else {
                    Ty::Traits(self.bounds(node, scope))
                }
            }
            _ => other(),
        }
    }

    fn args(&self, list: Node<'_>, scope: &Scope) -> Vec<Ty> {
        children(list)
            .into_iter()
            .filter(|one| !matches!(one.kind(), "lifetime" | "type_binding"))
            .map(|one| self.ty(one, scope))
            .collect()
    }

    /// Reads the traits of `A + B<C>`, lifetimes and `?Sized` left out.
    pub(super) fn bounds(&self, node: Node<'_>, scope: &Scope) -> Vec<Bound> {
        let source = self.src();
        match node.kind() {
            "trait_bounds" | "bounded_type" | "abstract_type" | "dynamic_type" => {
                children(node).into_iter().flat_map(|one| self.bounds(one, scope)).collect()
            }
            "lifetime" | "removed_trait_bound" | "for_lifetimes" | "use_bounds" => Vec::new(),
            "higher_ranked_trait_bound" => {
                node.child_by_field_name("type").map_or_else(Vec::new, |inner| self.bounds(inner, scope))
            }
            "function_type" => {
                let path = field(source, node, "trait").to_owned();
                let parameters = node.child_by_field_name("parameters").map_or(0, |list| children(list).len());
                let output = node.child_by_field_name("return_type").map(|ty| self.ty(ty, scope));
                vec![Bound { path, args: Vec::new(), output, parameters }]
            }
            "generic_type" => {
                let list = node.child_by_field_name("type_arguments");
                let output = list.and_then(|list| {
                    let binding = children(list).into_iter().find(|one| one.kind() == "type_binding")?;
                    binding.child_by_field_name("type").map(|ty| self.ty(ty, scope))
                });
                let args = list.map_or_else(Vec::new, |list| self.args(list, scope));
                vec![Bound { path: field(source, node, "type").to_owned(), args, output, parameters: 0 }]
            }
            _ => vec![Bound { path: text(source, node).to_owned(), args: Vec::new(), output: None, parameters: 0 }],
        }
    }

    /// Adds a type for each type parameter to the scope. `None`: there are constants among them, or lifetimes with
    /// bounds that made-up values may not meet.
    pub(super) fn add_generics(&self, item: Node<'_>, scope: &mut Scope) -> Option<Vec<String>> {
        let source = self.src();
        let mut names = Vec::new();
        let mut all: Vec<(String, Vec<Node<'_>>)> = Vec::new();
        if let Some(list) = item.child_by_field_name("type_parameters") {
            for one in children(list) {
                match one.kind() {
                    "type_parameter" => {
                        let name = field(source, one, "name").to_owned();
                        names.push(name.clone());
                        all.push((name, one.child_by_field_name("bounds").into_iter().collect()));
                    }
                    "type_identifier" => {
                        names.push(text(source, one).to_owned());
                        all.push((text(source, one).to_owned(), Vec::new()));
                    }
                    "const_parameter" => return None,
                    _ => {}
                }
            }
        }
        if let Some(clause) = child(item, "where_clause") {
            for predicate in children(clause) {
                let Some(left) = predicate.child_by_field_name("left") else { continue };
                let name = text(source, left);
                if left.kind() == "lifetime" {
                    continue;
                }
                let bounds = predicate.child_by_field_name("bounds");
                match all.iter_mut().find(|(known, _)| known == name) {
                    Some((_, list)) => list.extend(bounds),
                    None => return None, // a bound on a type that is made up of others
                }
            }
        }
        // twice: bounds may speak of parameters that come later
        for _ in 0..2 {
            for (name, bounds) in &all {
                let bounds: Vec<Bound> = bounds.iter().flat_map(|node| self.bounds(*node, scope)).collect();
                let ty = self.choose(&bounds).unwrap_or(Ty::Traits(bounds));
                scope.generics.insert(name.clone(), ty);
            }
        }
        Some(names)
    }

    fn vec(&self, of: Ty) -> Ty {
        let path = if self.module.no_std { "std::vec::Vec" } else { "Vec" };
        Ty::Named { path: path.to_owned(), args: vec![of] }
    }

    /// A type that implements a trait of the module.
    fn implementor(&self, bound: &Bound) -> Option<Ty> {
        let module = self.module;
        module.traits.contains(&bound.path).then_some(())?;
        module.impls.iter().find_map(|one| {
            let node = one.item.node;
            let plain = one.of == bound.path && one.item.cfgs().next().is_none() && bound.args.is_empty();
            let ty = node.child_by_field_name("type").filter(|ty| plain && ty.kind() == "type_identifier")?;
            node.child_by_field_name("type_parameters").is_none().then(|| self.ty(ty, &Scope::default()))
        })
    }

    /// One type that has all these traits.
    fn choose(&self, bounds: &[Bound]) -> Option<Ty> {
        let number = || Ty::plain("i32");
        let mut chosen: Option<Ty> = None;
        for bound in bounds {
            let Some(full) = self.module.std_path(&bound.path) else {
                let ty = self.implementor(bound)?;
                if bounds.len() > 1 {
                    return None;
                }
                return Some(ty);
            };
            let name = full.rsplit("::").next()?;
            let first = bound.args.first();
            let ty = match name {
                "Copy" | "Clone" | "Eq" | "PartialEq" | "Ord" | "PartialOrd" | "Hash" | "Debug" | "Display"
                | "Default" | "Send" | "Sync" | "Sized" | "ToString" | "Unpin" | "UnwindSafe" | "RefUnwindSafe"
                | "Any" | "ToOwned"
                    if bound.args.is_empty() =>
                {
                    continue;
                }
                "AsRef" | "Borrow" if matches!(first.map(Ty::name), Some("str" | "Path" | "OsStr")) => Ty::text_ref(),
                "AsRef" if matches!(first, Some(Ty::Slice(of)) if of.name() == "u8") => Ty::text_ref(),
                "Into" => match first? {
                    ty @ Ty::Named { .. } => match self.module.std_path(ty.name()).as_deref() {
                        Some(
                            "std::string::String" | "std::path::PathBuf" | "std::ffi::OsString" | "std::borrow::Cow",
                        ) => Ty::text_ref(),
                        _ if is_number(ty.name()) || self.module.types.contains_key(ty.name()) => ty.clone(),
                        _ => return None,
                    },
                    _ => return None,
                },
                "Add" | "Sub" | "Mul" | "Neg" | "FromStr" if bound.args.is_empty() => number(),
                "IntoIterator" => self.vec(bound.output.clone()?),
                "Iterator" | "DoubleEndedIterator" | "ExactSizeIterator" | "FusedIterator" => Ty::Named {
                    path: "std::vec::IntoIter".to_owned(),
                    args: vec![bound.output.clone().unwrap_or_else(number)],
                },
                "Extend" | "FromIterator" => self.vec(first?.clone()),
                "Read" | "BufRead" if full.starts_with("std::io") => {
                    Ty::Ref { mutable: false, fixed: true, to: Box::new(Ty::Slice(Box::new(Ty::plain("u8")))) }
                }
                "Write" if full.starts_with("std::io") => self.vec(Ty::plain("u8")),
                "Write" if full.starts_with("std::fmt") => {
                    Ty::plain(if self.module.no_std { "std::string::String" } else { "String" })
                }
                "RangeBounds" => Ty::Named { path: "std::ops::Range".to_owned(), args: vec![first?.clone()] },
                "Hasher" => Ty::plain("std::collections::hash_map::DefaultHasher"),
                "Error" if full.starts_with("std::error") => Ty::plain("std::fmt::Error"),
                _ => return None,
            };
            if chosen.as_ref().is_some_and(|chosen| *chosen != ty) {
                return None;
            }
            chosen = Some(ty);
        }
        // what was chosen for one trait may lack the plain ones
        let plain: Vec<&str> = bounds.iter().map(|bound| bound.path.rsplit("::").next().unwrap_or("")).collect();
        let missing: &[&str] = match chosen.as_ref().map(Ty::name) {
            Some("IntoIter" | "DefaultHasher" | "Error") => {
                &["Copy", "Default", "Display", "Eq", "PartialEq", "Ord", "Hash"]
            }
            Some("Vec") => &["Copy", "Display", "ToString"],
            Some("String") => &["Copy"],
            Some(name) if self.module.types.contains_key(name) && plain.len() > 1 => return None,
            _ => &[],
        };
        if plain.iter().any(|name| missing.contains(name)) {
            return None;
        }
        Some(chosen.unwrap_or_else(number))
    }

    /// A value of the type; with `want`, this very value.
    pub(super) fn make(&self, ty: &Ty, want: Option<&Known>, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        let next = depth + 1;
        match ty {
            Ty::Named { path, args } => self.named(ty, path, args, want, depth),
            Ty::Ref { mutable: false, fixed, to } => match &**to {
                Ty::Named { path, .. } if path == "str" => {
                    let text = want_text(want, "abc")?;
                    value(format!("{text:?}"), Known::Str(text))
                }
                Ty::Slice(of) => self.slice(of, want, depth),
                Ty::Named { path, args } if args.is_empty() => match self.module.std_path(path).as_deref() {
                    Some("std::path::Path" | "std::ffi::OsStr") => {
                        let text = want_text(want, "abc")?;
                        opaque(format!("{path}::new({text:?})"))
                    }
                    Some("std::ffi::CStr") => None,
                    _ if self.module.constants.contains_key(&format!("&{path}")) => {
                        opaque(self.module.constants.get(&format!("&{path}"))?)
                    }
                    _ if *fixed && !is_number(path) => None,
                    _ => self
                        .make(to, want, next)
                        .map(|inner| Value { text: borrowed("&", &inner.text), known: inner.known }),
                },
                Ty::Traits(bounds) => {
                    let inner = self.closure_or(bounds, next)?;
                    opaque(format!("&{inner}"))
                }
                _ if *fixed => None,
                _ => self
                    .make(to, want, next)
                    .map(|inner| Value { text: borrowed("&", &inner.text), known: inner.known }),
            },
            Ty::Ref { mutable: true, fixed, to } => match &**to {
                _ if *fixed => None,
                Ty::Named { path, .. } if path == "str" => None,
                Ty::Slice(of) => {
                    let (list, len) = self.elements(of, want, next)?;
                    let whole = if depth > 0 { "[..]" } else { "" };
                    value(format!("&mut [{list}]{whole}"), Known::Len(len))
                }
                Ty::Traits(bounds) => opaque(format!("&mut {}", self.closure_or(bounds, next)?)),
                _ => self
                    .make(to, want, next)
                    .map(|inner| Value { text: borrowed("&mut ", &inner.text), known: inner.known }),
            },
            Ty::Array(of, len) => {
                let count: usize = len.parse().ok().filter(|_| want.is_none())?;
                let one = self.make(of, None, next)?;
                let text = if count <= 4 {
                    format!("[{}]", vec![one.text; count].join(", "))
                } else if is_number(of.name()) || of.name() == "bool" {
                    format!("[{}; {count}]", one.text)
                } else {
                    return None;
                };
                value(text, Known::Len(count))
            }
            Ty::Tuple(of) => {
                let all: Vec<String> =
                    of.iter().map(|one| self.make(one, None, next).map(|made| made.text)).collect::<Option<_>>()?;
                let comma = if all.len() == 1 { "," } else { "" };
                opaque(format!("({}{comma})", all.join(", "))).filter(|_| want.is_none())
            }
            Ty::Traits(bounds) => self.closure_or(bounds, next).and_then(opaque).filter(|_| want.is_none()),
            Ty::Function(parameters, output) => self.closure(*parameters, output.as_deref(), next).and_then(opaque),
            Ty::Slice(_) | Ty::Other(_) => None,
        }
    }

    fn closure_or(&self, bounds: &[Bound], depth: usize) -> Option<String> {
        if let Some(bound) = bounds.iter().find(|bound| matches!(bound.path.as_str(), "Fn" | "FnMut" | "FnOnce")) {
            return self.closure(bound.parameters, bound.output.as_ref(), depth);
        }
        let ty = self.choose(bounds)?;
        Some(self.make(&ty, None, depth)?.text)
    }

    fn closure(&self, parameters: usize, output: Option<&Ty>, depth: usize) -> Option<String> {
        let result = match output {
            None => "()".to_owned(),
            Some(Ty::Tuple(of)) if of.is_empty() => "()".to_owned(),
            // what borrows from an argument can't be made up
            Some(Ty::Ref { .. }) => return None,
            Some(ty) => self.make(ty, None, depth)?.text,
        };
        let block = if result == "()" { "{}".to_owned() } else { result };
        Some(format!("|{}| {block}", vec!["_"; parameters].join(", ")))
    }

    fn elements(&self, of: &Ty, want: Option<&Known>, depth: usize) -> Option<(String, usize)> {
        let len = match want {
            Some(Known::Len(len)) => *len,
            Some(_) => return None,
            None if is_number(of.name()) => 3,
            None => 1,
        };
        if len == 0 {
            return Some((String::new(), 0));
        }
        let all: Vec<String> = (1..=len)
            .map(|at| {
                let want = is_number(of.name()).then(|| Known::Int(i128::try_from(at).unwrap_or(1)));
                let want = want.filter(|_| !of.name().starts_with('f'));
                self.make(of, want.as_ref(), depth).map(|made| made.text)
            })
            .collect::<Option<_>>()?;
        Some((all.join(", "), len))
    }

    fn slice(&self, of: &Ty, want: Option<&Known>, depth: usize) -> Option<Value> {
        let nested = if depth > 0 { "[..]" } else { "" };
        if of.name() == "u8" {
            let text = want_text(want, "abc")?;
            let literal = format!("b\"{}\"", text.escape_default());
            let literal = if depth > 0 { format!("&{literal}[..]") } else { literal };
            return text.is_ascii().then_some(Value { text: literal, known: Known::Str(text) });
        }
        let (list, len) = self.elements(of, want, depth + 1)?;
        // an empty list of references to unsized things still needs its type: the parameter gives it
        value(format!("&[{list}]{nested}"), Known::Len(len))
    }

    fn named(&self, ty: &Ty, path: &str, args: &[Ty], want: Option<&Known>, depth: usize) -> Option<Value> {
        let next = depth + 1;
        match path {
            "bool" => match want {
                None => value("true", Known::Bool(true)),
                Some(Known::Bool(wanted)) => value(wanted.to_string(), Known::Bool(*wanted)),
                Some(_) => None,
            },
            "char" => match want {
                None => value("'a'", Known::Char('a')),
                Some(Known::Char(wanted)) => value(format!("{wanted:?}"), Known::Char(*wanted)),
                Some(_) => None,
            },
            "f32" | "f64" => match want {
                None => value("1.5", Known::Float(1.5)),
                Some(Known::Float(wanted)) if wanted.is_nan() => value(format!("{path}::NAN"), Known::Float(*wanted)),
                Some(Known::Float(wanted)) => value(format!("{wanted:?}"), Known::Float(*wanted)),
                Some(_) => None,
            },
            "u8" if matches!(want, Some(Known::Char(wanted)) if wanted.is_ascii()) => {
                let Some(Known::Char(wanted)) = want else { return None };
                value(format!("b{wanted:?}"), Known::Char(*wanted))
            }
            _ if is_number(path) => {
                let wanted = match want {
                    None => 1,
                    Some(Known::Int(wanted)) => *wanted,
                    Some(_) => return None,
                };
                fits(path, wanted).then_some(())?;
                value(wanted.to_string(), Known::Int(wanted))
            }
            "str" => None,
            _ if self.module.types.contains_key(path) => self.own(path, args, want, depth),
            _ => self.std(ty, path, args, want, next),
        }
    }

    fn std(&self, ty: &Ty, path: &str, args: &[Ty], want: Option<&Known>, depth: usize) -> Option<Value> {
        let full = if path.starts_with("std::") { path.to_owned() } else { self.module.std_path(path)? };
        let name = full.rsplit("::").next()?;
        let first = args.first();
        let wrap = |method: &str| {
            let inner = self.make(first?, want, depth)?;
            value(format!("{path}::{method}({})", inner.text), inner.known)
        };
        let nothing = |made: Option<Value>| made.filter(|_| want.is_none());
        match name {
            "String" if full.starts_with("std::string") => {
                let text = want_text(want, "abc")?;
                let made = if text.is_empty() { format!("{path}::new()") } else { format!("{path}::from({text:?})") };
                value(made, Known::Str(text))
            }
            "Vec" => {
                let (list, len) = self.elements(first?, want, depth)?;
                if len == 0 {
                    return value(format!("{path}::<{}>::new()", first?.spell()?), Known::Len(0));
                }
                let made = if self.module.no_std { format!("{path}::from([{list}])") } else { format!("vec![{list}]") };
                value(made, Known::Len(len))
            }
            "Option" => match want {
                Some(Known::Null) => match first?.spell() {
                    Some(inner) => value(format!("None::<{inner}>"), Known::Null),
                    None => None,
                },
                Some(Known::Some(inner)) => {
                    let made = self.make(first?, Some(&**inner).filter(|known| **known != Known::Opaque), depth)?;
                    value(format!("Some({})", made.text), Known::Some(Box::new(made.known)))
                }
                Some(_) => None,
                None => match self.make(first?, None, depth) {
                    Some(made) => value(format!("Some({})", made.text), Known::Some(Box::new(made.known))),
                    None => value(format!("None::<{}>", first?.spell()?), Known::Null),
                },
            },
            "Result" if args.len() == 2 => {
                let made = nothing(self.make(first?, None, depth))?;
                opaque(format!("Ok::<{}, {}>({})", first?.spell()?, args.get(1)?.spell()?, made.text))
            }
            "Box" | "Rc" | "Arc" if matches!(first, Some(Ty::Named { path, .. }) if path == "str") => {
                let text = want_text(want, "abc")?;
                value(format!("{path}::from({text:?})"), Known::Str(text))
            }
            "Box" | "Rc" | "Arc" if matches!(first, Some(Ty::Slice(_))) => {
                let Some(Ty::Slice(of)) = first else { return None };
                let (list, len) = self.elements(of, want, depth)?;
                value(format!("{path}::from([{list}])"), Known::Len(len)).filter(|_| len > 0)
            }
            "Box" | "Rc" | "Arc" => wrap("new"),
            "Cell" | "RefCell" | "Mutex" | "RwLock" | "Cursor" | "ManuallyDrop" => {
                wrap("new").map(|made| Value { known: Known::Opaque, ..made })
            }
            "Cow" => match first {
                Some(Ty::Named { path: inner, .. }) if inner == "str" => {
                    let text = want_text(want, "abc")?;
                    value(format!("{path}::from({text:?})"), Known::Str(text))
                }
                Some(Ty::Slice(of)) if of.name() == "u8" => {
                    let text = want_text(want, "abc").filter(|text| text.is_ascii())?;
                    value(format!("{path}::from(&b\"{}\"[..])", text.escape_default()), Known::Str(text))
                }
                _ => None,
            },
            "Wrapping" | "Reverse" | "Saturating" => {
                nothing(self.make(first?, None, depth)).and_then(|made| opaque(format!("{path}({})", made.text)))
            }
            "PathBuf" | "OsString" => {
                let text = want_text(want, "abc")?;
                opaque(format!("{path}::from({text:?})"))
            }
            "Duration" => nothing(opaque(format!("{path}::from_millis(1)"))),
            "SystemTime" => nothing(opaque(format!("{path}::UNIX_EPOCH"))),
            "Ipv4Addr" | "Ipv6Addr" => nothing(opaque(format!("{path}::LOCALHOST"))),
            "IpAddr" => nothing(opaque(format!("{path}::from([127, 0, 0, 1])"))),
            "SocketAddr" => nothing(opaque(format!("{path}::from(([127, 0, 0, 1], 80))"))),
            "Ordering" if full.starts_with("std::cmp") => nothing(opaque(format!("{path}::Equal"))),
            "Ordering" => nothing(opaque(format!("{path}::SeqCst"))),
            "PhantomData" => nothing(opaque(path)),
            "Range" if first.is_some_and(|ty| ty.name() == "char") => nothing(opaque("'a'..'d'")),
            "Range" | "RangeInclusive" => {
                let dots = if name == "Range" { ".." } else { "..=" };
                let inner = first.filter(|ty| is_number(ty.name()) && !ty.name().starts_with('f'))?;
                nothing(opaque(format!("0{dots}3"))).filter(|_| inner.name() != "bool")
            }
            _ if name.starts_with("NonZero") && args.is_empty() => nothing(opaque(format!("{path}::MIN"))),
            _ if name.starts_with("Atomic") && args.is_empty() => {
                nothing(opaque(format!("{path}::new({})", if name == "AtomicBool" { "true" } else { "1" })))
                    .filter(|_| name != "AtomicPtr")
            }
            "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" | "VecDeque" | "LinkedList" | "BinaryHeap"
                if full.starts_with("std::collections") =>
            {
                let count = if name.ends_with("Map") { 2 } else { 1 };
                if args.len() != count || matches!(want, Some(Known::Len(0))) {
                    let path = with_args(path, ty)?;
                    return matches!(want, None | Some(Known::Len(0)))
                        .then_some(Value { text: format!("{path}::default()"), known: Known::Len(0) });
                }
                let parts: Vec<String> = args
                    .iter()
                    .map(|ty| self.make(ty, None, depth + 1).map(|made| made.text))
                    .collect::<Option<_>>()?;
                let one = if count == 2 { format!("({})", parts.join(", ")) } else { parts.join("") };
                matches!(want, None | Some(Known::Len(1)))
                    .then_some(Value { text: format!("{path}::from([{one}])"), known: Known::Len(1) })
            }
            "DefaultHasher" => nothing(opaque(format!("{path}::new()"))),
            "RandomState" => nothing(opaque(format!("{path}::new()"))),
            "IntoIter" if full == "std::vec::IntoIter" => {
                let (list, _) = self.elements(first?, None, depth)?;
                let vec =
                    if self.module.no_std { format!("std::vec::Vec::from([{list}])") } else { format!("vec![{list}]") };
                nothing(opaque(format!("{vec}.into_iter()")))
            }
            "Error" if full == "std::fmt::Error" => nothing(opaque(path)),
            _ => None,
        }
    }

    /// A value of a type of this module.
    fn own(&self, name: &str, args: &[Ty], want: Option<&Known>, depth: usize) -> Option<Value> {
        let item = self.module.types.get(name)?;
        if item.cfgs().next().is_some() {
            return None;
        }
        let mut scope = Scope::default();
        let names = self.parameters(item.node)?;
        let mut chosen = Scope::default();
        self.add_generics(item.node, &mut chosen)?;
        for (at, name) in names.iter().enumerate() {
            let given = args.get(at)?;
            if self.is_bounded(item.node, name) && chosen.generics.get(name) != Some(given) {
                return None;
            }
            scope.generics.insert(name.clone(), given.clone());
        }
        scope.own = Some(Ty::Named { path: name.to_owned(), args: args.to_vec() });
        if item.node.kind() == "enum_item" {
            let variants =
                item.node.child_by_field_name("body").map(|body| super::rust_file::items(self.src(), body))?;
            let fits = |variant: &&Item<'_>| match want {
                Some(Known::Variant(wanted)) => field(self.src(), variant.node, "name") == wanted,
                Some(_) => false,
                None => true,
            };
            let plain = |variant: &Item<'_>| {
                variant.cfgs().next().is_none() && variant.node.child_by_field_name("body").is_none()
            };
            let mut wanted: Vec<&Item<'_>> =
                variants.iter().filter(fits).filter(|one| one.cfgs().next().is_none()).collect();
            wanted.sort_by_key(|variant| !plain(variant));
            return wanted.into_iter().find_map(|variant| {
                let own = field(self.src(), variant.node, "name");
                let path = with_args(name, scope.own.as_ref()?)?;
                let text = self.literal(&format!("{path}::{own}"), variant.node, &scope, depth)?;
                Some(Value { text, known: Known::Variant(own.to_owned()) })
            });
        }
        if want.is_some() || item.node.kind() != "struct_item" {
            return None;
        }
        let path = with_args(name, scope.own.as_ref()?)?;
        let constructors = self.constructors(name, args);
        let made = |only_new: bool| {
            constructors
                .iter()
                .filter(|(item, _)| (field(self.src(), item.node, "name") == "new") == only_new)
                .find_map(|(item, scope)| {
                    let list = self.arguments(item.node, scope, depth + 1)?;
                    opaque(format!("{path}::{}({list})", field(self.src(), item.node, "name")))
                })
        };
        if let Some(made) = made(true) {
            return Some(made);
        }
        let by_hand = self.module.impls.iter().any(|one| {
            one.name == name
                && one.of == "Default"
                && one.item.cfgs().next().is_none()
                && names.is_empty()
                && one.functions.iter().all(|item| self.module.risk(item.node).is_none())
        });
        let plain = |arg: &Ty| is_number(arg.name()) || matches!(arg, Ty::Ref { .. });
        if (item.derives("Default") && args.iter().all(plain)) || by_hand {
            return opaque(format!("{path}::default()"));
        }
        if let Some(made) = made(false) {
            return Some(made);
        }
        if let Some(constant) = self.module.constants.get(name).filter(|_| args.is_empty()) {
            return opaque(constant);
        }
        // fields put together by hand may break what constructors and unsafe code rely on
        let open = item.node.child_by_field_name("body").is_none_or(|body| {
            children(body)
                .iter()
                .filter(|one| one.kind() == "field_declaration")
                .all(|one| child(*one, "visibility_modifier").is_some())
                && body.kind() == "field_declaration_list"
        });
        let maker = constructors.is_empty() && !self.has_constructor(name) && !self.src().contains("unsafe ");
        (open || maker).then(|| self.literal(&path, item.node, &scope, depth)).flatten().and_then(opaque)
    }

    /// The type where a type is written: with `'_` for each lifetime of an own type, which some lints ask for.
    pub(super) fn spell_with_lifetimes(&self, ty: &Ty) -> Option<String> {
        let Ty::Named { path, args } = ty else { return ty.spell() };
        let list = self.module.types.get(path).and_then(|item| item.node.child_by_field_name("type_parameters"));
        let lifetimes =
            list.map_or(0, |list| children(list).iter().filter(|one| one.kind().starts_with("lifetime")).count());
        let args: Option<Vec<String>> = args.iter().map(Ty::spell).collect();
        let all: Vec<String> = vec!["'_".to_owned(); lifetimes].into_iter().chain(args?).collect();
        Some(if all.is_empty() { path.clone() } else { format!("{path}<{}>", all.join(", ")) })
    }

    /// The names of the type parameters; `None` with constants among them.
    pub(super) fn parameters(&self, item: Node<'_>) -> Option<Vec<String>> {
        let Some(list) = item.child_by_field_name("type_parameters") else { return Some(Vec::new()) };
        let mut names = Vec::new();
        for one in children(list) {
            match one.kind() {
                "type_parameter" => names.push(field(self.src(), one, "name").to_owned()),
                "type_identifier" => names.push(text(self.src(), one).to_owned()),
                "const_parameter" => return None,
                _ => {}
            }
        }
        Some(names)
    }

    fn has_constructor(&self, name: &str) -> bool {
        self.module.impls.iter().filter(|one| one.name == name && one.of.is_empty()).flat_map(|one| &one.functions).any(
            |item| {
                let output = field(self.src(), item.node, "return_type");
                receiver(item.node).is_none() && (output.contains("Self") || output.contains(name))
            },
        )
    }

    /// Functions that return the type itself and can't panic for made-up values.
    fn constructors(&self, name: &str, args: &[Ty]) -> Vec<(Item<'tree>, Scope)> {
        let mut found = Vec::new();
        for one in self
            .module
            .impls
            .iter()
            .filter(|one| one.name == name && one.of.is_empty() && one.item.cfgs().next().is_none())
        {
            let Some(mut scope) = self.impl_scope(one.item.node, args) else { continue };
            scope.own = Some(Ty::Named { path: name.to_owned(), args: args.to_vec() });
            for item in &one.functions {
                let output = item.node.child_by_field_name("return_type").map(|ty| self.ty(ty, &scope));
                let plain = receiver(item.node).is_none()
                    && item.node.child_by_field_name("type_parameters").is_none()
                    && !is_marked(self.src(), item.node, "unsafe")
                    && !is_marked(self.src(), item.node, "async")
                    && item.cfgs().next().is_none();
                if plain && output.is_some() && output == scope.own && self.module.risk(item.node).is_none() {
                    found.push((item.clone(), scope.clone()));
                }
            }
        }
        found
    }

    /// True when an item asks for traits of its type parameter.
    fn is_bounded(&self, item: Node<'_>, name: &str) -> bool {
        let list = item.child_by_field_name("type_parameters").map(children).unwrap_or_default();
        let own = list
            .iter()
            .any(|one| field(self.src(), *one, "name") == name && one.child_by_field_name("bounds").is_some());
        let clause = child(item, "where_clause").map_or("", |clause| text(self.src(), clause));
        own || clause.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
    }

    /// What the parameters of an impl stand for, given the type's arguments; `None` when the impl is for other ones.
    pub(super) fn impl_scope(&self, node: Node<'_>, args: &[Ty]) -> Option<Scope> {
        let mut scope = Scope::default();
        let names = self.add_generics(node, &mut scope)?;
        let ty = node.child_by_field_name("type")?;
        let list = ty.child_by_field_name("type_arguments");
        let written: Vec<Node<'_>> = list
            .map_or_else(Vec::new, |list| children(list).into_iter().filter(|one| one.kind() != "lifetime").collect());
        for (at, one) in written.iter().enumerate() {
            let name = text(self.src(), *one);
            let given = args.get(at)?;
            if names.iter().any(|known| known == name) {
                if self.is_bounded(node, name) && scope.generics.get(name) != Some(given) {
                    return None; // the impl asks for more than the type was chosen for
                }
                scope.generics.insert(name.to_owned(), given.clone());
            } else if self.ty(*one, &scope) != *given {
                return None;
            }
        }
        Some(scope)
    }

    /// Values for a function's parameters, the receiver left out.
    fn arguments(&self, function: Node<'_>, scope: &Scope, depth: usize) -> Option<String> {
        let list = function.child_by_field_name("parameters")?;
        let values = children(list).into_iter().filter(|one| one.kind() == "parameter").map(|one| {
            let ty = self.ty(one.child_by_field_name("type")?, scope);
            self.make(&ty, None, depth).map(|made| made.text)
        });
        values.collect::<Option<Vec<_>>>().map(|all| all.join(", "))
    }

    /// `Name { field: value }`, `Name(value)` or `Name`.
    fn literal(&self, path: &str, node: Node<'_>, scope: &Scope, depth: usize) -> Option<String> {
        let Some(body) = node.child_by_field_name("body") else { return Some(path.to_owned()) };
        if body.kind() == "ordered_field_declaration_list" {
            let mut cursor = body.walk();
            let types: Vec<Node<'_>> = body.children_by_field_name("type", &mut cursor).collect();
            let all: Vec<String> = types
                .into_iter()
                .map(|ty| self.make(&self.ty(ty, scope), None, depth + 1).map(|made| made.text))
                .collect::<Option<_>>()?;
            return Some(format!("{path}({})", all.join(", ")));
        }
        let mut all = Vec::new();
        for item in super::rust_file::items(self.src(), body) {
            if item.cfgs().next().is_some() {
                return None;
            }
            let ty = self.ty(item.node.child_by_field_name("type")?, scope);
            all.push(format!("{}: {}", field(self.src(), item.node, "name"), self.make(&ty, None, depth + 1)?.text));
        }
        Some(if all.is_empty() { format!("{path} {{}}") } else { format!("{path} {{ {} }}", all.join(", ")) })
    }

    /// True when values of the type can surely be compared and shown by `assert_eq!`, each equal to itself.
    pub(super) fn compares(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Named { path, args } => match path.as_str() {
                "bool" | "char" | "str" => true,
                _ if is_number(path) => !path.starts_with('f'),
                _ => {
                    if let Some(item) = self.module.types.get(path) {
                        return item.derives("Debug")
                            && item.derives("PartialEq")
                            && item.derives("Eq")
                            && args.is_empty();
                    }
                    let full = self.module.std_path(path).unwrap_or_default();
                    matches!(
                        full.rsplit("::").next(),
                        Some(
                            "String"
                                | "Vec"
                                | "Option"
                                | "Result"
                                | "Box"
                                | "Rc"
                                | "Arc"
                                | "Cow"
                                | "Ordering"
                                | "Duration"
                                | "PathBuf"
                                | "BTreeMap"
                                | "BTreeSet"
                        )
                    ) && args.iter().all(|arg| self.compares(arg))
                        && (full.contains("Option")
                            || !matches!(full.rsplit("::").next(), Some("Result"))
                            || args.len() == 2)
                }
            },
            Ty::Ref { to, .. } => self.compares(to),
            Ty::Slice(of) => self.compares(of),
            Ty::Array(of, _) => self.compares(of),
            Ty::Tuple(of) => !of.is_empty() && of.len() < 12 && of.iter().all(|one| self.compares(one)),
            Ty::Traits(_) | Ty::Function(..) | Ty::Other(_) => false,
        }
    }
}

/// True when the expression borrows something that ends with its statement.
pub(super) fn borrows_temporary(text: &str) -> bool {
    text.contains("&mut ")
        || text.match_indices('&').any(|(at, _)| {
            let rest = text.get(at + 1..).unwrap_or_default();
            let end = rest.find([',', ')', '}']).unwrap_or(rest.len());
            rest.get(..end).is_some_and(|one| one.contains('(') || one.contains('!'))
        })
}

/// A path as the test module writes it, one module further in.
fn from_tests(path: &str) -> String {
    if path.starts_with("super::") {
        format!("super::{path}")
    } else {
        path.strip_prefix("self::").map_or_else(|| path.to_owned(), |rest| format!("super::{rest}"))
    }
}

/// `&` in front of an expression.
fn borrowed(sign: &str, expression: &str) -> String {
    if expression.contains("..") && expression.starts_with(|c: char| c.is_ascii_digit() || c == '\'') {
        format!("{sign}({expression})")
    } else {
        format!("{sign}{expression}")
    }
}

/// The receiver of a function.
pub(super) fn receiver(function: Node<'_>) -> Option<Node<'_>> {
    child(function.child_by_field_name("parameters")?, "self_parameter")
}

/// True when a function's head has this word: `async`, `unsafe`.
pub(super) fn is_marked(source: &str, function: Node<'_>, word: &str) -> bool {
    all_children(function)
        .into_iter()
        .take_while(|child| child.kind() != "identifier")
        .any(|child| text(source, child).split_whitespace().any(|one| one == word))
}

/// `path::<Args>`.
pub(super) fn with_args(path: &str, ty: &Ty) -> Option<String> {
    let Ty::Named { args, .. } = ty else { return None };
    if args.is_empty() {
        return Some(path.to_owned());
    }
    let args: Vec<String> = args.iter().map(Ty::spell).collect::<Option<_>>()?;
    Some(format!("{path}::<{}>", args.join(", ")))
}

fn want_text(want: Option<&Known>, sample: &str) -> Option<String> {
    match want {
        None => Some(sample.to_owned()),
        Some(Known::Str(text)) => Some(text.clone()),
        Some(Known::Len(len)) => Some("a".repeat(*len)),
        Some(_) => None,
    }
}

pub(super) fn is_number(name: &str) -> bool {
    matches!(
        name,
        "u8" | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "f32"
            | "f64"
    )
}

fn fits(name: &str, value: i128) -> bool {
    let bits: u32 = name.trim_start_matches(['u', 'i']).parse().unwrap_or(32);
    if name.starts_with('u') {
        value >= 0 && (bits >= 127 || value < 1 << bits)
    } else {
        bits >= 127 || (value >= -(1 << (bits - 1)) && value < 1 << (bits - 1))
    }
}
