//! The one place where what went wrong becomes an answer: status, code, sentence.
//!
//! Everything inward speaks in `Rejection` and `Fault`; everything outward is made here, as JSON or
//! as a page. It must not know any route.

use axum::{
    body::Body,
    http::{Response, StatusCode, header},
};
use serde_json::json;

use crate::{
    limits,
    locale::Locale,
    ports::{CommitFault, Fault},
};

mod said;

pub(crate) use said::slug;

/// What went wrong, as the caller will see it; the detail is for the log alone.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable code.
    pub code: &'static str,
    /// What it is about: products, fields, the right price.
    pub subject: Vec<String>,
    /// For the log.
    pub detail: String,
}

impl Problem {
    /// Makes a problem without a subject.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, subject: Vec::new(), detail: String::new() }
    }

    /// The address leads nowhere.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// The host cannot answer now.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable");
        Self { detail: detail.into(), ..problem }
    }

    /// A mistake of ours.
    #[must_use]
    pub fn internal(detail: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal");
        Self { detail: detail.into(), ..problem }
    }

    /// A field of the request is missing, malformed or out of range.
    #[must_use]
    pub fn invalid_field(field: &str) -> Self {
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field");
        Self { subject: vec![field.to_owned()], ..problem }
    }

    /// Gives a page that shows the problem its status, and says when to try again.
    pub fn mark(&self, response: &mut Response<Body>) {
        *response.status_mut() = self.status;
        let told = self.subject.first().and_then(|text| text.parse::<u64>().ok());
        let seconds = match self.status {
            StatusCode::TOO_MANY_REQUESTS => told,
            StatusCode::SERVICE_UNAVAILABLE => told.or(Some(limits::UNAVAILABLE_S)),
            _ => None,
        };
        if let Some(seconds) = seconds {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
    }

    /// Answers a program.
    #[must_use]
    pub fn json(&self, locale: Locale) -> Response<Body> {
        let body = json!({"error": {
            "code": self.code,
            "message": self.sentence(locale),
            "subject": self.subject,
        }});
        let mut response = respond(self.status, "application/json", body.to_string());
        self.mark(&mut response);
        response
    }
}

/// Makes an answer that no cache keeps.
#[must_use]
pub fn respond(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

impl From<domain::Rejection> for Problem {
    fn from(rejection: domain::Rejection) -> Self {
        use domain::{Rejection as R, venue::capacity};
        let status = match &rejection {
            R::SoldOut(_)
            | R::OnlyLeft(_)
            | R::StockOnSite
            | R::NotServedNow(_)
            | R::VenueClosed
            | R::PriceChanged { .. }
            | R::DeliveryOff
            | R::PromotionNotNow(_)
            | R::OrderConflict(_)
            | R::NotPayable
            | R::PointsOff
            | R::PointsElsewhere
            | R::PointsLent
            | R::PointsMissing(_)
            | R::NotPaid
            | R::NotReady
            | R::NotRecallable
            | R::NotHadYet
            | R::InvoiceElsewhere
            | R::NoDelivery
            | R::WithCourier
            | R::NotOnItsWay
            | R::NotInKitchen
            | R::OrderCancelled
            | R::Web(_)
            | R::Time(capacity::Rejection::Closed(_) | capacity::Rejection::Full(_))
            | R::AlreadyCollected { .. }
            | R::NothingToClose
            | R::ReportAltered
            | R::NotCancellable
            | R::RefundTooMuch(_)
            | R::RefundChanged(_)
            | R::LastOwner
            | R::OwnLastRight
            | R::ReplicaStays
            | R::TooManyDevices
            | R::TableExists(_)
            | R::TooManyTables
            | R::NoTableWanted => StatusCode::CONFLICT,
            R::UnknownTable(_) => StatusCode::NOT_FOUND,
            R::DeliveryNeedsAccount | R::OnlyOwners | R::DeviceBlocked | R::DeviceRetired => {
                StatusCode::FORBIDDEN
            }
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let subject = rejection.subject();
        Self { status, code: rejection.code(), subject, detail: rejection.to_string() }
    }
}

impl From<domain::trust::Rejection> for Problem {
    fn from(rejection: domain::trust::Rejection) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, rejection.code())
    }
}

impl From<sync_engine::Rejection> for Problem {
    fn from(rejection: sync_engine::Rejection) -> Self {
        use sync_engine::Rejection as R;
        let status = match rejection {
            R::SignatureInvalid | R::RequestStale => StatusCode::UNAUTHORIZED,
            R::WrongVenue => StatusCode::FORBIDDEN,
            R::UnknownLease => StatusCode::NOT_FOUND,
            R::SeqGap
            | R::RebaseRequired
            | R::LeaseNotHeld
            | R::LeaseOver
            | R::LeaseExhausted
            | R::RightExhausted
            | R::SpendConflict => StatusCode::CONFLICT,
            R::LeasesWait => StatusCode::SERVICE_UNAVAILABLE,
            R::BatchTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            R::UnsupportedProtocol | R::InvalidField(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let subject = match rejection {
            R::InvalidField(field) => vec![field.to_owned()],
            _ => Vec::new(),
        };
        Self { status, code: rejection.code(), subject, detail: rejection.to_string() }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        if fault.retryable { Self::unavailable(fault.detail) } else { Self::internal(fault.detail) }
    }
}

impl From<CommitFault> for Problem {
    fn from(fault: CommitFault) -> Self {
        match fault {
            CommitFault::Fault(fault) => fault.into(),
            CommitFault::Conflict => Self::unavailable("a write lost every race"),
        }
    }
}
