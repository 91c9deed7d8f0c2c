//! Ids: drawn from one counter, sorted by creation, never used twice.

use core::fmt;

use crate::Label;

/// Digits of an id's text, in the order of their values, so that texts sort as ids do. The letters
/// i, l, o and u are left out: they are misread.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// One draw from the [`Sequence`]: the epoch of the store and a number within it.
///
/// Written as 20 characters of lower-case letters and digits, 4 for the epoch and 16 for the
/// number; the texts sort as the serials do.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Serial {
    /// Which life of the store drew it. A restored backup begins the next.
    pub epoch: u16,
    /// Which draw of that life it was.
    pub number: u64,
}

impl Serial {
    /// How many characters the text of a serial has.
    pub const CHARACTERS: usize = 20;
    /// Below every serial that is drawn.
    pub const LOWEST: Self = Self { epoch: 0, number: 0 };
    /// Above every serial that is drawn.
    pub const HIGHEST: Self = Self { epoch: u16::MAX, number: u64::MAX };

    /// The serial that `text` spells, or `None` when it spells none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != Self::CHARACTERS {
            return None;
        }
        let value = text.bytes().try_fold(0_u128, |value, byte| {
            let digit = DIGITS.iter().position(|digit| *digit == byte)?;
            Some(value.checked_mul(32)? | u128::try_from(digit).ok()?)
        })?;
        let number = value & ((1 << 80) - 1);
        Some(Self { epoch: u16::try_from(value >> 80).ok()?, number: u64::try_from(number).ok()? })
    }

    /// The serial `steps` draws later, or `None` at the end of the counter.
    #[must_use]
    pub fn plus(self, steps: u64) -> Option<Self> {
        Some(Self { number: self.number.checked_add(steps)?, ..self })
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = (u128::from(self.epoch) << 80) | u128::from(self.number);
        for place in (0..Self::CHARACTERS).rev() {
            let digit =
                value.checked_shr(u32::try_from(place).unwrap_or(0).saturating_mul(5)).unwrap_or(0) & 31;
            let digit = usize::try_from(digit).ok().and_then(|digit| DIGITS.get(digit)).unwrap_or(&b'0');
            write!(f, "{}", char::from(*digit))?;
        }
        Ok(())
    }
}

macro_rules! serial_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub Serial);

        impl $name {
            /// The id that `text` spells, without any prefix, or `None` when it spells none.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Serial::parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

serial_id! {
    /// Names one instance, for ever.
    InstanceId
}
serial_id! {
    /// Names one launch: the instances of one accepted request.
    BatchId
}
serial_id! {
    /// Names one system event.
    EventId
}
serial_id! {
    /// Names one rule of a group.
    RuleId
}
serial_id! {
    /// Names what came of one request with a token.
    ReceiptId
}

/// Names an account: a number of the embedder's choosing.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AccountId(pub u64);

impl AccountId {
    /// Whose the provider's own networks are. No key signs for it.
    pub const PROVIDER: Self = Self(0);
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The counter that ids are drawn from. A record like any other, so that a draw is durable with
/// the commit that uses it, and undone with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sequence {
    /// The next serial to be drawn.
    pub next: Serial,
}

impl Sequence {
    /// The counter of a new store.
    pub const START: Self = Self { next: Serial { epoch: 1, number: 1 } };
    /// How many serials at the end of the counter are kept for events.
    pub const RESERVED: u64 = 1 << 32;

    /// Draws `count` serials that follow each other: the first of them, and the counter after it.
    /// `None` when the counter is used up but for what is kept for events.
    #[must_use]
    pub fn draw(self, count: u64) -> Option<(Serial, Self)> {
        let next = self.next.plus(count)?;
        (next.number <= u64::MAX.saturating_sub(Self::RESERVED)).then_some((self.next, Self { next }))
    }

    /// Draws the serial of an event. An event cannot be refused, and so this cannot fail: that is
    /// what [`Self::RESERVED`] is for.
    #[must_use]
    pub const fn draw_event(self) -> (Serial, Self) {
        let number = self.next.number.saturating_add(1);
        (self.next, Self { next: Serial { number, ..self.next } })
    }

    /// Draws one serial and makes a label of it behind `prefix`. `None` when the counter is used
    /// up or the prefix does not fit into a label.
    #[must_use]
    pub fn draw_label(self, prefix: &str) -> Option<(Label, Self)> {
        let (serial, rest) = self.draw(1)?;
        Label::parse(&alloc::format!("{prefix}{serial}")).ok().map(|label| (label, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn the_text_of_a_serial_is_read_back_and_sorts_as_it_does() {
        let serials = [(0, 0), (1, 1), (1, 31), (1, 32), (1, u64::MAX), (2, 0), (u16::MAX, u64::MAX)]
            .map(|(epoch, number)| Serial { epoch, number });
        for serial in serials {
            let text = serial.to_string();
            assert_eq!(text.len(), Serial::CHARACTERS);
            assert_eq!(Serial::parse(&text), Some(serial), "{text}");
        }
        assert!(serials.is_sorted_by_key(ToString::to_string));
        assert_eq!(Serial { epoch: 1, number: 42 }.to_string(), "0001000000000000001a");
    }

    #[test]
    fn other_texts_are_no_serials() {
        for text in ["", "0001", "000100000000000000iii", "0001000000000000001A", "zzzzzzzzzzzzzzzzzzzz"] {
            assert_eq!(Serial::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_serials_are_drawn_for_events_only() {
        let last = Sequence { next: Serial { epoch: 1, number: u64::MAX - Sequence::RESERVED - 1 } };
        assert_eq!(last.draw(2), None);
        let (_, kept) = last.draw(1).unwrap();
        assert_eq!(kept.draw(1), None);
        let (event, rest) = kept.draw_event();
        assert_eq!((event, rest.draw(1)), (kept.next, None));
        assert!(rest.next > event);
    }
}
