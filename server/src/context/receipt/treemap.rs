//! Squarified treemaps (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000). In: weights and a rectangle. Out: for each
//! weight a rectangle of proportional area; together they cover the whole, and none overlaps another.

/// A rectangle, its corner the upper left one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub(super) fn area(&self) -> f64 {
        self.width * self.height
    }

    pub(super) fn shorter_side(&self) -> f64 {
        self.width.min(self.height)
    }

    pub(super) fn center(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// What is left of it when these widths are taken from its sides; never less than nothing.
    pub(super) fn inset(&self, top: f64, other: f64) -> Self {
        Self {
            x: self.x + other.min(self.width / 2.0),
            y: self.y + top.min(self.height),
            width: (self.width - 2.0 * other).max(0.0),
            height: (self.height - top - other).max(0.0),
        }
    }
}

/// Divides `whole` by `weights`; the rectangles stand in the order of the weights. A weight that is not above zero gets
/// an empty one.
pub(super) fn squarify(weights: &[f64], whole: Rect) -> Vec<Rect> {
    let nothing = Rect { width: 0.0, height: 0.0, ..whole };
    let mut rects = vec![nothing; weights.len()];
    let mut order: Vec<(usize, f64)> =
        weights.iter().copied().enumerate().filter(|(_, weight)| *weight > 0.0 && weight.is_finite()).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut left: f64 = order.iter().map(|(_, weight)| weight).sum();
    let mut free = whole;
    let mut rest = order.as_slice();
    while !rest.is_empty() && left > 0.0 {
        let scale = free.area() / left;
        let side = free.shorter_side();
        let mut count = 1;
        let mut sum = rest.first().map_or(0.0, |(_, weight)| *weight);
        let mut worst = worst_ratio(rest, count, sum * scale, scale, side);
        while let Some((_, weight)) = rest.get(count) {
            let next = worst_ratio(rest, count + 1, (sum + weight) * scale, scale, side);
            if next > worst {
                break;
            }
            (count, sum, worst) = (count + 1, sum + weight, next);
        }
        let (row, others) = rest.split_at(count);
        let last = others.is_empty();
        free = lay_row(row, sum, if last { 1.0 } else { sum / left }, free, &mut rects);
        left -= sum;
        rest = others;
    }
    rects
}

/// The worst ratio of sides in a row along a side: with areas from `most` down to `least` and a sum of `area` it is
/// max(side² · most / area², area² / (side² · least)).
fn worst_ratio(row: &[(usize, f64)], count: usize, area: f64, scale: f64, side: f64) -> f64 {
    let weight = |at: usize| row.get(at).map_or(0.0, |(_, weight)| weight * scale);
    let (most, least) = (weight(0), weight(count - 1));
    let (side, area) = (side * side, area * area);
    (side * most / area).max(area / (side * least))
}

/// Lays a row along the shorter side, taking this share of the free rectangle. Gives what is left of it.
fn lay_row(row: &[(usize, f64)], sum: f64, share: f64, free: Rect, rects: &mut [Rect]) -> Rect {
    let upright = free.width >= free.height;
    let thickness = share * if upright { free.width } else { free.height };
    let side = if upright { free.height } else { free.width };
    let mut before = 0.0;
    for (at, weight) in row {
        let (from, to) = (side * before / sum, side * (before + weight) / sum);
        before += weight;
        if let Some(rect) = rects.get_mut(*at) {
            *rect = match upright {
                true => Rect { x: free.x, y: free.y + from, width: thickness, height: to - from },
                false => Rect { x: free.x + from, y: free.y, width: to - from, height: thickness },
            };
        }
    }
    match upright {
        true => Rect { x: free.x + thickness, width: (free.width - thickness).max(0.0), ..free },
        false => Rect { y: free.y + thickness, height: (free.height - thickness).max(0.0), ..free },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: Rect = Rect { x: 10.0, y: 20.0, width: 600.0, height: 400.0 };

    #[test]
    fn the_example_of_the_paper() {
        // figure 4: six by four, weights 6 6 4 3 2 2 1
        let whole = Rect { x: 0.0, y: 0.0, width: 6.0, height: 4.0 };
        let rects = squarify(&[6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], whole);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        let sizes = [(3.0, 2.0), (3.0, 2.0), (12.0 / 7.0, 7.0 / 3.0), (9.0 / 7.0, 7.0 / 3.0)];
        for (rect, (width, height)) in rects.iter().zip(sizes) {
            assert!(near(rect.width, width) && near(rect.height, height), "{rect:?} {width} × {height}");
        }
    }

    #[test]
    fn nothing_and_no_weight_take_no_room() {
        assert!(squarify(&[], WHOLE).is_empty());
        let rects = squarify(&[0.0, 2.0, -1.0, f64::NAN], WHOLE);
        assert_eq!(rects.iter().map(Rect::area).collect::<Vec<_>>(), [0.0, WHOLE.area(), 0.0, 0.0]);
    }

    proptest! {
        #[test]
        fn areas_are_proportional_cover_the_whole_and_do_not_overlap(
            weights in prop::collection::vec(prop_oneof![0.5f64..4.0, 1.0f64..5000.0], 1..60),
            width in 1.0f64..2000.0,
            height in 1.0f64..2000.0,
        ) {
            let whole = Rect { width, height, ..WHOLE };
            let rects = squarify(&weights, whole);
            let sum: f64 = weights.iter().sum();
            let slack = 1e-6 * (width + height);
            for (rect, weight) in rects.iter().zip(&weights) {
                let wanted = whole.area() * weight / sum;
                prop_assert!((rect.area() - wanted).abs() <= 1e-6 * wanted.max(1.0), "{rect:?} {wanted}");
                prop_assert!(rect.x >= whole.x - slack && rect.x + rect.width <= whole.x + width + slack);
                prop_assert!(rect.y >= whole.y - slack && rect.y + rect.height <= whole.y + height + slack);
            }
            // equal areas in sum and no overlap: nothing is left uncovered
            prop_assert!((rects.iter().map(Rect::area).sum::<f64>() - whole.area()).abs() <= 1e-6 * whole.area());
            for (at, a) in rects.iter().enumerate() {
                for b in &rects[at + 1..] {
                    let across = (a.x + a.width).min(b.x + b.width) - a.x.max(b.x);
                    let down = (a.y + a.height).min(b.y + b.height) - a.y.max(b.y);
                    prop_assert!(across <= slack || down <= slack, "{a:?} overlaps {b:?}");
                }
            }
        }
    }
}
