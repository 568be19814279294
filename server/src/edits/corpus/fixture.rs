//! The fixtures' format: sections under lines `==== WORD …`. `given LANGUAGE PATH [focus=NAME] [also=NAME] [reach=chunks|shown|files]
//! [keep=nothing]` opens a world, `shown PATH`, `part PATH` (its first line was shown) and `file PATH`
//! add files to it, `ask WORDS` says what was asked for; `case NAME` is an answer, `after [PATH]
//! [step=STEP]`, `gone PATH` or `refused FAULT` what is expected. `␍` `⇥` `␠` stand for CR, tab and a blank at the end of a
//! line, `⌁` at the end of a text for no line end there.

use super::*;

pub(super) struct Case {
    pub(super) name: String,
    pub(super) world: World,
    pub(super) answer: String,
    pub(super) expected: Expected,
    pub(super) step: Option<String>,
}

/// A world and its text after the change.
#[derive(Clone)]
pub(super) struct Base {
    pub(super) world: World,
    pub(super) after: String,
}

pub(super) fn cases() -> Vec<Case> {
    let folder = format!("{}/tests/fixtures/answers", env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name != "bases" && path.extension().is_some_and(|ending| ending == "txt") {
            all.extend(parse(&name, &std::fs::read_to_string(path).unwrap()));
        }
    }
    all
}

pub(super) fn bases() -> Vec<Base> {
    let path = format!("{}/tests/fixtures/answers/bases.txt", env!("CARGO_MANIFEST_DIR"));
    let cases = parse("bases", &std::fs::read_to_string(path).unwrap());
    let base = |case: Case| {
        let Expected::Files(files) = case.expected else { panic!("a base has a text afterwards") };
        let after = files[&case.world.path].clone().unwrap();
        Base { world: case.world, after }
    };
    cases.into_iter().map(base).collect()
}

fn parse(file: &str, text: &str) -> Vec<Case> {
    let mut sections: Vec<(Vec<&str>, String)> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("==== ") {
            Some(head) => {
                // a blank line stands between worlds
                if let Some((_, body)) =
                    sections.last_mut().filter(|(_, body)| head.starts_with("given") && body.ends_with("\n\n"))
                {
                    body.pop();
                }
                sections.push((head.split(' ').collect(), String::new()));
            }
            None => {
                if let Some((_, body)) = sections.last_mut() {
                    body.push_str(line);
                    body.push('\n');
                }
            }
        }
    }
    let mut world: Option<World> = None;
    let mut cases: Vec<Case> = Vec::new();
    for (head, body) in sections {
        let body = unescape(&body);
        let option =
            |name: &str| head.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned);
        match head[0] {
            "given" => {
                let path = head[2].to_owned();
                assert_eq!(by_path(path.as_ref()).map_or("text", |language| language.name), head[1], "{path}");
                let reach = match option("reach").as_deref() {
                    Some("files") => Reach::Files,
                    Some("shown") => Reach::Shown,
                    _ => Reach::Chunks,
                };
                let keep = if option("keep").is_some() { Keep::Nothing } else { Keep::Signature };
                let (focus, also) = (option("focus").unwrap_or_default(), option("also"));
                let (shown, others, parts) = (Vec::new(), Vec::new(), Vec::new());
                world = Some(World {
                    path,
                    focus,
                    also,
                    text: body,
                    shown,
                    others,
                    parts,
                    reach,
                    keep,
                    ask: String::new(),
                });
            }
            "shown" => world.as_mut().unwrap().shown.push((head[1].to_owned(), body)),
            "part" => {
                let world = world.as_mut().unwrap();
                world.parts.push(head[1].to_owned());
                world.shown.push((head[1].to_owned(), body));
            }
            "ask" => world.as_mut().unwrap().ask = head[1..].join(" "),
            "file" => world.as_mut().unwrap().others.push((head[1].to_owned(), body)),
            "case" | "base" => cases.push(Case {
                name: format!("{file}: {}", head[1..].join(" ")),
                world: world.clone().unwrap(),
                answer: body,
                expected: Expected::Files(BTreeMap::new()),
                step: None,
            }),
            "after" | "gone" => {
                let case = cases.last_mut().unwrap();
                let path = head
                    .get(1)
                    .filter(|word| !word.contains('='))
                    .map_or(case.world.path.clone(), |path| (*path).to_owned());
                case.step = option("step").or(case.step.take());
                let Expected::Files(files) = &mut case.expected else { panic!("{}: refused and placed", case.name) };
                files.insert(path, (head[0] == "after").then_some(body));
            }
            "refused" => cases.last_mut().unwrap().expected = Expected::Refused(head[1].to_owned()),
            word => panic!("{file}: `{word}` is no section"),
        }
    }
    for case in &cases {
        assert_ne!(case.expected, Expected::Files(BTreeMap::new()), "{}: nothing is expected", case.name);
    }
    cases
}

fn unescape(text: &str) -> String {
    let text = text.replace('␍', "\r").replace('⇥', "\t").replace('␠', " ");
    match text.strip_suffix("⌁\n") {
        Some(text) => text.to_owned(),
        None => text,
    }
}
