//! Trace views: ink that stands in `definitions` and is shown elsewhere, in whole or in part.
//!
//! A trace in `definitions` is ink where a view shows it. A view of ink that was read already shows
//! it again, and is counted. References of views may go forwards: what does not stand before is
//! looked for once more at the file's end.

use std::borrow::Cow;

use super::definitions::Context;
use super::document::Document;
use super::error::{Error, Fault};
use super::scan::Tag;
use super::{DEPTH_MAX, TRACES_MAX};

/// What a view can show.
#[derive(Clone, Debug)]
pub(super) enum Item<'a> {
    /// Ink that was read where it stands.
    Read,
    Trace(Box<DefinedTrace<'a>>),
    /// Places of its traces and groups, in order.
    Group(Vec<usize>),
    /// A view of an item, or of nothing that is known.
    View(View<'a>),
}

/// A trace whose points are read when it is shown.
#[derive(Clone, Debug)]
pub(super) struct DefinedTrace<'a> {
    pub(super) tag: Tag<'a>,
    context: Context,
    text: Cow<'a, str>,
    /// Where the text begins in the file.
    begins: usize,
    pub(super) shown: bool,
}

/// A reference to an item, or to a part of it.
#[derive(Clone, Debug)]
pub(super) struct View<'a> {
    tag: Tag<'a>,
    context: Context,
    part: Part,
}

/// A range of children, of their children and so on down to points; each level counts from 1. An
/// empty list means from the beginning, or to the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Part {
    from: Vec<usize>,
    to: Vec<usize>,
}

/// What refers to something that did not stand before it.
#[derive(Debug)]
pub(super) enum Later<'a> {
    Trace { tag: Tag<'a>, inherited: Context, text: Cow<'a, str>, begins: usize },
    View(View<'a>),
}

impl<'a> Document<'a> {
    /// Reads a trace, group or view in `definitions`; its place among the items.
    pub(super) fn define_item(
        &mut self,
        tag: &Tag<'a>,
        inherited: Context,
    ) -> Result<usize, Error> {
        let item = match tag.name {
            "trace" => {
                let context = self.context_of(tag, inherited)?;
                let (text, begins) = self.trace_text(tag)?;
                let tag = tag.clone();
                Item::Trace(Box::new(DefinedTrace { tag, context, text, begins, shown: false }))
            }
            "traceView" if tag.get("traceDataRef").is_some() => {
                self.scanner.skip()?;
                match self.view(tag, inherited)? {
                    Some(view) => Item::View(view),
                    None => Item::Group(Vec::new()),
                }
            }
            _ => {
                let context = self.context_of(tag, inherited)?;
                let mut children = Vec::new();
                while let Some(child) = self.child()? {
                    match child.name {
                        "trace" | "traceGroup" | "traceView" => {
                            children.push(self.define_item(&child, context)?);
                        }
                        _ => self.pass_over(&child)?,
                    }
                }
                Item::Group(children)
            }
        };
        self.identify(tag, item)
    }

    /// Takes note of an item, under its id if it has one; its place.
    ///
    /// # Errors
    /// Where there were too many.
    pub(super) fn identify(&mut self, tag: &Tag<'a>, item: Item<'a>) -> Result<usize, Error> {
        let id = tag.get("xml:id").or(tag.get("id"));
        if id.is_none() && matches!(item, Item::Read) {
            return Ok(usize::MAX);
        }
        if self.items.len() == TRACES_MAX {
            return Err(self.error(tag, Fault::TooManyTraces));
        }
        let place = self.items.len();
        self.items.push(item);
        if let Some(id) = id {
            self.ids.entry(id.to_owned()).or_insert(place);
        }
        Ok(place)
    }

    /// A view outside `definitions`: of an item, or of the views in it.
    pub(super) fn trace_view(&mut self, tag: &Tag<'a>, inherited: Context) -> Result<(), Error> {
        if tag.get("traceDataRef").is_some() {
            self.scanner.skip()?;
            let Some(view) = self.view(tag, inherited)? else { return Ok(()) };
            self.identify(tag, Item::View(view.clone()))?;
            return match self.target(tag) {
                Some(_) => self.show_view(&view, Context::default(), &Part::default(), 0),
                None => {
                    self.later.push(Later::View(view));
                    Ok(())
                }
            };
        }
        let context = self.context_of(tag, inherited)?;
        self.identify(tag, Item::Read)?;
        while let Some(child) = self.child()? {
            match child.name {
                "traceView" => self.trace_view(&child, context)?,
                _ => self.pass_over(&child)?,
            }
        }
        Ok(())
    }

    /// Shows what had to wait for the file's end.
    pub(super) fn show_later(&mut self) -> Result<(), Error> {
        for later in std::mem::take(&mut self.later) {
            match later {
                Later::Trace { tag, inherited, text, begins } => {
                    let errors = self.reading.errors.len();
                    let context = self.context_of(&tag, inherited)?;
                    if self.reading.errors.len() == errors {
                        self.put(&tag, context, &text, begins, None, (1, usize::MAX))?;
                    }
                }
                Later::View(view) => {
                    self.show_view(&view, Context::default(), &Part::default(), 0)?;
                }
            }
        }
        Ok(())
    }

    /// What a view's attributes say; `None` where they say nothing sound, which is reported.
    fn view(&mut self, tag: &Tag<'a>, inherited: Context) -> Result<Option<View<'a>>, Error> {
        let context = self.context_of(tag, inherited)?;
        let from = self.indices(tag, "from")?;
        let to = self.indices(tag, "to")?;
        let view = |(from, to)| View { tag: tag.clone(), context, part: Part { from, to } };
        Ok(from.zip(to).map(view))
    }

    fn indices(&mut self, tag: &Tag<'a>, name: &'static str) -> Result<Option<Vec<usize>>, Error> {
        let Some(value) = tag.get(name) else { return Ok(Some(Vec::new())) };
        let index = |text: &str| text.trim().parse().ok().filter(|index| *index > 0);
        let indices: Option<Vec<usize>> = value.split(':').map(index).collect();
        self.parsed(tag, name, "numbers from 1 with colons between them", indices)
    }

    fn target(&self, tag: &Tag<'a>) -> Option<usize> {
        let named = tag.get("traceDataRef")?;
        self.ids.get(named.strip_prefix('#').unwrap_or(named)).copied()
    }

    fn show_view(
        &mut self,
        view: &View<'a>,
        inherited: Context,
        part: &Part,
        depth: usize,
    ) -> Result<(), Error> {
        let View { tag, context, part: own } = view;
        let Some(place) = self.target(tag) else {
            let value = tag.get("traceDataRef").unwrap_or_default().chars().take(64).collect();
            return self.report(tag, Fault::Reference { name: "traceDataRef", value });
        };
        // A part of a part is rare: the view's own part is shown.
        let part = if *own == Part::default() { part } else { own };
        self.show(tag, place, context.over(inherited), part, depth)
    }

    /// Shows a part of an item, as `tag` asks.
    fn show(
        &mut self,
        tag: &Tag<'a>,
        place: usize,
        context: Context,
        part: &Part,
        depth: usize,
    ) -> Result<(), Error> {
        self.visits += 1;
        if self.visits > TRACES_MAX {
            return Err(self.error(tag, Fault::TooManyTraces));
        }
        if depth == DEPTH_MAX {
            return self.report(tag, Fault::ViewsTooDeep);
        }
        let range =
            |indices: &[usize], otherwise: usize| indices.first().copied().unwrap_or(otherwise);
        match &self.items[place] {
            Item::Read => self.reading.passed_over.trace_views += 1,
            Item::View(view) => {
                let view = view.clone();
                self.show_view(&view, context, part, depth + 1)?;
            }
            Item::Group(children) => {
                let children = children.clone();
                let (first, last) = (range(&part.from, 1), range(&part.to, children.len()));
                for (index, child) in children.into_iter().enumerate() {
                    let number = index + 1;
                    if !(first..=last).contains(&number) {
                        continue;
                    }
                    let rest = |indices: &[usize], at_edge: bool| {
                        indices.get(1..).filter(|_| at_edge).unwrap_or_default().to_vec()
                    };
                    let from = rest(&part.from, number == first);
                    let to = rest(&part.to, number == last);
                    self.show(tag, child, context, &Part { from, to }, depth + 1)?;
                }
            }
            Item::Trace(_) => {
                let points = (range(&part.from, 1), range(&part.to, usize::MAX));
                if !self.shown.insert((place, points.0, points.1)) {
                    self.reading.passed_over.trace_views += 1;
                    return Ok(());
                }
                let Item::Trace(trace) = &mut self.items[place] else { return Ok(()) };
                trace.shown = true;
                let DefinedTrace { tag, context: own, text, begins, .. } = (**trace).clone();
                self.put(&tag, own.over(context), &text, begins, None, points)?;
            }
        }
        Ok(())
    }
}
