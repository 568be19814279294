//! The models that the editors' tests ask, all on this machine.

use std::time::Duration;

use crate::server::{Reply, Server};

/// Answers to a refactoring of `total` in [`crate::home::SOURCE`] with two hunks: the sum and the tax.
const TOTAL: &str = "\
<replace id=\"c1\">
pub fn total(prices: &[u32]) -> u32 {
    let sum: u32 = prices.iter().sum();
    // the tax is one tenth
    // of the sum
    // without discounts
    let tax = sum / 5;
    sum + tax
}
</replace>
";

/// [`crate::home::SOURCE`] after that refactoring.
pub(crate) fn refactored() -> String {
    let sum = "    let mut sum = 0;\n    for price in prices {\n        sum += price;\n    }\n";
    crate::home::SOURCE.replace(sum, "    let sum: u32 = prices.iter().sum();\n").replace("/ 10", "/ 5")
}

/// Refactors `total`, each time after `delay`.
pub(crate) fn refactors(delay: Duration) -> Server {
    Server::choose(move |_, _| Reply::chat(&[TOTAL]).after(delay))
}
