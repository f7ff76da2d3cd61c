//! How often an address may ask for what costs something.
//!
//! Builds, links and streams each have their own count: a class behind one address opens many streams, but few builds.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use protocol::build::Problem;

use crate::builds::problem;
use crate::settings::Settings;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Build,
    Link,
    Stream,
}

pub(crate) struct Rates {
    builds: Option<DefaultKeyedRateLimiter<Client>>,
    links: Option<DefaultKeyedRateLimiter<Client>>,
    streams: Option<DefaultKeyedRateLimiter<Client>>,
}

/// An address; of IPv6 the part that one customer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Client(IpAddr);

impl Rates {
    pub(crate) fn new(settings: &Settings) -> Rates {
        let limiter = |n| NonZeroU32::new(n).map(|n| RateLimiter::keyed(Quota::per_minute(n)));
        Rates {
            builds: limiter(settings.builds_per_minute),
            links: limiter(settings.links_per_minute),
            streams: limiter(settings.streams_per_minute),
        }
    }

    pub(crate) fn check(&self, kind: Kind, address: IpAddr) -> Result<(), Box<Problem>> {
        let limiter = match kind {
            Kind::Build => &self.builds,
            Kind::Link => &self.links,
            Kind::Stream => &self.streams,
        };
        let Some(limiter) = limiter else { return Ok(()) };
        // Those that have not asked for a while need not be remembered.
        if limiter.len() > 10_000 {
            limiter.retain_recent();
        }
        limiter.check_key(&Client(network(address))).map_err(|_| {
            let mut problem = problem(429, "too-often", "Your address asks for this too often");
            problem.help = Some("Wait a minute".to_owned());
            problem
        })
    }
}

pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let mut segments = v6.segments();
            segments[4..].fill(0);
            IpAddr::from(segments)
        }
    }
}
