//! The index over a generated workspace, or a real one, and contexts from it: `cargo bench --bench index`.
//! `WHITTLE_BENCH_LINES=10000,100000,1000000` sets the sizes, `WHITTLE_BENCH_DIR` names a folder to index instead.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use whittle_lsp::chunks::Chunks;
use whittle_lsp::config::PolicySettings;
use whittle_lsp::context::{FocusRule, Subject, Texts, gather};
use whittle_lsp::index::{Built, Index, Job, Store};
use whittle_lsp::policy::Policy;
use whittle_lsp::syntax::{Tree, by_path};
use whittle_lsp::text::{Span, Text};

fn main() {
    println!(
        "| lines | source | cold | lines/s | warm | one file | memory a line | process | disk / source | \
         context, median | 99 % |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    if let Some(folder) = std::env::var_os("WHITTLE_BENCH_DIR") {
        return measure(&PathBuf::from(folder), None);
    }
    let sizes = std::env::var("WHITTLE_BENCH_LINES").unwrap_or_else(|_| "10000,100000".to_owned());
    for lines in sizes.split(',').map(|lines| lines.trim().parse().unwrap()) {
        let folder = tempfile::tempdir().unwrap();
        let last = Generator::default().workspace(folder.path(), lines);
        measure(folder.path(), Some(&last));
    }
}

fn measure(root: &Path, changed: Option<&Path>) {
    let (policy, _) = Policy::new(root, &PolicySettings::default());
    let cache = tempfile::tempdir().unwrap();
    let store = Store::within(cache.path(), root);
    let run = |index: &Index| -> (Duration, Built) {
        let started = Instant::now();
        let built = index.run(&Job { policy: &policy, store: Some(&store), first: &[], cancelled: &|| false });
        (started.elapsed(), built)
    };
    // files written just now are read twice: their times of change can't be trusted yet
    std::thread::sleep(Duration::from_millis(2100));
    let before = resident();
    let index = Index::default();
    let (cold, _) = run(&index);
    let process = resident().saturating_sub(before);
    let figures = index.figures();
    let source: u64 = index.paths().iter().map(|path| root.join(path).metadata().unwrap().len()).sum();
    let disk = store.file().metadata().unwrap().len();
    drop(index);
    let mut times: Vec<(Duration, Index)> = (0..9)
        .map(|_| {
            let index = Index::default();
            let (time, built) = run(&index);
            assert!(built.warm, "{built:?}");
            (time, index)
        })
        .collect();
    times.sort_by_key(|(time, _)| *time);
    let (warm, index) = &times[4];
    let update = changed.map(|file| {
        let text = fs::read_to_string(file).unwrap();
        let mut times: Vec<Duration> = (0..21)
            .map(|number| {
                fs::write(file, text.replace("fn ", &format!("fn changed{number}_"))).unwrap();
                let started = Instant::now();
                assert!(index.refresh(&policy, file));
                started.elapsed()
            })
            .collect();
        times.sort();
        times[10]
    });
    let contexts = contexts(root, index);
    let at = |percent: usize| contexts.get(contexts.len() * percent / 100).copied().unwrap_or_default();
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    println!(
        "| {} | {:.1} MB | {} | {:.0} | {} | {} | {:.0} B | {:.0} B | {:.2} | {} | {} |",
        figures.lines,
        source as f64 / 1e6,
        ms(cold),
        figures.lines as f64 / cold.as_secs_f64(),
        ms(*warm),
        update.map_or_else(|| "–".to_owned(), ms),
        figures.memory as f64 / figures.lines as f64,
        process as f64 / figures.lines as f64,
        disk as f64 / source as f64,
        ms(at(50)),
        ms(at(99)),
    );
}

/// Times of contexts of 4 000 tokens, sorted: of one function each in up to 400 files all over the workspace, the focus's
/// file being parsed, as an open document is.
fn contexts(root: &Path, index: &Index) -> Vec<Duration> {
    let paths = index.paths();
    let mut times: Vec<Duration> = paths
        .iter()
        .step_by(paths.len().div_ceil(400).max(1))
        .filter_map(|path| {
            let language = by_path(Path::new(path)).filter(|language| !language.document)?;
            let text = Text::from(fs::read_to_string(root.join(path)).ok()?.as_str());
            let tree = Tree::parse(&text, language, None, None)?;
            let chunks = Arc::new(Chunks::cut(&text, Some(&tree)));
            let callable = |&(_, chunk): &(_, &whittle_lsp::chunks::Chunk)| chunk.kind.is_callable() && !chunk.test;
            let (focus, span) =
                chunks.definitions().filter(callable).last().map(|(id, chunk)| (id, chunk.name_span))?;
            let (path, selection) = (path.clone(), Span::new(span.start, span.start));
            let subject = Subject { path, language: Some(language), text, tree: Some(tree), chunks, focus, selection };
            let started = Instant::now();
            let context = gather(subject, index, &OnDisk(root), 4000, FocusRule::MayFold);
            context.is_ok().then(|| started.elapsed())
        })
        .collect();
    times.sort();
    times
}

struct OnDisk<'a>(&'a Path);

impl Texts for OnDisk<'_> {
    fn text(&self, path: &str) -> Option<Text> {
        Some(Text::from(fs::read_to_string(self.0.join(path)).ok()?.as_str()))
    }
}

/// Bytes of memory that this process takes; 0 where the system does not say.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

/// Writes distinct files that look like real ones; the same seed gives the same files.
struct Generator {
    state: u64,
    /// Names made so far: later files use those of earlier ones.
    types: Vec<String>,
    functions: Vec<String>,
}

impl Default for Generator {
    fn default() -> Self {
        Self { state: 0x9e37_79b9_7f4a_7c15, types: vec!["Start".into()], functions: vec!["begin".into()] }
    }
}

const WORDS: &[&str] = &[
    "account", "buffer", "cache", "delta", "entry", "field", "graph", "header", "index", "journal", "key", "layer",
    "matrix", "node", "order", "packet", "query", "record", "session", "table", "user", "value", "window", "zone",
    "batch", "client", "driver", "event", "filter", "group", "handle", "image", "job", "kernel", "lease", "message",
    "notice", "option", "page", "queue", "route", "stream", "token", "update", "vector", "worker", "parse", "render",
    "encode", "merge", "split", "apply", "resolve", "commit", "fetch", "store", "load", "scan", "trim", "walk",
];

impl Generator {
    /// xorshift64*
    fn next(&mut self, below: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.next(WORDS.len())]
    }

    fn name(&mut self) -> String {
        let count = 2 + self.next(2);
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join("_")
    }

    fn type_name(&mut self) -> String {
        let name = self.name();
        name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
    }

    fn known(state: usize, all: &[String]) -> &str {
        &all[all.len() - 1 - state % all.len().min(2000)]
    }

    fn workspace(&mut self, root: &Path, lines: usize) -> PathBuf {
        let (mut written, mut number, mut last) = (0, 0, root.to_owned());
        while written < lines {
            let (ending, text) = match number % 3 {
                0 => ("py", self.file(Self::python)),
                1 => ("ts", self.file(Self::typescript)),
                _ => ("rs", self.file(Self::rust)),
            };
            let folder = root.join(format!("part{}/{}", number / 400, WORDS[number / 20 % 20]));
            fs::create_dir_all(&folder).unwrap();
            let name = self.name();
            last = folder.join(format!("{name}{number}.{ending}"));
            fs::write(&last, &text).unwrap();
            written += text.lines().count();
            number += 1;
        }
        last
    }

    fn file(&mut self, part: fn(&mut Self, &mut String, &str, &str, &str, &str)) -> String {
        let mut text = String::new();
        for _ in 0..12 {
            let (name, function) = (self.type_name(), self.name());
            let (a, b) = (self.next(1 << 20), self.next(1 << 20));
            let (other, called) = (Self::known(a, &self.types).to_owned(), Self::known(b, &self.functions).to_owned());
            part(self, &mut text, &name, &function, &other, &called);
            self.types.push(name);
            self.functions.push(function);
        }
        text
    }

    fn rust(&mut self, out: &mut String, name: &str, function: &str, other: &str, called: &str) {
        let (a, b, c) = (self.name(), self.name(), self.word());
        let _ = write!(
            out,
            "use crate::{c}::{{{other}, {called}}};\n\n/// Holds the {c} of one {a}.\n#[derive(Clone, Debug)]\npub struct \
             {name} {{\n    {a}: Vec<{other}>,\n    {b}: Option<usize>,\n}}\n\nimpl {name} {{\n    /// Makes one.\n    pub fn \
             new({a}: Vec<{other}>) -> Self {{\n        Self {{ {a}, {b}: None }}\n    }}\n\n    pub fn {function}(&self, \
             {c}: usize) -> Result<usize, String> {{\n        if {c} > self.{a}.len() {{\n            return \
             Err(format!(\"no {{}} here\", {c}));\n        }}\n        let mut total = {called}({c});\n        for one in \
             &self.{a} {{\n            total += one.{b}.unwrap_or_default();\n        }}\n        Ok(total)\n    }}\n}}\n\n"
        );
    }

    fn python(&mut self, out: &mut String, name: &str, function: &str, other: &str, called: &str) {
        let (a, b, c) = (self.name(), self.name(), self.word());
        let _ = write!(
            out,
            "from .{c} import {other}, {called}\n\n\nclass {name}({other}):\n    \"\"\"The {c} of one {a}.\"\"\"\n\n    def \
             __init__(self, {a}: list[{other}], {b}=None):\n        self.{a} = {a}\n        self.{b} = {called}({b})\n\n    \
             def {function}(self, {c}: int) -> int:\n        # counted from the first\n        if {c} > len(self.{a}):\n     \
             raise ValueError(f\"no {{{c}}} here\")\n        total = 0\n        for one in self.{a}:\n            total += \
             one.{b} or {c}\n        return total\n\n\ndef {function}_of({a}: {name}) -> int:\n    return \
             {a}.{function}(1)\n\n\n"
        );
    }

    fn typescript(&mut self, out: &mut String, name: &str, function: &str, other: &str, called: &str) {
        let (a, b, c) = (self.name(), self.name(), self.word());
        let _ = write!(
            out,
            "import {{ {other}, {called} }} from './{c}';\n\n/** Options of one {a}. */\nexport interface {name}Options {{\n  \
             {a}: {other}[];\n  {b}?: number;\n}}\n\nexport class {name} extends {other} {{\n  private {b} = new \
             Map<string, {other}>();\n\n  constructor(readonly options: {name}Options) {{\n    super(options);\n  }}\n\n  \
             {function}({c}: number): number {{\n    if ({c} > this.options.{a}.length) {{\n      throw new Error(`no \
             ${{{c}}} here`);\n    }}\n    let total = {called}({c});\n    for (const one of this.options.{a}) {{\n      \
             total += one.{b} ?? 0;\n    }}\n    return total;\n  }}\n}}\n\n"
        );
    }
}
