//! Which route answers which address, and what lies before it.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

use crate::middleware::{error, gate, meter, security, session};
use crate::state::Web;
use crate::{assets, routes};

/// Gives a router its routes, and their names to the test that says who may use which.
macro_rules! routes {
    ($(#[$doc:meta])* $router:ident, $names:ident: $($method:ident $path:literal => $handler:expr,)+) => {
        $(#[$doc])*
        fn $router() -> Router<Web> {
            Router::new()$(.route($path, $method($handler)))+
        }

        $(#[$doc])*
        #[cfg(test)]
        pub(crate) const $names: &[(&str, &str)] = &[$((stringify!($method), $path)),+];
    };
}

routes! {
    /// For everybody.
    open, OPEN:
    get "/login" => routes::login::show,
    post "/login" => routes::login::log_in,
    get "/login/code" => routes::login::code::show,
    post "/login/code" => routes::login::code::enter,
    get "/link/{token}" => routes::link::show,
    post "/link/{token}" => routes::link::enter,
    get "/setup/{token}" => routes::setup::show,
    post "/setup/{token}" => routes::setup::begin,
    get "/p/{token}" => routes::parent::show,
    post "/p/{token}" => routes::parent::open,
    get "/p/{token}/sheet/{page}" => routes::parent::sheet,
    post "/locale" => routes::account::set_locale,
}

routes! {
    /// For who is logged in. Each takes the scope of who asks.
    guarded, GUARDED:
    get "/" => routes::classes::all,
    get "/c/{class}" => routes::classes::one,
    get "/c/{class}/ink" => routes::nobodys::show,
    post "/c/{class}/ink" => routes::nobodys::give::give,
    post "/c/{class}/ink/undo" => routes::nobodys::give::undo,
    get "/c/{class}/results.xlsx" => routes::exports::term,
    get "/c/{class}/notebook.pdf" => routes::exports::class_notebook,
    get "/c/{class}/notebooks.pdf" => routes::exports::notebooks,
    get "/a/{assignment}" => routes::assignment::show,
    post "/a/{assignment}/collect" => routes::act::collect,
    post "/a/{assignment}/give-back" => routes::act::give_all_back,
    get "/a/{assignment}/decide" => routes::decide::show,
    post "/a/{assignment}/decide" => routes::act::decide,
    post "/a/{assignment}/undo" => routes::act::undo,
    get "/a/{assignment}/results.xlsx" => routes::exports::results_xlsx,
    get "/a/{assignment}/results.csv" => routes::exports::results_csv,
    get "/a/{assignment}/pages.pdf" => routes::exports::pages,
    get "/a/{assignment}/{pupil}/pages.pdf" => routes::exports::pages_of,
    get "/a/{assignment}/q/{question}" => routes::question::show,
    get "/a/{assignment}/q/{question}/key" => routes::keys::look,
    post "/a/{assignment}/q/{question}/key" => routes::keys::correct,
    get "/a/{assignment}/{pupil}/{page}" => routes::paper::show,
    post "/a/{assignment}/{pupil}/{page}/hand-in" => routes::act::hand_in,
    post "/a/{assignment}/{pupil}/{page}/give-back" => routes::act::give_back,
    get "/school/{school}" => routes::school::show,
    post "/a/{assignment}/due" => routes::sheets::give::due,
    post "/a/{assignment}/withdraw" => routes::sheets::give::withdraw,
    get "/school/{school}/worksheets" => routes::sheets::show,
    get "/school/{school}/worksheets/new" => routes::sheets::text::show,
    post "/school/{school}/worksheets/new" => routes::sheets::text::write,
    get "/school/{school}/sheet/{worksheet}/{version}" => routes::sheets::one::show,
    get "/school/{school}/sheet/{worksheet}/{version}/page/{page}" => routes::sheets::one::page,
    get "/school/{school}/sheet/{worksheet}/{version}/text" => routes::sheets::one::text,
    get "/school/{school}/sheet/{worksheet}/{version}/folder" => routes::sheets::one::archive,
    post "/school/{school}/sheet/{worksheet}/{version}/print" => routes::sheets::print::print,
    get "/school/{school}/run/{run}" => routes::sheets::print::download,
    post "/school/{school}/run/{run}/give" => routes::sheets::give::give,
    get "/school/{school}/pens" => routes::pens::show,
    post "/school/{school}/pens/add" => routes::pens::act::add,
    post "/school/{school}/pens/lend-set" => routes::pens::act::lend_set,
    post "/school/{school}/pens/lend" => routes::pens::act::lend,
    post "/school/{school}/pens/return" => routes::pens::act::give_back,
    post "/school/{school}/pens/swap" => routes::pens::act::swap,
    post "/school/{school}/pens/lost" => routes::pens::act::lost,
    post "/school/{school}/pens/found" => routes::pens::act::found,
    post "/school/{school}/pens/undo" => routes::pens::act::undo,
    get "/school/{school}/gateways" => routes::gateways::show,
    get "/school/{school}/people" => routes::people::show,
    post "/school/{school}/people" => routes::people::add,
    get "/school/{school}/people/roster" => routes::people::roster::show,
    post "/school/{school}/people/roster" => routes::people::roster::look,
    post "/school/{school}/people/roster/apply" => routes::people::roster::apply,
    post "/school/{school}/people/invite" => routes::people::act::invite,
    post "/school/{school}/people/reset" => routes::people::act::reset,
    post "/school/{school}/people/disable" => routes::people::act::disable,
    post "/school/{school}/people/enable" => routes::people::act::enable,
    post "/school/{school}/people/give-role" => routes::people::act::give_role,
    post "/school/{school}/people/end-role" => routes::people::act::end_role,
    post "/school/{school}/people/demand" => routes::people::act::demand,
    post "/school/{school}/people/reset-codes" => routes::people::act::reset_codes,
    get "/school/{school}/class/{class}" => routes::people::roll,
    get "/pupil/{pupil}/notebook.pdf" => routes::exports::notebook,
    post "/a/{assignment}/{pupil}/{page}/pens" => routes::hands::correct,
    post "/a/{assignment}/{pupil}/{page}/pens/undo" => routes::hands::undo,
    get "/a/{assignment}/parents" => routes::parents::show,
    post "/a/{assignment}/parents" => routes::parents::make,
    post "/a/{assignment}/parents/revoke" => routes::parents::revoke,
    get "/a/{assignment}/parents/{pupil}" => routes::parents::preview,
    get "/pupil/{pupil}" => routes::pupil::show,
    get "/artwork/{worksheet}/{version}/{page}" => routes::artwork::show,
    get "/school/{school}/worksheets/pdf" => routes::drawings::list,
    post "/school/{school}/worksheets/pdf" => routes::drawings::upload::upload,
    get "/school/{school}/worksheets/pdf/{drawing}" => routes::drawings::one,
    post "/school/{school}/worksheets/pdf/{drawing}" => routes::drawings::save::save,
    get "/school/{school}/worksheets/pdf/{drawing}/{page}" => routes::drawings::artwork,
    get "/events" => routes::events::show,
    get "/password" => routes::account::show,
    post "/password" => routes::account::set_password,
    get "/account/codes" => routes::codes::show,
    post "/account/codes/begin" => routes::codes::begin,
    post "/account/codes/confirm" => routes::codes::confirm,
    post "/account/codes/off" => routes::codes::off,
    post "/logout" => routes::account::log_out,
}

routes! {
    /// For programs: without a session, and without a page around an error.
    watched, WATCHED:
    get "/livez" => routes::health::live,
    get "/readyz" => routes::health::ready,
}

routes! {
    /// Style and scripts are nobody's secret, and the gate's own pages need them.
    assets, ASSETS:
    get "/assets/{build}/{file}" => assets::show,
}

/// Every route of the view. Serve it with connect info (`SocketAddr`), so that logins are limited
/// by address.
pub fn router(web: Web) -> Router {
    let guarded = guarded().fallback(error::nothing_here).layer(from_fn(session::need_session));
    open()
        .merge(guarded)
        .layer(from_fn_with_state(web.clone(), session::with_session))
        .merge(watched())
        .layer(from_fn_with_state(web.clone(), security::same_site))
        .layer(from_fn_with_state(web.clone(), gate::gate))
        .merge(assets())
        .layer(from_fn_with_state(web.clone(), security::headers))
        .layer(CompressionLayer::new())
        .layer(from_fn(meter::meter))
        .with_state(web)
}
