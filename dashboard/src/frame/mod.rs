//! What all pages have in common: the frame around the content, and the parts that pages are made of.
//!
//! A page is a struct with a field `frame: Frame`, whose template begins with `{% extends "base.html" %}` and fills the
//! block `content`. A template only places what is ready: every text, number and address is made before, in Rust, by
//! [`Language`], [`crate::format::Format`] and the query; parts render themselves (`{{ cards|safe }}`).

mod banner;
mod card;
mod figure;
mod link;
mod mark;
mod page;
mod pager;
mod provenance;
mod table;
mod theme;

pub use banner::{Banner, BannerLevel};
pub use card::{Card, Cards, Delta, Sense};
pub use figure::{Figure, FigureWidth};
pub use link::{Link, with_key};
pub use mark::{Mark, RunState};
pub use page::{NavItem, PageId};
pub use pager::{Pager, Position, Size};
pub use provenance::{Provenance, Standing};
pub use table::{Align, Cell, Column, Row, Sorting, TablePart};
pub use theme::Theme;

use crate::assets;
use crate::query::{LANG, THEME};
use crate::words::{Language, Word};

/// The frame of one page for one reader.
#[derive(Debug, Clone)]
pub struct Frame {
    /// What the reader reads.
    pub language: Language,
    /// Light or dark.
    pub theme: Theme,
    /// The page that is marked in the navigation; none on pages of errors.
    pub page: Option<PageId>,
    /// The heading, and the beginning of the window's title.
    pub title: String,
    /// The path and the query of this view, without language and theme: both are kept in cookies, too.
    pub here: String,
    /// The run that all pages are pinned to, if it is not the published one.
    pub pin: Option<String>,
    /// Where the numbers come from; none where there are none.
    pub provenance: Option<Provenance>,
    /// What is wrong, in any order.
    pub banners: Vec<Banner>,
    /// Who is signed in; nobody on a loopback address.
    pub person: Option<SignedIn>,
    /// Seconds after which the page's script looks again, for what is at work: it replaces what is inside the elements
    /// that have an `id` and `data-live`.
    pub refresh_secs: Option<u32>,
    /// The program's version, for the footer.
    pub version: String,
    /// The digest of the data, shortened, for the footer.
    pub data: Option<String>,
}

/// Who is signed in, and what signing out needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The name of the token or of the load balancer's user.
    pub name: String,
    /// The token that every form sends.
    pub csrf: String,
}

impl Frame {
    /// A text of the frame.
    pub fn say(&self, word: Word) -> &'static str {
        self.language.say(word)
    }

    /// The pages, with the pinned run in every address.
    pub fn nav(&self) -> Vec<NavItem> {
        PageId::ALL.map(|page| page.item(self.language, self.pin.as_deref(), self.page == Some(page))).into()
    }

    /// The banners, the worst first.
    pub fn worst_first(&self) -> Vec<&Banner> {
        let mut banners: Vec<&Banner> = self.banners.iter().collect();
        banners.sort_by_key(|banner| banner.level);
        banners
    }

    /// This view in the other language.
    pub fn other_language(&self) -> Link {
        let other = self.language.other();
        Link::new(other.own_name(), with_key(&self.here, LANG, other.lang()))
    }

    /// This view in each theme, and whether it is the one of now.
    pub fn themes(&self) -> Vec<(Link, Theme, bool)> {
        let link = |theme: Theme| Link::new(theme.word(self.language), with_key(&self.here, THEME, theme.name()));
        Theme::ALL.map(|theme| (link(theme), theme, theme == self.theme)).into()
    }

    /// The current results, where the page is pinned to a past run.
    pub fn unpinned(&self) -> Option<&'static str> {
        self.pin.is_some().then(|| self.page.unwrap_or(PageId::Overview).path())
    }

    /// The address of the style sheet.
    pub fn style(&self) -> &'static str {
        assets::style().path()
    }

    /// The address of the script.
    pub fn script(&self) -> &'static str {
        assets::script().path()
    }

    /// The address of the icon.
    pub fn icon(&self) -> &'static str {
        assets::icon().path()
    }
}

#[cfg(test)]
mod tests;
