//! Charts as SVG: bars with their spread, and lines over the number of callers.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::measure::{Failure, Spread, short};

#[derive(Debug)]
pub(crate) struct Chart {
    /// The name of its file, without the ending.
    pub(crate) file: String,
    pub(crate) title: String,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// A bar for each name; ours stands out.
    Bars(Vec<(String, Spread)>),
    /// A line for each name, over the callers.
    Lines(Vec<(String, Vec<(usize, Spread)>)>),
}

const WIDTH: i32 = 760;
const LEFT: i32 = 110;
const BAR: i32 = 26;
const INK: RGBColor = RGBColor(60, 60, 60);
const OURS: RGBColor = RGBColor(196, 78, 32);
const OTHERS: RGBColor = RGBColor(120, 144, 168);
const LINES: [RGBColor; 4] = [OURS, OTHERS, RGBColor(90, 150, 90), RGBColor(130, 100, 160)];

impl Chart {
    pub(crate) fn draw(&self, path: &Path) -> Result<(), Failure> {
        match &self.kind {
            Kind::Bars(bars) => self.bars(path, bars),
            Kind::Lines(lines) => self.lines(path, lines),
        }
    }

    fn bars(&self, path: &Path, bars: &[(String, Spread)]) -> Result<(), Failure> {
        let height = 50 + BAR * bars.len() as i32;
        let area = SVGBackend::new(path, (WIDTH as u32, height as u32)).into_drawing_area();
        area.fill(&WHITE)?;
        let text = ("sans-serif", 14).into_font().color(&INK);
        area.draw(&Text::new(self.title.clone(), (10, 10), ("sans-serif", 16).into_font().color(&INK)))?;
        let most = bars.iter().map(|(_, spread)| spread.highest).fold(f64::MIN_POSITIVE, f64::max);
        let to = |figure: f64| LEFT + (f64::from(WIDTH - LEFT - 90) * figure / most) as i32;
        for (row, (name, spread)) in bars.iter().enumerate() {
            let top = 40 + BAR * row as i32;
            let middle = top + BAR / 2 - 3;
            let color = if name == "local" { OURS } else { OTHERS };
            let right = text.clone().pos(Pos::new(HPos::Right, VPos::Center));
            area.draw(&Text::new(name.clone(), (LEFT - 8, middle), right))?;
            area.draw(&Rectangle::new([(LEFT, top), (to(spread.median), top + BAR - 7)], color.filled()))?;
            area.draw(&PathElement::new(
                vec![(to(spread.lowest), middle), (to(spread.highest), middle)],
                INK,
            ))?;
            let left = text.clone().pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(short(spread.median), (to(spread.highest) + 8, middle), left))?;
        }
        Ok(area.present()?)
    }

    fn lines(&self, path: &Path, lines: &[(String, Vec<(usize, Spread)>)]) -> Result<(), Failure> {
        let area = SVGBackend::new(path, (WIDTH as u32, 360)).into_drawing_area();
        area.fill(&WHITE)?;
        let points = || lines.iter().flat_map(|(_, points)| points);
        let most = points().map(|(_, spread)| spread.highest).fold(1.0, f64::max);
        let last = points().map(|(callers, _)| *callers as f64).fold(2.0, f64::max);
        let mut chart = ChartBuilder::on(&area)
            .caption(&self.title, ("sans-serif", 16).into_font().color(&INK))
            .margin(10)
            .x_label_area_size(40)
            .y_label_area_size(80)
            .build_cartesian_2d((1.0..last).log_scale().base(2.0), 0.0..most * 1.05)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(WHITE)
            .x_desc("callers")
            .x_labels(12)
            .x_label_formatter(&|callers| format!("{callers:.0}"))
            .y_label_formatter(&|figure| short(*figure))
            .draw()?;
        for ((name, points), color) in lines.iter().zip(LINES.iter().cycle()) {
            let line = points.iter().map(|(callers, spread)| (*callers as f64, spread.median));
            let series = LineSeries::new(line, color.stroke_width(2)).point_size(3);
            chart
                .draw_series(series)?
                .label(name.clone())
                .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], color.stroke_width(2)));
        }
        chart.configure_series_labels().background_style(WHITE).border_style(INK).draw()?;
        Ok(area.present()?)
    }
}
