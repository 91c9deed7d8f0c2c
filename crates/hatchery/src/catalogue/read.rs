//! Reading a file table by table. What is read is taken out; what is left over is not known. A
//! mistake does not end the reading: it is noted, and the value is missing from what is made of it.

use std::collections::{BTreeMap, BTreeSet};

use fleet::Label;
use toml::de::{DeTable, DeValue};

use super::problem::{CatalogueError, CatalogueMistake, CatalogueProblem};

/// What a value has to be, as a function that makes it of one.
pub(super) type Read<T> = fn(&DeValue<'_>) -> Result<T, CatalogueMistake>;

/// What was found out about a file so far.
#[derive(Default)]
pub(super) struct Reading {
    /// Where each line ends.
    line_ends: Vec<usize>,
    problems: Vec<CatalogueProblem>,
    /// Which ids there are in each table, and in which line.
    ids: BTreeMap<(&'static str, String), usize>,
    /// Which ids are named, to be looked up when all are known.
    named: Vec<(CatalogueProblem, &'static str, String)>,
    /// Every key that can stand in a table.
    known: BTreeSet<(&'static str, &'static str)>,
    /// Those that do.
    #[cfg(test)]
    used: BTreeSet<(&'static str, &'static str)>,
}

impl Reading {
    /// Reads `text` by what `read` does with its tables.
    pub(super) fn read<T>(text: &str, read: impl FnOnce(&mut Row<'_, '_>) -> T) -> (T, Self) {
        let line_ends = text.match_indices('\n').map(|(at, _)| at).collect();
        let mut reading = Self { line_ends, ..Self::default() };
        let (file, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let line = reading.line(error.span().map_or(0, |span| span.start));
            reading.note(line, String::new(), CatalogueMistake::NoToml(error.message().into()));
        }
        let mut row = Row { reading: &mut reading, table: "", line: 1, fields: file.into_inner() };
        let made = read(&mut row);
        row.finish();
        (made, reading)
    }

    /// Looks up what is named.
    ///
    /// # Errors
    /// When anything is wrong with the file.
    pub(super) fn finish(mut self) -> Result<(), CatalogueError> {
        // Where a text stops being TOML, tables and keys are guesses.
        let no_toml = |problem: &CatalogueProblem| matches!(problem.mistake, CatalogueMistake::NoToml(_));
        if self.problems.iter().any(no_toml) {
            self.problems.retain(no_toml);
            self.named.clear();
        }
        for (problem, table, id) in std::mem::take(&mut self.named) {
            if !self.ids.contains_key(&(table, id)) {
                self.problems.push(problem);
            }
        }
        CatalogueError::of(self.problems).map_or(Ok(()), Err)
    }

    /// The keys that can stand in a file and do not in this one.
    #[cfg(test)]
    pub(super) fn unused(&self) -> Vec<(&'static str, &'static str)> {
        self.known.difference(&self.used).copied().collect()
    }

    fn line(&self, at: usize) -> usize {
        self.line_ends.partition_point(|end| *end < at).saturating_add(1)
    }

    fn note(&mut self, line: usize, key: String, mistake: CatalogueMistake) {
        self.problems.push(CatalogueProblem { line, key, mistake });
    }
}

/// One table that is being read.
pub(super) struct Row<'r, 't> {
    reading: &'r mut Reading,
    table: &'static str,
    line: usize,
    fields: DeTable<'t>,
}

impl<'t> Row<'_, 't> {
    /// The value under `key`, and its line.
    fn take(&mut self, key: &'static str) -> Option<(usize, DeValue<'t>)> {
        self.reading.known.insert((self.table, key));
        let value = self.fields.remove(key)?;
        #[cfg(test)]
        self.reading.used.insert((self.table, key));
        Some((self.reading.line(value.span().start), value.into_inner()))
    }

    /// The same, where it has to be there.
    fn must_take(&mut self, key: &'static str) -> Option<(usize, DeValue<'t>)> {
        let taken = self.take(key);
        if taken.is_none() {
            self.note(self.line, key, CatalogueMistake::Missing);
        }
        taken
    }

    fn note(&mut self, line: usize, key: &str, mistake: CatalogueMistake) {
        let key = if self.table.is_empty() { key.into() } else { format!("{}.{key}", self.table) };
        self.reading.note(line, key, mistake);
    }

    fn kept<T>(&mut self, line: usize, key: &str, read: Result<T, CatalogueMistake>) -> Option<T> {
        read.map_err(|mistake| self.note(line, key, mistake)).ok()
    }

    /// What stands under `key`, if anything does.
    pub(super) fn may<T>(&mut self, key: &'static str, read: Read<T>) -> Option<T> {
        let (line, value) = self.take(key)?;
        self.kept(line, key, read(&value))
    }

    /// What stands under `key`, or `otherwise`.
    pub(super) fn or<T>(&mut self, key: &'static str, otherwise: T, read: Read<T>) -> T {
        self.may(key, read).unwrap_or(otherwise)
    }

    /// What has to stand under `key`.
    pub(super) fn must<T>(&mut self, key: &'static str, read: Read<T>) -> Option<T> {
        let (line, value) = self.must_take(key)?;
        self.kept(line, key, read(&value))
    }

    /// What `key` says, as one of the words that are known.
    pub(super) fn choice<T: Clone>(&mut self, key: &'static str, words: &[(&'static str, T)]) -> Option<T> {
        let (line, value) = self.take(key)?;
        self.kept(line, key, one_of(&value, words))
    }

    /// The same, where it has to say something.
    pub(super) fn must_choice<T: Clone>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let (line, value) = self.must_take(key)?;
        self.kept(line, key, one_of(&value, words))
    }

    /// The list under `key`; none when there is none.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&DeValue<'_>) -> Result<T, CatalogueMistake>,
    ) -> Vec<T> {
        let Some((line, value)) = self.take(key) else { return Vec::new() };
        let DeValue::Array(items) = value else {
            self.note(line, key, wrong_type("a list", &value));
            return Vec::new();
        };
        let mut list = Vec::new();
        for item in items {
            let line = self.reading.line(item.span().start);
            list.extend(self.kept(line, key, read(item.get_ref())));
        }
        list
    }

    /// The id of this very thing, which nothing else in the table may go by.
    pub(super) fn id(&mut self) -> Option<Label> {
        let label = self.must("id", label)?;
        self.distinct("id", label.as_str());
        Some(label)
    }

    /// Says that nothing else in the table may go by `id`, which stands under `key`.
    pub(super) fn distinct(&mut self, key: &str, id: &str) {
        match self.reading.ids.get(&(self.table, id.into())).copied() {
            Some(line) => self.note(self.line, key, CatalogueMistake::Twice { id: id.into(), line }),
            None => drop(self.reading.ids.insert((self.table, id.into()), self.line)),
        }
    }

    /// The id under `key` of something in `table`.
    pub(super) fn names(&mut self, key: &'static str, table: &'static str) -> Option<Label> {
        let (line, value) = self.must_take(key)?;
        let named = self.kept(line, key, label(&value))?;
        self.named(line, key, table, &named);
        Some(named)
    }

    /// The same, where it can be left out.
    pub(super) fn may_name(&mut self, key: &'static str, table: &'static str) -> Option<Label> {
        match self.fields.contains_key(key) {
            true => self.names(key, table),
            false => self.take(key).and(None),
        }
    }

    fn named(&mut self, line: usize, key: &str, table: &'static str, id: &Label) {
        let id = id.as_str().to_owned();
        let mistake = CatalogueMistake::Absent { table, id: id.clone() };
        let key = format!("{}.{key}", self.table);
        self.reading.named.push((CatalogueProblem { line, key, mistake }, table, id));
    }

    /// The table under `key`, whose own keys are the ids of things in `table`.
    pub(super) fn map<T>(
        &mut self,
        key: &'static str,
        table: &'static str,
        read: Read<T>,
    ) -> Vec<(Label, T)> {
        let Some((line, value)) = self.take(key) else { return Vec::new() };
        let DeValue::Table(entries) = value else {
            self.note(line, key, wrong_type("a table", &value));
            return Vec::new();
        };
        let mut map = Vec::new();
        for (id, value) in entries {
            let line = self.reading.line(id.span().start);
            let path = format!("{key}.{}", id.get_ref());
            let id = self.kept(line, &path, label_of(id.get_ref()));
            if let Some(id) = &id {
                self.named(line, &path, table, id);
            }
            let value = self.kept(line, &path, read(value.get_ref()));
            map.extend(id.zip(value));
        }
        map
    }

    /// What `read` makes of the table under `key`, if there is one. Mistakes in it are of `table`.
    pub(super) fn inner<T>(
        &mut self,
        key: &'static str,
        table: &'static str,
        read: impl FnOnce(&mut Row<'_, 't>) -> T,
    ) -> Option<T> {
        let (line, value) = self.take(key)?;
        let DeValue::Table(fields) = value else {
            self.note(line, key, wrong_type("a table", &value));
            return None;
        };
        let mut row = Row { reading: self.reading, table, line, fields };
        let made = read(&mut row);
        row.finish();
        Some(made)
    }

    /// What `read` makes of each of the tables called `table`.
    pub(super) fn rows<T>(
        &mut self,
        table: &'static str,
        read: impl Fn(&mut Row<'_, 't>) -> Option<T>,
    ) -> Vec<T> {
        let Some((line, value)) = self.take(table) else { return Vec::new() };
        let DeValue::Array(rows) = value else {
            self.note(line, table, CatalogueMistake::NoTable);
            return Vec::new();
        };
        let mut made = Vec::new();
        for row in rows {
            let line = self.reading.line(row.span().start);
            let DeValue::Table(fields) = row.into_inner() else {
                self.note(line, table, CatalogueMistake::NoTable);
                continue;
            };
            let mut row = Row { reading: self.reading, table, line, fields };
            made.extend(read(&mut row));
            row.finish();
        }
        made
    }

    /// Says of everything that is left that it is not known.
    fn finish(self) {
        let keys = self.reading.known.iter().filter(|(table, _)| *table == self.table);
        let known: Vec<_> = keys.map(|(_, key)| *key).collect();
        for key in self.fields.keys() {
            let line = self.reading.line(key.span().start);
            let path = match self.table {
                "" => key.get_ref().clone().into_owned(),
                table => format!("{table}.{}", key.get_ref()),
            };
            self.reading.note(line, path, CatalogueMistake::Unknown { known: known.clone() });
        }
    }
}

/// That a value is not what is wanted.
pub(super) fn wrong_type(wanted: &'static str, found: &DeValue<'_>) -> CatalogueMistake {
    CatalogueMistake::Type { wanted, found: found.type_str() }
}

fn str<'v>(value: &'v DeValue<'_>) -> Result<&'v str, CatalogueMistake> {
    value.as_str().ok_or_else(|| wrong_type("a string", value))
}

/// Any text.
pub(super) fn text(value: &DeValue<'_>) -> Result<String, CatalogueMistake> {
    str(value).map(Into::into)
}

/// A label.
pub(super) fn label(value: &DeValue<'_>) -> Result<Label, CatalogueMistake> {
    label_of(str(value)?)
}

fn label_of(text: &str) -> Result<Label, CatalogueMistake> {
    Label::parse(text).map_err(|source| CatalogueMistake::Label { found: text.into(), source })
}

/// Yes or no.
pub(super) fn flag(value: &DeValue<'_>) -> Result<bool, CatalogueMistake> {
    value.as_bool().ok_or_else(|| wrong_type("true or false", value))
}

/// A whole number from 0 to the most that `T` holds.
pub(super) fn number<T: TryFrom<u64> + Bounded>(value: &DeValue<'_>) -> Result<T, CatalogueMistake> {
    let DeValue::Integer(integer) = value else { return Err(wrong_type("an integer", value)) };
    let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
    let most = CatalogueMistake::Number { found: integer.to_string(), most: T::MOST };
    number.and_then(|number| T::try_from(number).ok()).ok_or(most)
}

/// A number that knows how large it can be.
pub(super) trait Bounded {
    /// The most it can be.
    const MOST: u64;
}

macro_rules! bounded {
    ($($kind:ty)+) => { $(impl Bounded for $kind { const MOST: u64 = <$kind>::MAX as u64; })+ };
}

bounded! { u8 u16 u32 u64 }

/// A word that stands for something.
pub(super) fn one_of<T: Clone>(
    value: &DeValue<'_>,
    words: &[(&'static str, T)],
) -> Result<T, CatalogueMistake> {
    let found = str(value)?;
    match words.iter().find(|(word, _)| *word == found) {
        Some((_, meaning)) => Ok(meaning.clone()),
        None => {
            let known = words.iter().map(|(word, _)| *word).collect();
            Err(CatalogueMistake::Choice { found: found.into(), known })
        }
    }
}
