//! A fast hash of bytes: the same on every machine and in every version, as it goes to the disk. It tells changed files
//! and damage, not attacks.

/// Odd constants without a pattern (digits of π).
const SEEDS: [u64; 3] = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d1];

/// The hash of some bytes, by folded multiplication (as wyhash and foldhash do).
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let [mut a, mut b, last] = SEEDS;
    let mut parts = bytes.chunks_exact(16);
    for part in &mut parts {
        let (low, high) = part.split_at(8);
        (a, b) = (fold(a ^ number(low), SEEDS[1]) ^ b, fold(b ^ number(high), last) ^ a);
    }
    let (low, high) = parts.remainder().split_at(parts.remainder().len().min(8));
    fold(fold(a ^ number(low), b ^ number(high) ^ SEEDS[2]), bytes.len() as u64 ^ SEEDS[0])
}

/// Up to eight bytes as a number.
fn number(bytes: &[u8]) -> u64 {
    let mut all = [0; 8];
    all.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(all)
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn every_byte_and_the_length_count() {
        let base: Vec<u8> = (0..40).collect();
        let mut seen = std::collections::HashSet::new();
        for len in 0..base.len() {
            assert!(seen.insert(hash(&base[..len])), "{len}");
            for at in 0..len {
                let mut other = base[..len].to_vec();
                other[at] ^= 0x40;
                assert!(seen.insert(hash(&other)), "{len} {at}");
            }
        }
        assert_eq!(hash(b"whittle"), 16_143_430_666_894_000_467);
    }
}
