//! The webhooks of a server: a thread for each, so that neither its disk nor its addressee holds up
//! anything else.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use hatchery::Hatchery;
use server::Webhook;
use server::webhook::{Schedule, release_others};
use tokio::sync::oneshot;

use crate::{Failure, Outcome, credentials};

/// The file that the key is in which messages are signed with.
const KEY: &str = "webhook.key";

/// The webhooks that run.
pub(crate) struct Hooks(Vec<(oneshot::Sender<()>, JoinHandle<()>)>);

impl Hooks {
    /// Starts delivering to every one of `urls`.
    pub(crate) fn start(hatchery: &Arc<Hatchery>, urls: &[String], data: &Path) -> Outcome<Self> {
        let folder = |source| Failure::File { action: "look for webhooks in", path: data.into(), source };
        release_others(hatchery, data, urls).map_err(folder)?;
        let mut hooks = Self(Vec::new());
        if urls.is_empty() {
            return Ok(hooks);
        }
        let key = credentials::key_at(&data.join(KEY))?;
        let mut distinct = urls.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let start = |source| Failure::Start { what: "a webhook", source };
        for url in distinct {
            let webhook = Webhook::open(Arc::clone(hatchery), &url, (data, key), Schedule::default());
            let webhook = webhook.map_err(Failure::Webhook)?;
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(start)?;
            let (stop, stopped) = oneshot::channel::<()>();
            let deliver = move || {
                let failed = runtime.block_on(webhook.run(async { drop(stopped.await) })).err();
                if let Some(error) = failed {
                    tracing::error!(%error, "a webhook has stopped: nothing more is delivered to it");
                }
            };
            let thread = std::thread::Builder::new().name("webhook".into()).spawn(deliver).map_err(start)?;
            hooks.0.push((stop, thread));
        }
        Ok(hooks)
    }

    /// Stops them, and waits until they have: what they delivered is kept.
    pub(crate) fn stop(self) {
        let (stops, threads): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        drop(stops);
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a webhook panicked");
            }
        }
    }
}
