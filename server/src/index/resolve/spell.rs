//! Types as they are written, read without a grammar: `Option<&'a mut Item>`, `Dict[str, "Item"]`, `core.Item | null`,
//! `(item: Item) => void`. In: text, which may be cut off at its end. Out: a [`Spell`]. Never fails: what it can't read
//! is [`Spell::Nothing`].

/// A type as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spell {
    /// `a::b::Name<Args>`
    Name { path: Vec<String>, args: Vec<Spell> },
    /// `A | B`, `A & B`, `A + B`
    OneOf(Vec<Spell>),
    /// `[A]`, `A[]`
    List(Box<Spell>),
    /// `(A, B)`, `[A, B]`
    Tuple(Vec<Spell>),
    /// `(A, B) => R`, `fn(A, B) -> R`
    Function { parameters: Vec<Spell>, result: Box<Spell> },
    /// `typeof x.y`
    ValueOf(Vec<String>),
    /// `A["name"]`, `A::Name`
    Member(Box<Spell>, String),
    /// A literal, an object type, or what can't be read.
    Nothing,
}

impl Spell {
    /// Puts the bounds of type parameters in their places.
    fn put_bounds(&mut self, known: &[Parameter]) {
        match self {
            Self::Name { path, args } => {
                args.iter_mut().for_each(|arg| arg.put_bounds(known));
                let bound = known.iter().find(|one| path.len() == 1 && path.first() == Some(&one.name));
                if let Some(bound) = bound {
                    *self = bound.written.clone().unwrap_or(Self::Nothing);
                }
            }
            Self::OneOf(parts) | Self::Tuple(parts) => parts.iter_mut().for_each(|part| part.put_bounds(known)),
            Self::List(one) | Self::Member(one, _) => one.put_bounds(known),
            Self::Function { parameters, result } => {
                parameters.iter_mut().for_each(|part| part.put_bounds(known));
                result.put_bounds(known);
            }
            Self::ValueOf(_) | Self::Nothing => {}
        }
    }
}

/// Words before a type that do not change which one it is.
const MODIFIERS: &[&str] = &[
    "mut", "dyn", "impl", "const", "readonly", "unique", "struct", "enum", "union", "volatile", "final", "ref", "in",
    "out", "unsafe", "extern", "abstract", "typename", "static", "some", "inout", "async", "asserts", "infer", "for",
    "new", "owned", "borrowed", "unsigned", "signed",
];

/// Words whose operand says nothing of members.
const OPAQUE: &[&str] = &["keyof"];

/// Nested deeper than this, a type is cut.
const DEEPEST: usize = 24;

/// Reads a type.
pub(super) fn spell(text: &str) -> Spell {
    let mut reader = Reader { rest: text.trim_start_matches([':', ' ', '\n', '\t']), depth: 0 };
    reader.union()
}

/// A parameter of a function: its name and its type, where one is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    pub name: String,
    pub written: Option<Spell>,
}

/// The type parameters that follow a name in a signature, with their bounds: `<T: A, U extends B = C>`, `[T]`.
pub(super) fn type_parameters(after_name: &str) -> Vec<Parameter> {
    let rest = after_name.trim_start();
    if !rest.starts_with(['<', '[']) {
        return Vec::new();
    }
    let inside = inside_brackets(rest);
    split_list(inside)
        .into_iter()
        .filter(|one| !one.starts_with('\''))
        .map(|one| {
            let mut words = one.split(|c: char| !is_word(c)).filter(|word| !word.is_empty() && !is_modifier(word));
            let name = words.next().unwrap_or_default().to_owned();
            let end = one.find(&name).map_or(one.len(), |at| at + name.len());
            let bound = one.get(end..).unwrap_or_default().trim_start();
            let bound =
                bound.strip_prefix("extends ").or_else(|| bound.strip_prefix(':')).or_else(|| bound.strip_prefix('='));
            Parameter { name, written: bound.map(spell).filter(|spell| *spell != Spell::Nothing) }
        })
        .collect()
}

/// The parameters of a function, from the text that follows its name.
pub(super) fn parameters(after_name: &str) -> Vec<Parameter> {
    let mut rest = after_name.trim_start();
    if rest.starts_with('<') {
        let inside = inside_brackets(rest);
        rest = rest.get(inside.len() + 2..).unwrap_or_default();
    }
    let Some(open) = rest.find('(') else { return Vec::new() };
    split_list(inside_brackets(rest.get(open..).unwrap_or_default())).into_iter().map(parameter).collect()
}

fn parameter(text: &str) -> Parameter {
    let head = text.trim_start_matches(['*', '.', '&', '@']);
    let mut words = head.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
    let mut name = words.next().unwrap_or_default();
    while is_modifier(name) || matches!(name, "public" | "private" | "protected") {
        let Some(next) = words.next() else { break };
        name = next;
    }
    let colon = text.char_indices().find(|(at, c)| {
        *c == ':'
            && !text.get(at + 1..).is_some_and(|rest| rest.starts_with(':'))
            && !text.get(..*at).is_some_and(|b| b.ends_with(':'))
    });
    let written = colon.and_then(|(at, _)| text.get(at + 1..)).map(spell);
    Parameter { name: name.to_owned(), written }
}

/// What stands between the bracket that a text starts with and the one that closes it, or up to the end.
fn inside_brackets(text: &str) -> &str {
    let mut depth = 0usize;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' | '[' | '{' => depth += 1,
            '>' if matches!(before, '=' | '-') => {}
            '>' | ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return text.get(1..at).unwrap_or_default();
                }
            }
            _ => {}
        }
        before = c;
    }
    text.get(1..).unwrap_or_default()
}

/// The parts of a list between commas that stand outside of brackets.
fn split_list(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start, mut before) = (Vec::new(), 0usize, 0, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' | '[' | '{' => depth += 1,
            '>' if matches!(before, '=' | '-') => {}
            '>' | ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    parts.extend(text.get(start..));
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn is_modifier(word: &str) -> bool {
    MODIFIERS.contains(&word)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, what: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(what) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn sees(&mut self, what: &str) -> bool {
        self.blanks();
        self.rest.starts_with(what)
    }

    fn word(&mut self) -> Option<&'a str> {
        self.blanks();
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).filter(|(word, _)| !word.is_empty())?;
        self.rest = rest;
        Some(word)
    }

    /// A whole word, only where it is this one.
    fn keyword(&mut self, what: &str) -> bool {
        let before = self.rest;
        if self.word() == Some(what) {
            return true;
        }
        self.rest = before;
        false
    }

    fn union(&mut self) -> Spell {
        if self.depth > DEEPEST {
            self.rest = "";
            return Spell::Nothing;
        }
        self.depth += 1;
        let mut parts = Vec::new();
        loop {
            while self.eat("|") || (self.sees("&") && self.eat("&")) || self.eat("+") {}
            match self.one() {
                Spell::Nothing => {}
                Spell::OneOf(more) => parts.extend(more),
                one => parts.push(one),
            }
            if !(self.sees("|") || self.sees("&") || self.sees("+")) {
                break;
            }
        }
        self.depth -= 1;
        match parts.len() {
            0 => Spell::Nothing,
            1 => parts.swap_remove(0),
            _ => Spell::OneOf(parts),
        }
    }

    fn one(&mut self) -> Spell {
        let mut spell = self.head();
        loop {
            self.blanks();
            if self.eat("[]") {
                spell = Spell::List(Box::new(spell));
            } else if self.sees("[") {
                let inside = inside_brackets(self.rest).trim();
                let key = inside.trim_matches(['"', '\'']);
                let is_key = key.len() + 2 == inside.len() && key.chars().all(is_word);
                if !is_key {
                    break;
                }
                self.skip_brackets();
                spell = Spell::Member(Box::new(spell), key.to_owned());
            } else if self.eat("::") || (matches!(spell, Spell::Member(..)) && self.eat(".")) {
                let Some(name) = self.word() else { break };
                spell = Spell::Member(Box::new(spell), name.to_owned());
            } else if self.sees("?") && !matches!(self.rest.as_bytes().get(1), Some(b' ')) {
                self.eat("?");
            } else if self.keyword("extends") {
                self.union();
                if !self.eat("?") {
                    break;
                }
                let then = self.union();
                let other = if self.eat(":") { self.union() } else { Spell::Nothing };
                spell = Spell::OneOf(vec![then, other]);
            } else {
                break;
            }
        }
        spell
    }

    fn head(&mut self) -> Spell {
        loop {
            self.blanks();
            match self.rest.chars().next() {
                Some('&' | '*' | '?' | '!' | '@' | '^' | '~' | '\\') => {
                    self.rest = self.rest.get(1..).unwrap_or_default()
                }
                Some('\'') if !self.quoted() => {
                    self.rest = self.rest.get(1..).unwrap_or_default();
                    self.word(); // a lifetime
                }
                _ => {
                    let before = self.rest;
                    let word = self.word().unwrap_or_default();
                    let called = self.rest.starts_with(['<', '(', '[', ',', '.', ':']) || self.rest.trim().is_empty();
                    if OPAQUE.contains(&word) && !called {
                        self.one();
                        return Spell::Nothing;
                    }
                    if word == "typeof" {
                        return Spell::ValueOf(self.path());
                    }
                    if word == "for" && self.sees("<") {
                        self.skip_brackets();
                    } else if !is_modifier(word) || called {
                        self.rest = before;
                        break;
                    }
                }
            }
        }
        match self.rest.chars().next() {
            Some('(') => {
                let parts = self.list();
                if self.eat("=>") || self.eat("->") {
                    return Spell::Function { parameters: parts, result: Box::new(self.union()) };
                }
                if parts.len() == 1 { parts.into_iter().next().unwrap_or(Spell::Nothing) } else { Spell::Tuple(parts) }
            }
            Some('[') => {
                if self.eat("[]") {
                    return Spell::List(Box::new(self.one()));
                }
                let mut parts = self.list();
                if parts.len() > 1 {
                    return Spell::Tuple(parts);
                }
                Spell::List(Box::new(parts.pop().unwrap_or(Spell::Nothing)))
            }
            Some('{') => {
                // of an object type what its index signature gives: `{ [key: string]: Item }`
                let inside = inside_brackets(self.rest).trim_start();
                let key = inside.strip_prefix("readonly ").unwrap_or(inside);
                let value = key.starts_with('[').then(|| key.get(inside_brackets(key).len() + 2..).unwrap_or_default());
                let value = value.and_then(|after| after.trim_start_matches(['?', '+', '-', ' ']).strip_prefix(':'));
                let value = value.map(|value| Reader { rest: value, depth: self.depth + 1 }.union());
                self.skip_brackets();
                value.map_or(Spell::Nothing, |value| Spell::List(Box::new(value)))
            }
            Some('<') => {
                let inside = inside_brackets(self.rest);
                if self.rest.get(inside.len() + 2..).is_some_and(|after| after.trim_start().starts_with('(')) {
                    // `<T extends A>(value: T) => T`
                    let known = type_parameters(self.rest);
                    self.skip_brackets();
                    let mut function = self.head();
                    function.put_bounds(&known);
                    return function;
                }
                // `<T as Trait>::Name`
                let of = inside.split(" as ").next().unwrap_or(inside);
                let of = Reader { rest: of, depth: self.depth }.union();
                self.skip_brackets();
                of
            }
            Some(quote @ ('"' | '\'' | '`')) => {
                self.rest = self.rest.get(1..).unwrap_or_default();
                let end = self.rest.find(quote).unwrap_or(self.rest.len());
                let (inside, rest) = self.rest.split_at_checked(end).unwrap_or_default();
                self.rest = rest.get(1..).unwrap_or_default();
                // a type in quotes as in Python; where quotes mean a literal no type has such a name
                if quote == '`' || inside.is_empty() {
                    Spell::Nothing
                } else {
                    Reader { rest: inside, depth: self.depth }.union()
                }
            }
            Some(c) if is_word(c) => self.named(),
            _ => Spell::Nothing,
        }
    }

    fn named(&mut self) -> Spell {
        let path = self.path();
        let last = path.last().map(String::as_str).unwrap_or_default();
        self.blanks();
        if self.rest.starts_with('(') {
            let parameters = self.list();
            let result = if self.eat("->") || self.eat("=>") { self.union() } else { self.one() };
            return Spell::Function { parameters, result: Box::new(result) };
        }
        if self.rest.starts_with('<') || (self.rest.starts_with('[') && self.is_arguments()) {
            let mut args = self.list();
            if last == "Callable" && args.len() == 2 {
                let result = Box::new(args.pop().unwrap_or(Spell::Nothing));
                let parameters = match args.pop() {
                    Some(Spell::Tuple(parts)) => parts,
                    Some(Spell::List(one)) => vec![*one],
                    _ => Vec::new(),
                };
                return Spell::Function { parameters, result };
            }
            if last == "map" && self.rest.chars().next().is_some_and(|c| is_word(c) || c == '*' || c == '[') {
                args.push(self.one());
            }
            return Spell::Name { path, args };
        }
        if self.keyword("is") {
            return self.one();
        }
        Spell::Name { path, args: Vec::new() }
    }

    /// Whether the brackets that come hold arguments, as in `List[int]`, rather than a key.
    fn is_arguments(&self) -> bool {
        let inside = inside_brackets(self.rest).trim();
        let key = inside.trim_matches(['"', '\'']);
        let literal =
            key.len() + 2 == inside.len() && key.trim_start_matches(['_', '$']).starts_with(char::is_lowercase);
        !inside.is_empty() && !literal && !inside.starts_with(char::is_numeric) && inside != "number"
    }

    fn path(&mut self) -> Vec<String> {
        let mut path = Vec::new();
        while let Some(word) = self.word() {
            path.push(word.to_owned());
            let next = self
                .rest
                .strip_prefix("::")
                .or_else(|| self.rest.strip_prefix('.'))
                .or_else(|| self.rest.strip_prefix('\\'));
            match next {
                Some(rest) if rest.starts_with(is_word) => self.rest = rest,
                Some(rest) if rest.starts_with('<') => {
                    self.rest = rest; // `Vec::<T>`
                    break;
                }
                _ => break,
            }
        }
        path
    }

    /// The types of a list in brackets; names of parameters and of associated types are passed over.
    fn list(&mut self) -> Vec<Spell> {
        let inside = inside_brackets(self.rest);
        let parts = split_list(inside);
        let depth = self.depth;
        let spells = parts
            .into_iter()
            .filter(|part| !part.starts_with('\'') || part.ends_with('\''))
            .map(|part| Reader { rest: after_label(part), depth: depth + 1 }.union())
            .collect();
        self.skip_brackets();
        spells
    }

    fn skip_brackets(&mut self) {
        let inside = inside_brackets(self.rest);
        self.rest = self.rest.get(inside.len() + 2..).unwrap_or_default();
    }

    /// Whether the quote that comes starts a word in quotes and not a lifetime.
    fn quoted(&self) -> bool {
        let inside = self.rest.get(1..).unwrap_or_default();
        inside.find('\'').is_some_and(|end| {
            inside.get(..end).is_some_and(|text| text.chars().all(|c| is_word(c) || ".[], |".contains(c)))
        }) && !inside.starts_with("static")
    }
}

/// `name: T`, `name?: T`, `...name: T`, `Item = T` → `T`
fn after_label(part: &str) -> &str {
    let head = part.trim_start_matches('.');
    let end = head.find(|c| !is_word(c)).unwrap_or(head.len());
    let after = head.get(end..).unwrap_or_default().trim_start();
    let after = after.strip_prefix('?').unwrap_or(after);
    let labelled = after.strip_prefix(':').filter(|rest| !rest.starts_with(':'));
    let bound = after.strip_prefix('=').filter(|rest| !rest.starts_with('>'));
    if end == 0 { part } else { labelled.or(bound).unwrap_or(part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(spell: &Spell) -> String {
        let all = |spells: &[Spell]| spells.iter().map(show).collect::<Vec<_>>().join(", ");
        match spell {
            Spell::Name { path, args } if args.is_empty() => path.join("."),
            Spell::Name { path, args } => format!("{}<{}>", path.join("."), all(args)),
            Spell::OneOf(parts) => parts.iter().map(show).collect::<Vec<_>>().join(" | "),
            Spell::List(one) => format!("[{}]", show(one)),
            Spell::Tuple(parts) => format!("({})", all(parts)),
            Spell::Function { parameters, result } => format!("({}) -> {}", all(parameters), show(result)),
            Spell::ValueOf(path) => format!("typeof {}", path.join(".")),
            Spell::Member(of, name) => format!("{}#{name}", show(of)),
            Spell::Nothing => "-".to_owned(),
        }
    }

    #[test]
    fn types_of_many_languages() {
        for (text, expected) in [
            ("&'a mut Option<Box<dyn Item + Send>>", "Option<Box<Item | Send>>"),
            ("impl Iterator<Item = crate::a::B> + '_", "Iterator<crate.a.B>"),
            ("[T; 4]", "[T]"),
            ("fn(&str, u8) -> Result<A, E>", "(str, u8) -> Result<A, E>"),
            ("impl Fn(A) -> B", "(A) -> B"),
            ("<T as Trait>::Name", "T#Name"),
            ("Self::Item", "Self.Item"),
            ("Vec<T>::Item", "Vec<T>#Item"),
            (r#"Optional["Item"]"#, "Optional<Item>"),
            (r#"t.Dict[str, "a.Item"] | None"#, "t.Dict<str, a.Item> | None"),
            ("Callable[[A, B], C]", "(A, B) -> C"),
            ("Callable[..., C]", "() -> C"),
            ("readonly Item[] | null", "[Item] | null"),
            ("(item: Item, at?: number) => Promise<void>", "(Item, number) -> Promise<void>"),
            ("(a: A) => (b: B) => C", "(A) -> (B) -> C"),
            ("typeof a.b", "typeof a.b"),
            (r#"Item["_zod"]["def"]"#, "Item#_zod#def"),
            ("A extends B ? C : D", "C | D"),
            ("{ a: B } & C", "C"),
            ("Readonly<{ [k: string]: Item }>", "Readonly<[Item]>"),
            ("<T extends A>(value: T, other: U) => B<T>", "(A, U) -> B<A>"),
            ("x is Item", "Item"),
            ("\"literal\" | Item", "literal | Item"),
            ("map[string]*pkg.Item", "map<string, pkg.Item>"),
            ("[]*Item", "[Item]"),
            ("[a: Item, b: B]", "(Item, B)"),
            ("?\\App\\Item", "App.Item"),
            ("std::vector<const Item *> &", "std.vector<Item>"),
            ("Record<string, Item", "Record<string, Item>"),
        ] {
            assert_eq!(show(&spell(text)), expected, "{text}");
        }
    }

    #[test]
    fn parameters_of_signatures() {
        let names = |text: &str| {
            let all = parameters(text);
            all.iter()
                .map(|p| format!("{}: {}", p.name, p.written.as_ref().map_or("-".into(), show)))
                .collect::<Vec<_>>()
        };
        assert_eq!(names("<T: A>(&mut self, a: &B, c: Vec<(D, E)>) -> F"), ["self: -", "a: B", "c: Vec<(D, E)>"]);
        assert_eq!(names("(self, *, a: 'B' = 1, **c: t.Any)"), ["self: -", ": -", "a: B", "c: t.Any"]);
        assert_eq!(
            names("<T>(init: (a: A<T>, b: B) => (() => void) | void)"),
            ["init: (A<T>, B) -> () -> void | void"]
        );
        assert_eq!(names(": X = (a: A) => "), ["a: A"]);
    }

    #[test]
    fn type_parameters_of_signatures() {
        let names = |text: &str| {
            let all = type_parameters(text);
            all.iter()
                .map(|p| format!("{}: {}", p.name, p.written.as_ref().map_or("-".into(), show)))
                .collect::<Vec<_>>()
        };
        assert_eq!(names("<'a, T: A + 'a, const N: usize>"), ["T: A", "N: usize"]);
        assert_eq!(names("<T extends a.B = C, out U = D>(x)"), ["T: a.B", "U: D"]);
        assert_eq!(names("(a)"), Vec::<String>::new());
    }
}
