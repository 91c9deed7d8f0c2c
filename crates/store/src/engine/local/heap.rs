//! Bytes in large pieces of memory, which go all at once. What a table holds is short, and of it there is much: memory
//! of its own for each would take more time to ask for and to give back than the bytes to copy.

/// How large a piece is, at least.
const PIECE: usize = 64 * 1024;

/// Bytes that stay where they are.
#[derive(Debug, Default)]
pub(super) struct Heap {
    pieces: Vec<Vec<u8>>,
    kept: usize,
}

/// Where in a heap some bytes are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    piece: u32,
    begin: u32,
    length: u32,
}

impl Place {
    /// How many bytes there are.
    pub(super) fn length(self) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX)
    }
}

impl Heap {
    /// Keeps a copy of `bytes`, which are fewer than 4 GiB: a key and its value have `RECORD_MAX` at most.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> Place {
        let room = |piece: &Vec<u8>| piece.capacity().saturating_sub(piece.len()) >= bytes.len();
        if !self.pieces.last().is_some_and(room) {
            self.pieces.push(Vec::with_capacity(bytes.len().max(PIECE)));
        }
        let number = self.pieces.len().saturating_sub(1);
        let begin = self.pieces.last().map_or(0, Vec::len);
        if let Some(piece) = self.pieces.last_mut() {
            piece.extend_from_slice(bytes);
        }
        self.kept = self.kept.saturating_add(bytes.len());
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place { piece: short(number), begin: short(begin), length: short(bytes.len()) }
    }

    /// The bytes at a place.
    pub(super) fn get(&self, place: Place) -> &[u8] {
        let Place { piece, begin, length } = place;
        let long = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let piece = self.pieces.get(long(piece)).map_or([].as_slice(), Vec::as_slice);
        piece.get(long(begin)..long(begin).saturating_add(long(length))).unwrap_or_default()
    }

    /// How many bytes it keeps, those included that nobody wants any more.
    pub(super) const fn kept(&self) -> usize {
        self.kept
    }
}
