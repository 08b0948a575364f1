//! Owns what every page shows: one file per page, a template over display-ready data.
//! It must not know requests, rows or business rules; handlers fill these structs.

mod account;
mod audit;
mod card;
mod catalogue;
mod close;
mod counter;
mod counter_order;
mod deliveries;
mod devices;
mod floor;
mod history;
mod kitchen;
mod login;
mod loyalty;
mod mark;
mod menu;
mod notice;
mod opening;
mod order;
mod outbox;
mod own_orders;
mod people;
mod platform;
mod printers;
mod problem;
mod register;
mod scan;
mod shell;
mod staff;
mod stock;
mod styleguide;
mod sums;
mod sync_status;
mod terms;
mod ticket;
mod web_orders;
mod welcome;

pub use account::{AccountView, FactorView, PasswordView, SessionLine};
pub use audit::{ActChoice, AuditCheckView, AuditLine, AuditView, LifeView};
pub use card::{CardLine, CardView, MemberFound, MembersView};
pub use catalogue::{
    ArticleForm, ArticleLine, ArticleView, CatalogueView, KitchenForm, PriceLine, ShelfView,
    SideView, StationForm, StationOf, TextField, Tick, TornLine, VersionLine,
};
pub use close::{CloseView, RateSum, ReportView, SumLine, SumsView};
pub use counter::{CounterBoard, CounterView, ExceptionView};
pub use counter_order::{CounterOrderView, PiecesView, ToldView};
pub use deliveries::{DeliveriesBoard, DeliveriesView, DeliveryView, RideView};
pub use devices::{
    CodeShown, DeviceLine, DeviceView, DevicesView, EnrolView, KindChoice, StationLine,
};
pub use floor::{FloorBoard, FloorView, PastView, TableNote, TablePage, TileView};
pub use history::{Bar, Chart, Choice, HistoryLine, HistoryView, SalesView};
pub use kitchen::{
    ItemView, KitchenBoard, KitchenTicket, KitchenView, ReadyBoard, ReadyView, SwitchView,
};
pub use login::{
    CodeView, Colleague, DemoKey, LeadView, LoginView, ProviderLink, SwitchStationView,
};
pub use loyalty::{PointsLine, PointsNote, PointsView};
pub use menu::{
    AtKiosk, CategoryData, CategoryView, ChoiceData, GroupData, IngredientData, MarkData, MenuData,
    MenuShown, MenuView, PartData, ProductData, ProductView, SlotData, card_price,
};
pub use notice::{NoticeEditView, NoticeView, NoticeWords};
pub use opening::{
    AsleepView, DayLine, DayTick, HoursView, OfflineView, OpeningView, PartForm, SlideView,
    WindowForm,
};
pub use order::{OrderView, ReceiptNote, Safe, WayView};
pub use outbox::{DemoMailView, DemoMailsView, MailView, OutboxView};
pub use own_orders::{
    AddressLine, AddressesView, InvoiceView, OwnOrder, OwnOrdersView, RatingLine, RatingsView,
};
pub use people::{PeopleView, PersonLine, PersonView, RoleChoice, SetupView};
pub use platform::{ModuleChoice, PlatformView, RecoverView, VenueLine};
pub use printers::{PrinterForm, PrintersView};
pub use problem::ProblemView;
pub use register::{ConfirmView, EmailView, ForgotView, RegisterView};
pub use scan::{ScanLine, ScanView};
pub use shell::{Shell, Surface};
pub use staff::{Door, LinkState, StaffView};
pub use stock::{StockLine, StockShelf, StockView};
pub use styleguide::StyleguideView;
pub use sums::{ContactView, DiscountLine, Sums, VatLine, percent};
pub use sync_status::{AsideView, LagView, Notice, PeerView, SyncRetireView, SyncStatusView};
pub use terms::{
    DeliveryForm, MapForm, PointsForm, PromotionLine, RateLine, TermsView, ValueChoice,
};
pub use ticket::{LineView, Mode, State, TicketView};
pub use web_orders::{WaitingView, WebOrdersView};
pub use welcome::{KioskCardView, WelcomeView};

#[cfg(test)]
mod tests;
