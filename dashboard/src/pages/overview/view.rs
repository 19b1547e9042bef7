//! What the reader sees of a morning.

use churn::model::{Interval, RiskTier};
use lake::keys;

use super::before::{AT_RISK, Before};
use super::changes::Changes;
use super::trend::{Point, Trend};
use super::{DAYS, Morning, due};
use crate::chart::{self, LinePoint, Unit, bars, line};
use crate::data::{DataError, ListedAlert, Snapshot, Standing, cells, moment};
use crate::format::{Format, Shown};
use crate::frame::{Card, Cards, Cell, Column, Figure, FigureWidth, Link, Mark, PageId, Row, Sense, TablePart};
use crate::pages::risk::{Columns, tier_bars, tier_value};
use crate::pages::run_line::Line;
use crate::pages::{alerts as told, downloads, drift, gone, known_alerts, names, run_line};
use crate::server::Visit;
use crate::words::Word;

/// The cards.
pub fn cards(visit: &Visit, snapshot: &Snapshot, morning: &Morning) -> Cards {
    let mut cards = of_customers(visit, morning);
    cards.push(of_offers(visit, morning));
    cards.extend(of_model(visit, snapshot, morning));
    cards.extend(of_runs(visit, snapshot, morning));
    Cards { language: visit.language, cards }
}

fn of_customers(visit: &Visit, morning: &Morning) -> Vec<Card> {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let (sums, changes) = (&morning.sums, Changes { visit, morning });
    let tier = |tier: RiskTier, label: Word, help: Word| {
        let count = sums.tier(tier).customers;
        let href = visit.query.to(PageId::Risk.path(), &[("tier", tier_value(tier))]);
        let delta = changes.of_count(count, Sense::Worse, |point, _| point.tier(tier));
        Card::new(say(label), format.count(count)).href(href).help(say(help)).delta(delta)
    };
    let at_risk = AT_RISK.map(|tier| sums.tier(tier));
    let at_risk = at_risk[0].and(at_risk[1]);
    let share = (sums.all.customers > 0).then(|| at_risk.customers as f64 / sums.all.customers as f64);
    let at_risk_href = visit.query.to(PageId::Risk.path(), &[("tier", "critical"), ("tier", "high")]);
    // A change is the difference of what is shown.
    let points = share.map(Format::share_as_shown).and_then(|share| {
        let then = |point: &Point, _: &Before| point.at_risk().map(Format::share_as_shown);
        changes.of(share, Sense::Worse, |change| format.points(change), then)
    });
    let lost = |loss: f64, then: fn(&Point, &Before) -> Option<f64>| {
        changes.of(loss, Sense::Worse, |change| format.eur_signed(change), then)
    };
    let customers = changes.of_count(sums.all.customers, Sense::Neutral, |point, _| point.run.customers());
    let high_and_critical = language.fill(Word::OverviewAtRiskNote, &[("count", &format.count(at_risk.customers))]);
    let unknown = language.fill(Word::RiskUnknownLoss, &[("count", &format.count(sums.unknown_loss))]);
    vec![
        Card::new(say(Word::OverviewCustomers), format.count(sums.all.customers))
            .href(visit.query.to(PageId::Risk.path(), &[]))
            .help(say(Word::OverviewCustomersHelp))
            .delta(customers),
        tier(RiskTier::Critical, Word::RiskCritical, Word::RiskCriticalHelp),
        tier(RiskTier::High, Word::RiskHigh, Word::RiskHighHelp),
        Card::new(
            say(Word::OverviewAtRisk),
            format.or_unknown(share.map(|share| format.percent(share)), say(Word::RiskNobody)),
        )
        .note(high_and_critical)
        .href(at_risk_href.clone())
        .help(say(Word::OverviewAtRiskHelp))
        .delta(points),
        Card::new(say(Word::RiskLossMonth), format.eur(sums.all.loss))
            .note(unknown)
            .href(visit.query.to(PageId::Risk.path(), &[("sort", "-expected_monthly_loss")]))
            .help(say(Word::RiskLossMonthHelp))
            .delta(lost(sums.all.loss, |point, _| point.loss)),
        Card::new(say(Word::OverviewLossAtRisk), format.eur(at_risk.loss))
            .href(at_risk_href)
            .help(say(Word::OverviewLossAtRiskHelp))
            .delta(lost(at_risk.loss, |_, before| before.loss_at_risk)),
    ]
}

fn of_offers(visit: &Visit, morning: &Morning) -> Card {
    let format = visit.format();
    let budget = visit.language.fill(Word::OverviewBudget, &[("budget", &format.eur(morning.due.budget))]);
    let changes = Changes { visit, morning };
    Card::new(visit.language.say(Word::OverviewDue), format.count(morning.due.offers))
        .delta(changes.of_count(morning.due.offers, Sense::Neutral, |_, before| before.offers))
        .note(budget)
        .href(visit.query.to(PageId::Recommendations.path(), &due::filter()))
        .help(visit.language.say(Word::OverviewDueHelp))
}

fn of_model(visit: &Visit, snapshot: &Snapshot, morning: &Morning) -> Vec<Card> {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let summary = morning.evaluation.as_ref().map(|evaluation| &evaluation.summary);
    let href = visit.query.to(PageId::Model.path(), &[("version", snapshot.model_version())]);
    let measure = |(label, help): (Word, Word), measured: Option<Measured>, then: fn(&Before) -> Option<f64>| {
        let value = measured.map(|(value, _)| value);
        let shown = format.or_unknown(value.map(|value| format.score(value)), say(Word::OverviewNoEvaluation));
        let interval = measured.and_then(|(_, interval)| interval);
        let range = interval.map(|interval| format.range(&format.score(interval.low), &format.score(interval.high)));
        let note = range.map(|range| language.fill(Word::OverviewInterval, &[("range", &range)]));
        let delta = value.and_then(|value| Changes { visit, morning }.of_score(value, then));
        Card::new(say(label), shown).noted(note).href(href.clone()).help(say(help)).delta(delta)
    };
    let pr_auc = summary.map(|summary| (summary.metrics.pr_auc, summary.pr_auc_interval));
    let roc_auc = summary.map(|summary| (summary.metrics.roc_auc, summary.roc_auc_interval));
    vec![
        measure((Word::OverviewPrAuc, Word::OverviewPrAucHelp), pr_auc, |before| before.pr_auc),
        measure((Word::OverviewRocAuc, Word::OverviewRocAucHelp), roc_auc, |before| before.roc_auc),
        champion(visit, snapshot),
    ]
}

/// A figure on the holdout with its interval.
type Measured = (f64, Option<Interval>);

fn champion(visit: &Visit, snapshot: &Snapshot) -> Card {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    if snapshot.standing() == Standing::Past {
        return scored_by(visit, snapshot);
    }
    let Some(champion) = snapshot.champion() else {
        let is_torn = snapshot.champion_problem().is_some();
        let why = if is_torn { Word::BannerChampionTorn } else { Word::OverviewNoChampion };
        return Card::new(say(Word::OverviewChampion), format.unknown(say(why)))
            .href(visit.query.to(PageId::Model.path(), &[]))
            .help(say(Word::OverviewChampionHelp));
    };
    let age = moment(&champion.promoted_at).map(|at| format.ago(at, visit.now)).unwrap_or_default();
    let note = match &champion.by_hand {
        Some(by_hand) => language.fill(Word::OverviewChampionByHand, &[("ago", &age), ("by", &by_hand.by)]),
        None => language.fill(Word::OverviewChampionSince, &[("ago", &age)]),
    };
    let short: String = champion.version.chars().take(8).collect();
    Card::new(say(Word::OverviewChampion), Shown::new(short).because(champion.version.as_str()))
        .note(note)
        .href(visit.query.to(PageId::Model.path(), &[("version", &champion.version)]))
        .help(say(Word::OverviewChampionHelp))
}

/// The model of a pinned run: who is champion now is no part of it.
fn scored_by(visit: &Visit, snapshot: &Snapshot) -> Card {
    let version = snapshot.model_version();
    let short: String = version.chars().take(8).collect();
    Card::new(visit.language.say(Word::OverviewScoredBy), Shown::new(short).because(version.as_str()))
        .href(visit.query.to(PageId::Model.path(), &[("version", version)]))
        .help(visit.language.say(Word::OverviewScoredByHelp))
}

/// What belongs to no run says so on a page that is pinned to one.
fn of_now(visit: &Visit, snapshot: &Snapshot, what: &str) -> String {
    match snapshot.standing() {
        Standing::Current => what.to_owned(),
        Standing::Past => visit.language.fill(Word::OverviewOfNow, &[("what", what)]),
    }
}

fn of_runs(visit: &Visit, snapshot: &Snapshot, morning: &Morning) -> Vec<Card> {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let status = visit.query.to(PageId::Status.path(), &[]);
    let last = morning.last.as_ref().map(|run| run.mark(language).text());
    let last_note = morning.last.as_ref().map(|run| took(visit, run)).unwrap_or_default();
    let last_href = morning.last.as_ref().map_or_else(|| status.clone(), |run| run_href(visit, run));
    let (last_label, last_help) = match snapshot.standing() {
        Standing::Current => (Word::OverviewLastRun, Word::OverviewLastRunHelp),
        Standing::Past => (Word::RunFacts, Word::OverviewThisRunHelp),
    };
    let why = |begin: &str, usual: Word| gone::or_torn(visit.torn(), begin, usual);
    let report = snapshot.output("drift").map_or("", |report| report.key.as_str());
    let drift = morning.drift.as_ref().map(|report| Mark::drift(report.verdict.level, language).text());
    let reason = morning.drift.as_ref().map(|report| drift::reason(language, &report.verdict)).unwrap_or_default();
    let completed = morning.counts.known().map(|counts| format.count(counts.completed));
    let days = DAYS.to_string();
    vec![
        Card::new(say(last_label), format.or_unknown(last, say(why(keys::RUN_INDEX, Word::OverviewNoRuns))))
            .note(last_note)
            .href(last_href)
            .help(say(last_help)),
        Card::new(say(Word::OverviewDrift), format.or_unknown(drift, say(why(report, Word::OverviewNoDrift))))
            .note(reason)
            .href(visit.query.to(PageId::Drift.path(), &[]))
            .help(say(Word::OverviewDriftHelp)),
        Card::new(
            of_now(visit, snapshot, &language.fill(Word::OverviewCompleted, &[("days", &days)])),
            format.or_unknown(completed, say(Word::OverviewServerSilent)),
        )
        .href(status)
        .help(say(Word::OverviewCompletedHelp)),
    ]
}

/// When it started and how long it took.
fn took(visit: &Visit, run: &Line) -> String {
    let format = visit.format();
    let started = run.started.map(|started| format.ago(started, visit.now)).unwrap_or_default();
    match run.seconds {
        Some(seconds) => {
            let values = [("ago", started.as_str()), ("seconds", &format.seconds(seconds))];
            visit.language.fill(Word::OverviewTook, &values)
        }
        None => started,
    }
}

fn run_href(visit: &Visit, run: &Line) -> String {
    href_of_run(visit, &run.run_id)
}

fn href_of_run(visit: &Visit, run_id: &str) -> String {
    visit.query.to(&format!("{}/{run_id}", PageId::Status.path()), &[])
}

/// The run that the changes are against, by its name and its time; none where there is none before.
pub fn against(visit: &Visit, morning: &Morning) -> Option<Link> {
    let run = &morning.trend.before()?.run;
    let at = run.ended.or(run.started).map(|at| visit.format().moment(at)).unwrap_or_default();
    let values = [("run", run_line::short(&run.run_id)), ("at", at)];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    Some(Link::new(visit.language.fill(Word::OverviewAgainst, &values), href_of_run(visit, &run.run_id)))
}

/// Customers and loss by tier, and how good the models were.
pub fn figures(visit: &Visit, morning: &Morning) -> Vec<Figure> {
    let (format, language) = (visit.format(), visit.language);
    let tiers = &morning.sums.tiers;
    let customers = tier_bars(language, tiers, Word::RiskTiersTitle, Unit::Count, |group| group.customers as f64);
    let losses = tier_bars(language, tiers, Word::RiskLossesTitle, Unit::Eur, |group| group.loss);
    let limit = morning.floor.map(|floor| (language.say(Word::OverviewFloor).to_owned(), floor));
    let quality = trend(visit, &morning.trend, Word::OverviewPrAucTitle, Unit::Score, limit, |point| point.run.pr_auc);
    let say = |word: Word| language.say(word);
    let all = language.fill(Word::OverviewTiersSub, &[("customers", &format.count(morning.sums.all.customers))]);
    let third = FigureWidth::Third;
    vec![
        Figure::new(language, "tiers", say(Word::RiskTiersTitle), third, |px| bars(&customers, format, px))
            .subtitle(all)
            .downloads(downloads::picture(language, &visit.query, "tiers")),
        Figure::new(language, "losses", say(Word::RiskLossesTitle), third, |px| bars(&losses, format, px))
            .subtitle(say(Word::OverviewLossesSub))
            .downloads(downloads::picture(language, &visit.query, "losses")),
        Figure::new(language, "quality", say(Word::OverviewPrAucTitle), third, |px| line(&quality, format, px))
            .subtitle(say(Word::OverviewPrAucSub))
            .downloads(downloads::picture(language, &visit.query, "quality")),
    ]
}

/// At risk and at stake, run after run.
pub fn trends(visit: &Visit, morning: &Morning) -> Vec<Figure> {
    let (format, language) = (visit.format(), visit.language);
    let at_risk = trend(visit, &morning.trend, Word::OverviewAtRiskTitle, Unit::Percent, None, Point::at_risk);
    let loss = trend(visit, &morning.trend, Word::OverviewLossTitle, Unit::Eur, None, |point| point.loss);
    let half = FigureWidth::Half;
    let say = |word: Word| language.say(word);
    vec![
        Figure::new(language, "at-risk", say(Word::OverviewAtRiskTitle), half, |px| line(&at_risk, format, px))
            .downloads(downloads::picture(language, &visit.query, "at-risk")),
        Figure::new(language, "loss", say(Word::OverviewLossTitle), half, |px| line(&loss, format, px))
            .downloads(downloads::picture(language, &visit.query, "loss")),
    ]
}

fn trend(
    visit: &Visit,
    trend: &Trend,
    title: Word,
    unit: Unit,
    limit: Option<(String, f64)>,
    of: impl Fn(&Point) -> Option<f64>,
) -> chart::Line {
    let (format, language) = (visit.format(), visit.language);
    let promoted = |point: &Point| point.run.promoted.as_ref().map(|_| language.say(Word::OverviewMarker).to_owned());
    let time = |point: &Point| point.run.ended.or(point.run.started);
    let point = |point: &Point| LinePoint {
        at: time(point).map(|at| format.day(Format::day_of(at))).unwrap_or_default(),
        run_id: point.run.run_id.to_string(),
        time: time(point),
        value: of(point),
        event: promoted(point),
    };
    let points: Vec<_> = trend.points.iter().map(point).collect();
    let last = points.iter().rev().find_map(|point| point.value).map(|value| unit.show(format, value));
    let values = [("runs", format.count(points.len() as u64)), ("last", last.unwrap_or_default())];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    chart::Line {
        title: language.say(title).to_owned(),
        description: language.fill(Word::OverviewTrendDescription, &values),
        at_head: language.say(Word::OverviewRun).to_owned(),
        value_head: language.say(title).to_owned(),
        unit,
        points,
        limit,
    }
}

/// Today's calls, by money at stake.
pub fn today(visit: &Visit, morning: &Morning) -> Result<TablePart, DataError> {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let today = &morning.today;
    let known = Columns::of(&today.scores)?;
    let ids = cells::texts(&today.scores, "customer_id")?;
    let actions = cells::texts(&today.recommendations, "action")?;
    let budgets = cells::numbers(&today.recommendations, "max_offer_eur")?;
    let codes = cells::texts(&today.recommendations, "reason_codes")?;
    let sentences = cells::texts(&today.recommendations, "reasons")?;
    let renewals = cells::texts(&today.scores, "renewal_bucket")?;
    let reasons = |row: usize| -> Vec<String> {
        match &today.reasons {
            Some(texts) => {
                let codes = codes[row].unwrap_or_default().split(';');
                codes
                    .filter_map(|code| texts.reasons.get(code))
                    .map(|said| language.sentence(said).to_owned())
                    .collect()
            }
            None => sentences[row].unwrap_or_default().split(" | ").map(str::to_owned).collect(),
        }
    };
    let row = |row: usize| {
        let id = ids[row].unwrap_or_default();
        let loss = known.loss[row].map(|loss| format.eur_cents(loss));
        let action = names::word(language, actions[row].unwrap_or_default());
        let budget = budgets[row].map(|budget| format.eur_cents(budget)).unwrap_or_default();
        let offer = language.fill(Word::OverviewOffer, &[("offer", &action), ("budget", &budget)]);
        let renewal = renewals[row].map(|renewal| names::word(language, renewal));
        Row::from(vec![
            Cell::link(id, visit.customer(id)),
            Cell::number(format.percent(known.probability[row])),
            Cell::mark(Mark::tier(known.tier[row], language)),
            Cell::number(format.or_unknown(loss, say(Word::RiskNoMargin))),
            Cell::text(offer),
            Cell::short(format.or_unknown(renewal, say(Word::OverviewNoRenewal))),
            Cell::list(reasons(row)),
        ])
    };
    let columns = vec![
        Column::text(say(Word::RiskCustomer)),
        Column::number(say(Word::RiskProbability)),
        Column::text(say(Word::RiskTier)),
        Column::number(say(Word::RiskLossMonth)),
        Column::text(say(Word::OverviewOfferHead)),
        Column::text(say(Word::RiskRenewal)),
        Column::text(say(Word::OverviewWhy)),
    ];
    let all = language.fill(Word::OverviewAll, &[("count", &format.count(morning.due.offers))]);
    let href = visit.query.to(PageId::Recommendations.path(), &due::filter());
    Ok(TablePart::new(language, "today", say(Word::OverviewToday), columns)
        .rows((0..ids.len()).map(row))
        .empty(say(Word::OverviewNoOffers))
        .all(Link::new(all, href))
        .downloads(downloads::links(language, &visit.query)))
}

/// The last runs.
pub fn runs(visit: &Visit, snapshot: &Snapshot, morning: &Morning) -> TablePart {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let row = |run: &Line| {
        let started = run.started.map(|started| format.moment(started));
        let seconds = run.seconds.map(|seconds| format.seconds(seconds));
        Row::from(vec![
            Cell::link(format.or_unknown(started, "").text, run_href(visit, run)),
            Cell::short(run.mode_name(language)),
            Cell::number(format.or_unknown(seconds, say(Word::OverviewNotEnded))),
            Cell::mark(run.mark(language)),
        ])
    };
    let columns = vec![
        Column::text(say(Word::OverviewStarted)),
        Column::text(say(Word::OverviewMode)),
        Column::number(say(Word::OverviewDuration)),
        Column::text(say(Word::OverviewOutcome)),
    ];
    let table = TablePart::new(language, "runs", of_now(visit, snapshot, say(Word::OverviewRuns)), columns)
        .rows(morning.runs.iter().map(row))
        .empty(say(gone::or_torn(visit.torn(), keys::RUN_INDEX, Word::OverviewNoRuns)));
    downloads::listed(table, &visit.query, run_line::list(&morning.runs))
}

/// The last alerts: each leads to its run, where that has a page, and operators may say that they know of it.
pub fn alerts(visit: &Visit, snapshot: &Snapshot, morning: &Morning) -> TablePart {
    let language = visit.language;
    let say = |word: Word| language.say(word);
    let columns = vec![
        Column::text(say(Word::OverviewWhen)),
        Column::text(say(Word::OverviewWhat)),
        Column::text(say(Word::RunKnown)),
    ];
    let table = TablePart::new(language, "alerts", of_now(visit, snapshot, say(Word::OverviewAlerts)), columns)
        .rows(morning.alerts.iter().map(|alert| alert_row(visit, morning, alert)))
        .empty(say(gone::or_torn(visit.torn(), keys::ALERTS, Word::OverviewNoAlerts)));
    downloads::listed(table, &visit.query, told::list(&morning.alerts))
}

fn alert_row(visit: &Visit, morning: &Morning, listed: &ListedAlert) -> Row {
    let (format, language, alert) = (visit.format(), visit.language, &listed.alert);
    let run = &alert.alert.run;
    let at = alert.at.as_deref().or(Some(&run.started)).and_then(moment).map(|at| format.moment(at));
    let when = match at {
        Some(at) if morning.on_record.contains(&run.run_id) => Cell::link(at, href_of_run(visit, &run.run_id)),
        at => Cell::short(format.or_unknown(at, language.say(Word::OverviewNoTime))),
    };
    Row::from(vec![when, Cell::said(told::subject(language, &alert.alert.subject)), known_alerts::cell(visit, listed)])
}
