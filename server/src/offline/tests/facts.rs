//! What a function's first statements tell about it: under which condition it returns what. Conditions are kept apart
//! from any language, so that the values that meet them can be found, and checked, in one place.

use std::collections::BTreeMap;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Known {
    Int(i128),
    Float(f64),
    Bool(bool),
    Char(char),
    Str(String),
    /// A collection, or a text when only its length matters.
    Len(usize),
    /// `None`, `null`, `undefined`.
    Null,
    Some(Box<Known>),
    /// A variant of an enum of the file, by its own name.
    Variant(String),
    /// A value that is of no other type: Python's `object()`.
    Object,
    Opaque,
}

/// A side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    Param(String),
    Len(String),
    Value(Known),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Op {
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(match text {
            "==" | "===" | "is" => Self::Eq,
            "!=" | "!==" | "is not" => Self::Ne,
            "<" => Self::Lt,
            "<=" => Self::Le,
            ">" => Self::Gt,
            ">=" => Self::Ge,
            _ => return None,
        })
    }

    pub(super) const fn flipped(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            other => other,
        }
    }

    const fn negated(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
        }
    }

    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }
}

/// A condition on parameters.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cond {
    Always,
    Compare(Term, Op, Term),
    Null(String),
    /// What the language takes for true: not empty, not zero, not null.
    Truthy(String),
    StartsWith(String, String),
    EndsWith(String, String),
    OneOf(String, Vec<Known>),
    /// The value is of a type, by its name.
    Instance(String, String),
    Nan(String),
    Not(Box<Cond>),
    All(Vec<Cond>),
    Any(Vec<Cond>),
    /// Not understood.
    Unknown,
}

/// The values of the parameters.
pub(super) type Values = BTreeMap<String, Known>;

/// Whether the condition holds; `None` when that can't be told.
pub(super) fn holds(cond: &Cond, values: &Values) -> Option<bool> {
    let get = |name: &String| values.get(name).filter(|known| **known != Known::Opaque);
    match cond {
        Cond::Always => Some(true),
        Cond::Unknown => None,
        Cond::Not(inner) => holds(inner, values).map(|holds| !holds),
        // from left to right as the program does: what can't be told may fail before the rest is looked at
        Cond::All(all) => {
            for one in all {
                if !holds(one, values)? {
                    return Some(false);
                }
            }
            Some(true)
        }
        Cond::Any(any) => {
            for one in any {
                if holds(one, values)? {
                    return Some(true);
                }
            }
            Some(false)
        }
        Cond::Null(name) => get(name).map(|known| *known == Known::Null),
        Cond::Truthy(name) => get(name).and_then(truth),
        Cond::StartsWith(name, start) => match get(name)? {
            Known::Str(text) => Some(text.starts_with(start)),
            _ => None,
        },
        Cond::EndsWith(name, end) => match get(name)? {
            Known::Str(text) => Some(text.ends_with(end)),
            _ => None,
        },
        Cond::OneOf(name, list) => {
            let value = get(name)?;
            let same: Vec<_> = list.iter().map(|one| compare(value, one).map(std::cmp::Ordering::is_eq)).collect();
            if same.contains(&Some(true)) {
                Some(true)
            } else {
                same.into_iter().all(|one| one.is_some()).then_some(false)
            }
        }
        Cond::Instance(name, ty) => match (get(name)?, ty.as_str()) {
            (_, "object") => None,
            (Known::Object | Known::Null, _) => Some(false),
            (Known::Int(_), "int") | (Known::Str(_), "str") | (Known::Bool(_), "bool") | (Known::Float(_), "float") => {
                Some(true)
            }
            (Known::Int(_), "str" | "list" | "dict" | "tuple" | "set" | "bytes" | "float" | "bool")
            | (Known::Str(_), "int" | "list" | "dict" | "tuple" | "set" | "bytes" | "float" | "bool") => Some(false),
            _ => None,
        },
        Cond::Nan(name) => match get(name)? {
            Known::Float(value) => Some(value.is_nan()),
            _ => None,
        },
        Cond::Compare(left, op, right) => {
            let (left, right) = (value_of(left, values)?, value_of(right, values)?);
            match (&left, &right) {
                (Known::Variant(_) | Known::Bool(_) | Known::Null, _) | (_, Known::Null)
                    if !matches!(op, Op::Eq | Op::Ne) =>
                {
                    None
                }
                _ => compare(&left, &right).map(|order| op.holds(order)),
            }
        }
    }
}

fn truth(known: &Known) -> Option<bool> {
    Some(match known {
        Known::Int(value) => *value != 0,
        Known::Float(value) => *value != 0.0,
        Known::Bool(value) => *value,
        Known::Object => true,
        Known::Str(text) => !text.is_empty(),
        Known::Len(len) => *len > 0,
        Known::Null => false,
        Known::Char(_) | Known::Some(_) | Known::Variant(_) | Known::Opaque => return None,
    })
}

fn value_of(term: &Term, values: &Values) -> Option<Known> {
    match term {
        Term::Value(known) => Some(known.clone()),
        Term::Param(name) => values.get(name).filter(|known| **known != Known::Opaque).cloned(),
        Term::Len(name) => match values.get(name)? {
            Known::Str(text) if text.is_ascii() => Some(Known::Int(text.len() as i128)),
            Known::Len(len) => Some(Known::Int(*len as i128)),
            _ => None,
        },
    }
}

/// How two values stand to each other; unequal ones without an order are `Less`.
fn compare(left: &Known, right: &Known) -> Option<std::cmp::Ordering> {
    let same = |same: bool| Some(if same { std::cmp::Ordering::Equal } else { std::cmp::Ordering::Less });
    #[expect(clippy::cast_precision_loss, reason = "only small sample values are compared")]
    match (left, right) {
        (Known::Int(a), Known::Int(b)) => Some(a.cmp(b)),
        (Known::Float(a), Known::Float(b)) => a.partial_cmp(b),
        (Known::Int(a), Known::Float(b)) => (*a as f64).partial_cmp(b),
        (Known::Float(a), Known::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Known::Str(a), Known::Str(b)) => Some(a.cmp(b)),
        (Known::Char(a), Known::Char(b)) => Some(a.cmp(b)),
        (Known::Bool(a), Known::Bool(b)) => same(a == b),
        (Known::Variant(a), Known::Variant(b)) => same(a == b),
        (Known::Null, Known::Null) => same(true),
        (Known::Some(a), Known::Some(b)) => compare(a, b),
        (Known::Len(a), Known::Len(0)) | (Known::Len(0), Known::Len(a)) => same(*a == 0),
        (Known::Str(a), Known::Len(0)) | (Known::Len(0), Known::Str(a)) => same(a.is_empty()),
        (Known::Null, Known::Some(_) | Known::Str(_) | Known::Int(_) | Known::Len(_) | Known::Bool(_))
        | (Known::Some(_) | Known::Str(_) | Known::Int(_) | Known::Len(_) | Known::Bool(_), Known::Null) => same(false),
        _ => None,
    }
}

/// What parameters must be so that a condition holds: ways to meet it, each a list of values. A way is a proposal: put it
/// among the other values and ask [`holds`].
pub(super) fn ways(cond: &Cond) -> Vec<Vec<(String, Known)>> {
    meet(cond, true)
}

fn meet(cond: &Cond, want: bool) -> Vec<Vec<(String, Known)>> {
    let one = |name: &String, known: Known| vec![vec![(name.clone(), known)]];
    match (cond, want) {
        (Cond::Always, true) => vec![Vec::new()],
        (Cond::Not(inner), _) => meet(inner, !want),
        (Cond::All(all), true) | (Cond::Any(all), false) => {
            let mut ways = vec![Vec::new()];
            for part in all {
                let more = meet(part, want);
                ways = ways
                    .iter()
                    .flat_map(|way: &Vec<(String, Known)>| {
                        more.iter().filter_map(move |other| {
                            let clash = other.iter().any(|(name, _)| way.iter().any(|(taken, _)| taken == name));
                            (!clash).then(|| [way.clone(), other.clone()].concat())
                        })
                    })
                    .take(4)
                    .collect();
            }
            ways
        }
        (Cond::Any(any), true) | (Cond::All(any), false) => any.iter().flat_map(|part| meet(part, want)).collect(),
        (Cond::Null(name), true) => one(name, Known::Null),
        (Cond::Truthy(name), true) => [Known::Bool(true), Known::Len(1), Known::Int(1)]
            .into_iter()
            .map(|known| vec![(name.clone(), known)])
            .collect(),
        (Cond::Truthy(name), false) => [Known::Null, Known::Len(0), Known::Bool(false), Known::Int(0)]
            .into_iter()
            .map(|known| vec![(name.clone(), known)])
            .collect(),
        (Cond::Instance(name, _), false) => one(name, Known::Object),
        (Cond::OneOf(name, list), false) => outside(list).map_or_else(Vec::new, |known| one(name, known)),
        (Cond::StartsWith(name, start), true) => one(name, Known::Str(format!("{start}a"))),
        (Cond::EndsWith(name, end), true) => one(name, Known::Str(format!("a{end}"))),
        (Cond::Nan(name), true) => one(name, Known::Float(f64::NAN)),
        (Cond::OneOf(name, list), true) => list.iter().map(|known| vec![(name.clone(), known.clone())]).collect(),
        (Cond::Compare(left, op, right), _) => {
            let (term, op, known) = match (left, right) {
                (term, Term::Value(known)) => (term, *op, known),
                (Term::Value(known), term) => (term, op.flipped(), known),
                _ => return Vec::new(),
            };
            let op = if want { op } else { op.negated() };
            let Some(value) = boundary(op, known) else { return Vec::new() };
            match (term, value) {
                (Term::Param(name), value) => one(name, value),
                (Term::Len(name), Known::Int(len)) => usize::try_from(len)
                    .ok()
                    .filter(|len| *len <= 64)
                    .map_or_else(Vec::new, |len| one(name, Known::Len(len))),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// The value nearest to `known` that stands to it as `op` says.
fn boundary(op: Op, known: &Known) -> Option<Known> {
    match (op, known) {
        (Op::Eq | Op::Le | Op::Ge, _) => Some(known.clone()),
        (Op::Lt, Known::Int(value)) => value.checked_sub(1).map(Known::Int),
        (Op::Gt | Op::Ne, Known::Int(value)) => value.checked_add(1).map(Known::Int),
        (Op::Lt, Known::Float(value)) => Some(Known::Float(value - 1.0)),
        (Op::Gt | Op::Ne, Known::Float(value)) => Some(Known::Float(value + 1.0)),
        (Op::Ne, Known::Bool(value)) => Some(Known::Bool(!value)),
        (Op::Ne, Known::Str(text)) => Some(Known::Str(format!("{text}a"))),
        _ => None,
    }
}

/// A value that none of the list is.
fn outside(list: &[Known]) -> Option<Known> {
    if let Some(most) =
        list.iter().map(|known| if let Known::Int(value) = known { Some(*value) } else { None }).max().flatten()
    {
        return Some(Known::Int(most.checked_add(1)?));
    }
    let texts: Vec<&str> =
        list.iter().filter_map(|known| if let Known::Str(text) = known { Some(&**text) } else { None }).collect();
    (!texts.is_empty()).then(|| Known::Str(format!("not_{}", texts.concat())))
}

/// A condition in words, as part of a test's name; empty when it has none.
pub(super) fn words(way: &[(String, Known)]) -> String {
    let parts: Vec<String> = way
        .iter()
        .map(|(name, known)| {
            let value = match known {
                Known::Int(value) if *value < 0 => format!("is_minus_{}", value.unsigned_abs()),
                Known::Int(value) => format!("is_{value}"),
                Known::Float(value) if value.is_nan() => "is_nan".to_owned(),
                Known::Float(value) => format!("is_{value}"),
                Known::Bool(value) => format!("is_{value}"),
                Known::Char(value) if value.is_ascii_alphanumeric() => format!("is_{value}"),
                Known::Char(value) => format!("is_u{:04x}", u32::from(*value)),
                Known::Str(text) if text.is_empty() => "is_empty".to_owned(),
                Known::Len(0) => "is_empty".to_owned(),
                Known::Len(len) => format!("has_length_{len}"),
                Known::Null => "is_none".to_owned(),
                Known::Str(text) | Known::Variant(text) => format!("is_{text}"),
                Known::Some(_) => "is_some".to_owned(),
                Known::Object => "is_of_another_type".to_owned(),
                Known::Opaque => "is_given".to_owned(),
            };
            format!("{name}_{value}")
        })
        .collect();
    snake(&parts.join("_and_"))
}

/// Lower case words joined by `_`: what may stand in any language's names.
pub(super) fn snake(text: &str) -> String {
    let mut out = String::new();
    let mut lower = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && lower {
                out.push('_');
            }
            lower = c.is_ascii_lowercase() || c.is_ascii_digit();
            out.push(c.to_ascii_lowercase());
        } else {
            lower = false;
            if !out.ends_with('_') && !out.is_empty() {
                out.push('_');
            }
        }
    }
    out.truncate(60);
    out.trim_matches('_').to_owned()
}

/// Numbers a name until it is free, and takes it.
pub(super) fn free_name(wanted: String, taken: &mut Vec<String>) -> String {
    let mut name = wanted.clone();
    let mut count = 2;
    while taken.contains(&name) {
        name = format!("{wanted}_{count}");
        count += 1;
    }
    taken.push(name.clone());
    name
}
