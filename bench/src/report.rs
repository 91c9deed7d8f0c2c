//! What a run has to say: sections with goals, tables and charts, on the terminal and as a page.

use std::fmt::Write as _;
use std::path::Path;

use crate::chart::Chart;
use crate::measure::Failure;

/// One part of a run.
#[derive(Debug, Default)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    /// What was measured and how, as Markdown.
    pub(crate) about: String,
    pub(crate) goals: Vec<Goal>,
    pub(crate) tables: Vec<Table>,
    pub(crate) charts: Vec<Chart>,
}

/// A figure beside what it should be.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) what: String,
    pub(crate) target: String,
    pub(crate) figure: String,
    pub(crate) verdict: Verdict,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Ok,
    Missed,
    /// The condition of the goal does not hold on this machine.
    Void,
}

impl Verdict {
    pub(crate) const fn of(met: bool) -> Self {
        if met { Self::Ok } else { Self::Missed }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Missed => "MISSED",
            Self::Void => "n/a",
        }
    }
}

impl Goal {
    pub(crate) fn new(what: impl Into<String>, target: impl Into<String>, figure: String, met: bool) -> Self {
        Self { what: what.into(), target: target.into(), figure, verdict: Verdict::of(met) }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(caption: impl Into<String>, head: &[&str]) -> Self {
        let head = head.iter().map(|&cell| cell.to_owned()).collect();
        Self { caption: caption.into(), head, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn markdown(&self) -> String {
        let mut text = format!("**{}**\n\n|", self.caption);
        self.head.iter().for_each(|cell| text += &format!(" {cell} |"));
        text += "\n|---|";
        text += &"---:|".repeat(self.head.len().saturating_sub(1));
        for row in &self.rows {
            text += "\n|";
            row.iter().for_each(|cell| text += &format!(" {cell} |"));
        }
        text + "\n\n"
    }

    fn plain(&self) -> String {
        let rows = || std::iter::once(&self.head).chain(&self.rows);
        let width =
            |column: usize| rows().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let mut text = format!("\n{}\n", self.caption);
        for row in rows() {
            for (column, cell) in row.iter().enumerate() {
                let width = width(column).unwrap_or(0);
                let _ = if column == 0 {
                    write!(text, "  {cell:<width$}")
                } else {
                    write!(text, "  {cell:>width$}")
                };
            }
            text.push('\n');
        }
        text
    }
}

impl Section {
    /// The section for a terminal.
    pub(crate) fn plain(&self) -> String {
        let mut text = format!("\n== {} ==\n", self.title);
        self.tables.iter().for_each(|table| text += &table.plain());
        if !self.goals.is_empty() {
            text += &goals(&self.goals).plain();
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n{}\n\n", self.title, self.about.trim());
        if !self.goals.is_empty() {
            text += &goals(&self.goals).markdown();
        }
        for chart in &self.charts {
            let _ = write!(text, "![{}](performance/{}.svg)\n\n", chart.title, chart.file);
        }
        self.tables.iter().for_each(|table| text += &table.markdown());
        text
    }
}

fn goals(goals: &[Goal]) -> Table {
    let mut table = Table::new("Targets", &["what", "target", "measured", ""]);
    for Goal { what, target, figure, verdict } in goals {
        table.row([what.clone(), target.clone(), figure.clone(), verdict.word().to_owned()]);
    }
    table
}

/// Writes the page and its charts below `docs`. Sections that were not measured stay as they are there.
pub(crate) fn write(docs: &Path, head: &str, order: &[&str], sections: &[Section]) -> Result<(), Failure> {
    let charts = docs.join("performance");
    let page = docs.join("performance.md");
    std::fs::create_dir_all(&charts)?;
    let earlier = std::fs::read_to_string(&page).unwrap_or_default();
    let mut text = head.to_owned();
    for title in order {
        match sections.iter().find(|section| section.title == *title) {
            Some(section) => text += &section.markdown(),
            None => text += &earlier_section(&earlier, title),
        }
    }
    for chart in sections.iter().flat_map(|section| &section.charts) {
        chart.draw(&charts.join(format!("{}.svg", chart.file)))?;
    }
    Ok(std::fs::write(page, text.trim_end().to_owned() + "\n")?)
}

/// The section of a page with this title, or nothing.
fn earlier_section(page: &str, title: &str) -> String {
    const MARK: &str = "\n## ";
    let found = page.split(MARK).skip(1).find(|section| section.lines().next() == Some(title));
    found.map_or_else(String::new, |section| format!("## {}\n\n", section.trim_end()))
}
