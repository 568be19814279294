//! Properties of readings: what is cut off is never half applied, and edits are no larger than they have to be.

use super::*;

/// However an answer of one change is cut off: it is refused, or what is left is the whole of it.
#[test]
fn what_is_cut_off_is_refused_or_whole() {
    let (mut tried, mut refused) = (0, 0);
    for base in fixture::bases() {
        let parts = forms::parts(&base.world.text, &base.after, 3);
        // between two changes nothing shows that one is missing: the model's stop reason does
        if parts.len() > 1 {
            continue;
        }
        for form in forms::FORMS {
            let whole = (form.write)(&base, &parts);
            let step = 1 + whole.len() / 60;
            let lines = whole.match_indices('\n').flat_map(|(at, _)| [at, at + 1]);
            let places = (0..whole.len())
                .step_by(step)
                .chain(lines)
                .filter(|at| whole.is_char_boundary(*at) && *at < whole.len());
            for at in places {
                tried += 1;
                match answer(&base.world, &whole[..at]) {
                    Err(_) => refused += 1,
                    Ok(reading) => {
                        let after = files(&reading);
                        let wanted = BTreeMap::from([(base.world.path.clone(), Some(base.after.clone()))]);
                        assert_eq!(after, wanted, "{} of {}:\n{}", form.name, base.world.path, &whole[..at]);
                    }
                }
            }
        }
    }
    println!("{tried} answers cut off, {refused} refused");
    assert!(tried > 3000 && refused * 10 > tried * 9);
}

/// Nothing of a line that stays is touched.
#[test]
fn lines_that_stay_are_not_touched() {
    for base in fixture::bases() {
        for made in forms::all(&base) {
            let Ok(reading) = answer(&made.world, &made.answer) else { continue };
            let Expected::Files(files) = &made.expected else { continue };
            let (before, after) = (&made.world.text, files[&made.world.path].as_ref().unwrap());
            let removed: usize = forms::parts(before, after, 0)
                .iter()
                .flat_map(|part| &part.lines)
                .filter(|(mark, _)| *mark == '-')
                .map(|(_, line)| line.len() + 2)
                .sum();
            let touched: usize = reading.files[0].edits.iter().map(|edit| edit.span.len()).sum();
            assert!(touched <= removed, "{}: {:?}", made.name, reading.files[0].edits);
        }
    }
}

/// Long answers of every kind are read in time that grows with their length, and change nothing that they should not.
#[test]
fn long_answers_are_read_in_good_time() {
    let base = &fixture::bases()[0];
    let long = |part: &str| part.repeat((1 << 20) / part.len());
    let all = [
        long("<replace id=\"c1\">\n"),
        long("<replace id=\"c1\">\n</replace>\n"),
        long("</replace>\n"),
        long("```\n"),
        long("```rust\nfn a() {}\n```\n"),
        long("<<<<<<< SEARCH\n"),
        long("<<<<<<< SEARCH\n    let x = 1;\n=======\n>>>>>>> REPLACE\n"),
        long("@@ -1,1 +1,1 @@\n-    let x = 1;\n+    let x = 2;\n"),
        long("--- a/x\n+++ b/x\n"),
        long("[{\"search\": \"a\", \"replace\": \"b\"},\n"),
        long("["),
        format!("<replace id=\"c1\">\n{}</replace>\n", long("// ...\n")),
        format!("<replace id=\"c1\">\n{}</replace>\n", long("{")),
        format!("<replace id=\"c1\">\n{}</replace>\n", long(" for x in y {\n-    let x = 1;\n")),
        format!("<<<<<<< SEARCH\n{}=======\n>>>>>>> REPLACE\n", long("            sum += item.price;\n")),
        format!("*** Begin Patch\n*** Update File: src/cart.rs\n{}", long("@@\n+a\n")),
    ];
    for text in all {
        let start = std::time::Instant::now();
        let read = answer(&base.world, &text);
        assert!(read.is_err(), "{}", &text[..100]);
        assert!(start.elapsed().as_secs() < 120, "{:?} for {}", start.elapsed(), &text[..100]);
        println!("{:>8.1?} {:?}", start.elapsed(), &text[..30]);
    }
}
