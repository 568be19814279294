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
