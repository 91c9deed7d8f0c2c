//! How many instances of a type a zone can hold.

use crate::{Label, Sale};

/// Names a stock.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StockKey {
    /// The zone.
    pub zone: Label,
    /// The instance type.
    pub instance_type: Label,
}

/// The stock of one type in one zone: `total = free + taken + missing`. One that is closed for sale
/// has nothing free: what comes back to it is not given out again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stock {
    /// Whose it is.
    pub key: StockKey,
    total: u32,
    taken: u32,
    missing: u32,
    sale: Sale,
}

impl Stock {
    /// A stock of `total` free units.
    #[must_use]
    pub const fn new(key: StockKey, total: u32) -> Self {
        Self { key, total, taken: 0, missing: 0, sale: Sale::Open }
    }

    /// The stock with these numbers, or `None` when they do not add up.
    #[must_use]
    pub fn from_numbers(key: StockKey, total: u32, taken: u32, missing: u32) -> Option<Self> {
        (taken.checked_add(missing)? <= total).then_some(Self {
            key,
            total,
            taken,
            missing,
            sale: Sale::Open,
        })
    }

    /// How many units there are in all.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.total
    }

    /// How many units instances hold.
    #[must_use]
    pub const fn taken(&self) -> u32 {
        self.taken
    }

    /// How many units a provisioner has said do not exist.
    #[must_use]
    pub const fn missing(&self) -> u32 {
        self.missing
    }

    /// Whether anything can be taken.
    #[must_use]
    pub const fn sale(&self) -> Sale {
        self.sale
    }

    /// The same stock, open or closed for sale.
    #[must_use]
    pub fn with_sale(self, sale: Sale) -> Self {
        Self { sale, ..self }
    }

    /// How many units can be taken.
    #[must_use]
    pub const fn free(&self) -> u32 {
        match self.sale {
            Sale::Open => self.total.saturating_sub(self.taken).saturating_sub(self.missing),
            Sale::Closed => 0,
        }
    }

    /// The stock after `count` units are taken, or `None` when fewer are free.
    #[must_use]
    pub fn take(&self, count: u32) -> Option<Self> {
        (count <= self.free()).then(|| Self { taken: self.taken.saturating_add(count), ..self.clone() })
    }

    /// The stock after an instance gave its unit back.
    #[must_use]
    pub fn give_back(&self) -> Self {
        Self { taken: self.taken.saturating_sub(1), ..self.clone() }
    }

    /// The stock after the unit of an instance turned out not to exist.
    #[must_use]
    pub fn lose(&self) -> Self {
        Self { taken: self.taken.saturating_sub(1), missing: self.missing.saturating_add(1), ..self.clone() }
    }

    /// The stock with another total, or `None` when that is less than what is taken or missing.
    #[must_use]
    pub fn resize(&self, total: u32) -> Option<Self> {
        let stock = Self::from_numbers(self.key.clone(), total, self.taken, self.missing)?;
        Some(stock.with_sale(self.sale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(total: u32, taken: u32, missing: u32) -> Option<Stock> {
        let label = |text| Label::parse(text).unwrap();
        Stock::from_numbers(StockKey { zone: label("z"), instance_type: label("t") }, total, taken, missing)
    }

    #[test]
    fn total_is_free_and_taken_and_missing() {
        let all = stock(3, 0, 0).unwrap();
        assert_eq!(all.take(4), None);
        let taken = all.take(3).unwrap();
        assert_eq!((taken.free(), taken.taken(), taken.missing()), (0, 3, 0));
        let lost = taken.lose();
        assert_eq!((lost.free(), lost.taken(), lost.missing()), (0, 2, 1));
        let back = lost.give_back();
        assert_eq!((back.free(), back.taken(), back.missing()), (1, 1, 1));
        assert_eq!(back.resize(1), None);
        assert_eq!(back.resize(2).unwrap().free(), 0);
    }

    #[test]
    fn numbers_that_do_not_add_up_are_no_stock() {
        assert_eq!(stock(3, 2, 2), None);
        assert_eq!(stock(u32::MAX, u32::MAX, 1), None);
    }
}
