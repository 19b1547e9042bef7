//! The pages of access that say no, and what to do: small, without a frame, since nobody may be signed in.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{ALLOW, HeaderValue, RETRY_AFTER};
use axum::response::{Html, IntoResponse, Response};

use super::limits::ANSWER_WITHIN;
use super::oidc::OidcProblem;
use super::request_id::RequestId;
use crate::assets;
use crate::redirect::see_other;
use crate::words::{Language, Word};

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The host of the request is none of ours.
    OtherHost,
    /// Neither a question nor a form.
    OtherMethod,
    /// Nobody is signed in: sign in, then go on.
    SignIn {
        /// Where to.
        next: String,
    },
    /// Nobody is signed in any more, and a form was sent.
    SignInAgain,
    /// A viewer asked for what operators do.
    ForOperators,
    /// The load balancer does not vouch for the person.
    NotVouchedFor,
    /// The load balancer's key cannot be had.
    NoKey,
    /// The person is in no group that may come in.
    NoMember,
    /// A form that our page did not send, or that is older than the session.
    NotOurForm,
    /// A body that is no form.
    NoForm,
    /// A body that is too large.
    TooLarge,
    /// It took too long.
    TooSlow,
    /// A bug of ours.
    Panicked,
}

impl Reason {
    /// What a person learns of a problem; the log has the rest.
    pub fn of(problem: &OidcProblem) -> Self {
        match problem {
            OidcProblem::NoMember => Self::NoMember,
            OidcProblem::NoKey { .. } => Self::NoKey,
            _ => Self::NotVouchedFor,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::OtherHost => StatusCode::MISDIRECTED_REQUEST,
            Self::OtherMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignIn { .. } => StatusCode::SEE_OTHER,
            Self::SignInAgain | Self::ForOperators | Self::NotVouchedFor | Self::NoMember | Self::NotOurForm => {
                StatusCode::FORBIDDEN
            }
            Self::NoForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow | Self::NoKey => StatusCode::SERVICE_UNAVAILABLE,
            Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The heading, and what to do.
    fn words(&self) -> (Word, Word) {
        match self {
            Self::OtherHost => (Word::AccessOtherHostTitle, Word::AccessOtherHostText),
            Self::OtherMethod | Self::NoForm => (Word::AccessNoFormTitle, Word::AccessNoFormText),
            Self::SignIn { .. } | Self::SignInAgain => (Word::AccessSignInAgainTitle, Word::AccessSignInAgainText),
            Self::ForOperators => (Word::AccessForOperatorsTitle, Word::AccessForOperatorsText),
            Self::NotVouchedFor => (Word::AccessNotVouchedTitle, Word::AccessNotVouchedText),
            Self::NoKey => (Word::AccessNoKeyTitle, Word::AccessNoKeyText),
            Self::NoMember => (Word::AccessNoMemberTitle, Word::AccessNoMemberText),
            Self::NotOurForm => (Word::AccessNotOurFormTitle, Word::AccessNotOurFormText),
            Self::TooLarge => (Word::AccessTooLargeTitle, Word::AccessTooLargeText),
            Self::TooSlow => (Word::AccessTooSlowTitle, Word::AccessTooSlowText),
            Self::Panicked => (Word::AccessPanickedTitle, Word::AccessPanickedText),
        }
    }
}

/// A page that says no.
#[derive(Debug)]
pub struct Notice<'a> {
    reason: Reason,
    language: Language,
    id: &'a RequestId,
}

#[derive(Template)]
#[template(path = "access/notice.html")]
struct Page<'a> {
    lang: &'static str,
    style: &'static str,
    title: &'static str,
    text: &'static str,
    request: &'static str,
    id: &'a str,
    home: &'static str,
}

impl<'a> Notice<'a> {
    /// The page of a reason.
    pub fn new(reason: Reason, language: Language, id: &'a RequestId) -> Self {
        Self { reason, language, id }
    }

    /// As an answer.
    pub fn response(&self) -> Response {
        if let Reason::SignIn { next } = &self.reason {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
            return see_other(&format!("/login?{query}"));
        }
        let mut response = (self.reason.status(), self.html()).into_response();
        match self.reason {
            Reason::TooSlow | Reason::NoKey => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(ANSWER_WITHIN.as_secs()));
            }
            Reason::OtherMethod => {
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
            }
            _ => {}
        }
        response
    }

    fn html(&self) -> Html<String> {
        let (title, text) = self.reason.words();
        let say = |word| self.language.say(word);
        let page = Page {
            lang: self.language.lang(),
            style: assets::style().path(),
            title: say(title),
            text: say(text),
            request: say(Word::AccessRequest),
            id: self.id.as_str(),
            home: say(Word::AccessHome),
        };
        // A template that only places texts does not fail; without it, the title alone says what is wrong.
        Html(page.render().unwrap_or_else(|_| say(title).to_owned()))
    }
}
