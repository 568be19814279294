//! A floor under the recall of contexts, and what holds for every context of the known projects.

mod measure;

use measure::{PROJECTS, Project};
use whittle_lsp::context::{FocusRule, Signs, Stages, Texts, gather_with};
use whittle_lsp::text::Span;

#[test]
fn contexts_hold_what_the_focus_refers_to_and_where_it_is_used() {
    for name in PROJECTS {
        let project = Project::open(name);
        let recall = project.measure(2000, Stages::default());
        assert!(recall.share() >= 0.9 && recall.caller_share() >= 0.8, "{name}: {recall:?}");
        let recall = project.measure(500, Stages::default());
        assert!(recall.share() >= 0.85, "{name}: {recall:?}");
    }
}

#[test]
fn budgets_are_kept_and_contexts_are_the_same_each_time() {
    for name in PROJECTS {
        let project = Project::open(name);
        for budget in [40, 60, 80, 100, 150, 250, 400, 700, 1200, 4000] {
            for (focus, context) in project.focuses.iter().zip(project.contexts(budget, Stages::default())) {
                assert!(context.tokens <= budget, "{}: {} of {budget}", focus.name, context.tokens);
                assert!(context.focus.text.contains(&focus.name), "{} at {budget}: {}", focus.name, context.focus.text);
                assert_eq!(project.context(focus, budget, Stages::default()).render(), context.render());
            }
        }
    }
}

#[test]
fn the_excerpts_stay_where_they_are_when_the_focus_is_edited() {
    let project = Project::open("rust");
    let path = project.root.join("src/runner.rs");
    let source = std::fs::read_to_string(&path).unwrap();
    let edited = source.replace("if task.is_phony() {", "// a comment\n        if task.is_phony() {");
    let excerpts = |source: &str| {
        project.documents.open(path.clone(), "file:///runner.rs", "rust", 1, source);
        project.workspace.read_open_documents();
        let snapshot = project.documents.snapshot(&path, None).unwrap();
        let at = source.find("fn run_one").unwrap() + 3;
        let subject = project.workspace.subject(&snapshot, Span::new(at, at));
        let (index, signs) = (project.workspace.index(), Signs::default());
        let rule = FocusRule::Whole;
        let context = gather_with(subject, index, &project.workspace, 2000, rule, &signs, Stages::default()).unwrap();
        project.documents.close(&path);
        (context.render_excerpts(), context.render_focus())
    };
    let (before, after) = (excerpts(&source), excerpts(&edited));
    assert_eq!(before.0, after.0);
    assert_ne!(before.1, after.1);
}

#[test]
fn every_line_of_a_context_stands_in_its_file() {
    for name in PROJECTS {
        let project = Project::open(name);
        for context in project.contexts(1500, Stages::default()) {
            for excerpt in context.excerpts.iter().chain([&context.focus]) {
                let text = project.workspace.text(&excerpt.path).unwrap();
                for (number, line) in excerpt.lines.lines().iter().enumerate() {
                    let Some(piece) = line.piece else { continue };
                    assert_eq!(line.text, text.slice(piece.span));
                    assert_eq!(excerpt.lines.to_file(number, 0), Some(piece.span.start));
                    assert_eq!(text.line_of(piece.span.start), piece.line);
                }
            }
        }
    }
}
