//! Bytes on disk that are kept as an LZ4 block where that is shorter: blocks of the index, and chunks of snapshots.
//!
//! ```text
//! 0 · the bytes
//! 1 · how many there are u32 · an LZ4 block of them
//! ```

use lz4_flex::block;

use super::input::Input;

const PLAIN: u8 = 0;
const LZ4: u8 = 1;
/// What stands before an LZ4 block.
const HEADER: usize = 5;

pub(crate) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = vec![0; HEADER.saturating_add(block::get_maximum_output_size(bytes.len()))];
    let block = compressed.get_mut(HEADER..).unwrap_or_default();
    let length =
        block::compress_into(bytes, block).map_or(usize::MAX, |length| length.saturating_add(HEADER));
    match (compressed.first_chunk_mut::<HEADER>(), u32::try_from(bytes.len())) {
        (Some(header), Ok(count)) if length <= bytes.len() => {
            let [a, b, c, d] = count.to_be_bytes();
            *header = [LZ4, a, b, c, d];
            compressed.truncate(length);
            compressed
        }
        _ => [&[PLAIN], bytes].concat(),
    }
}

/// What was compressed, if it was, and is no longer than `max`.
pub(crate) fn expand(bytes: &[u8], max: usize) -> Option<Vec<u8>> {
    let mut input = Input::new(bytes);
    match input.u8()? {
        PLAIN => (input.rest().len() <= max).then(|| input.rest().to_vec()),
        LZ4 => {
            let length = usize::try_from(input.u32()?).ok().filter(|length| *length <= max)?;
            let mut expanded = vec![0; length];
            let found = block::decompress_into(input.rest(), &mut expanded).ok()?;
            (found == length).then_some(expanded)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_compressed_is_expanded_and_never_much_longer(bytes in vec(prop_oneof![Just(7), any::<u8>()], 0..3000)) {
            let compressed = compress(&bytes);
            prop_assert!(compressed.len().saturating_sub(1) <= bytes.len());
            let expanded = expand(&compressed, bytes.len());
            prop_assert_eq!(expanded.as_ref(), Some(&bytes));
            if let Some(less) = bytes.len().checked_sub(1) {
                prop_assert_eq!(expand(&compressed, less), None);
            }
        }

        #[test]
        fn any_bytes_are_expanded_or_refused(bytes in vec(any::<u8>(), 0..200), kind in 0_u8..3) {
            let bytes = [&[kind, 0, 0, 0], bytes.as_slice()].concat();
            if let Some(expanded) = expand(&bytes, 256) {
                prop_assert!(expanded.len() <= 256);
            }
        }
    }

    #[test]
    fn what_repeats_itself_takes_less() {
        let bytes = b"instance-".repeat(200);
        assert!(compress(&bytes).len() < bytes.len() / 10);
    }
}
