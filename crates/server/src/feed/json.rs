//! A commit as JSON: what `docs/feed.md` describes. Ids are those of the replies, so that who launched
//! an instance finds it again; everything else is in the neutral words of the core.
//!
//! The same commit is always the same text.

use fleet::{
    AccountId, Amendment, CatalogueItem, Cycle, Direction, EventKind, FailureReason, Instance, LockReason,
    Outcome, Sale, State, Status, Verdict, Wallet,
};
use hatchery::Change;
use hatchery::feed::{Decided, Fact, Gone};
use serde_json::{Value, json};
use wire::ecs::reply::ids;
use wire::time;

/// A commit, with what it made so.
pub(super) fn change(change: &Change) -> Value {
    // A server does not keep the fleet beside the store: what was before is not told.
    let facts = hatchery::feed::facts(change, &fleet::World::default());
    let facts: Vec<Value> = facts.iter().map(fact).collect();
    json!({
        "revision": change.revision.number(),
        "time": time::seconds(change.time),
        "facts": facts,
    })
}

fn fact(fact: &Fact) -> Value {
    match fact {
        Fact::InstanceChanged { before: _, after } => instance(after),
        Fact::InstanceGone { id, before: _ } => json!({"fact": "instance_gone", "id": ids::instance(*id)}),
        Fact::InstanceAmended { id, amendment } => amended(ids::instance(*id), amendment),
        Fact::BatchDecided(decided) => batch(decided),
        Fact::EventPublished(event) => json!({
            "fact": "event_published",
            "id": ids::event(event.id),
            "account": who(event.account),
            "instance": ids::instance(event.instance),
            "kind": event_kind(event.kind),
            "cycle": cycle(event.cycle),
            "published_at": time::seconds(event.published_at),
            "not_before": time::seconds(event.not_before),
            "finished_at": event.finished_at.map(time::seconds),
        }),
        Fact::StockChanged(stock) => json!({
            "fact": "stock_changed",
            "zone": stock.key.zone.as_str(),
            "instance_type": stock.key.instance_type.as_str(),
            "total": stock.total(),
            "free": stock.free(),
            "taken": stock.taken(),
            "missing": stock.missing(),
            "open": stock.sale() == Sale::Open,
        }),
        Fact::HostChanged(host) => json!({
            "fact": "host_changed",
            "id": host.label.as_str(),
            "zone": host.zone.as_str(),
            "places": host.places,
            "taken": host.taken,
        }),
        Fact::AccountChanged(account) => account_changed(account),
        Fact::CatalogueChanged(item) => {
            let (kind, id) = catalogue(item);
            json!({"fact": "catalogue_changed", "kind": kind, "id": id})
        }
        Fact::NetworkChanged(network) => json!({
            "fact": "network_changed",
            "id": network.label.as_str(),
            "account": who(network.account),
            "region": network.region.as_str(),
            "block": network.block.to_string(),
            "name": network.name,
        }),
        Fact::SubnetChanged(subnet) => json!({
            "fact": "subnet_changed",
            "id": subnet.label.as_str(),
            "account": who(subnet.account),
            "network": subnet.network.as_str(),
            "zone": subnet.zone.as_str(),
            "block": subnet.block.net().to_string(),
            "name": subnet.name,
            "free": subnet.pool.free,
        }),
        Fact::PublicPoolChanged(pool) => json!({
            "fact": "public_pool_changed",
            "region": pool.region.as_str(),
            "block": pool.block.net().to_string(),
            "free": pool.pool.free,
        }),
        Fact::GroupChanged(group) => json!({
            "fact": "group_changed",
            "id": group.label.as_str(),
            "account": who(group.account),
            "network": group.network.as_str(),
            "name": group.name,
            "members": group.members,
        }),
        Fact::RuleChanged(rule) => json!({
            "fact": "rule_changed",
            "id": ids::rule(rule.id),
            "group": rule.group.as_str(),
            "direction": match rule.traffic.direction {
                Direction::In => "in",
                Direction::Out => "out",
            },
            "verdict": match rule.traffic.verdict {
                Verdict::Accept => "accept",
                Verdict::Drop => "drop",
            },
            "priority": rule.traffic.priority,
            "description": rule.description,
        }),
        Fact::KeyPairChanged(pair) => json!({
            "fact": "key_pair_changed",
            "id": ids::key_pair(pair),
            "account": who(pair.account),
            "name": &*pair.name,
            "fingerprint": pair.fingerprint,
        }),
        Fact::DiskKept(disk) => json!({
            "fact": "disk_kept",
            "id": ids::disk(disk.instance, disk.index),
            "account": who(disk.account),
            "instance": ids::instance(disk.instance),
            "size_gib": disk.disk.size_gib,
        }),
        Fact::WorkWaiting { from, id } => json!({
            "fact": "work_waiting",
            "instance": ids::instance(id.instance),
            "order": id.order,
            "from": time::seconds(*from),
        }),
        Fact::TemplateChanged(template) => json!({
            "fact": "template_changed",
            "id": template.label.as_str(),
            "account": who(template.account),
            "name": template.name.as_str(),
            "default_version": template.default_version,
        }),
        Fact::TemplateVersionAdded { template, number } => {
            json!({"fact": "template_version_added", "template": template.as_str(), "number": number})
        }
        Fact::Gone(gone) => {
            let (kind, id) = what_is_gone(gone);
            json!({"fact": "gone", "kind": kind, "id": id})
        }
    }
}

/// An account with its money, in the smallest unit.
pub(crate) fn account_changed(account: &hatchery::Account) -> Value {
    let (balance, held, spent) = match account.wallet {
        Wallet::Off => (None, None, None),
        Wallet::On { balance, held, spent } => (Some(balance.0), Some(held.0), Some(spent.0)),
    };
    let vouchers: Vec<Value> = account.vouchers.kept.iter().map(voucher).collect();
    json!({
        "fact": "account_changed",
        "id": who(account.id),
        "instances": account.instances,
        "instance_limit": account.instance_limit,
        "balance": balance,
        "held": held,
        "spent": spent,
        "owed": account.meter.map(|meter| meter.owed.0),
        "in_arrears": account.is_in_arrears(),
        "vouchers": vouchers,
    })
}

fn voucher(voucher: &hatchery::Voucher) -> Value {
    json!({
        "id": voucher.label.as_str(),
        "expires_at": time::seconds(voucher.expires_at),
        "granted": voucher.granted.0,
        "left": voucher.left.0,
        "held": voucher.held.0,
        "spent": voucher.spent.0,
    })
}

fn instance(instance: &Instance) -> Value {
    let failure = match &instance.state {
        State::Failed(failed) => Some(reason(failed.reason)),
        State::Pending(_)
        | State::Starting(..)
        | State::Running
        | State::Stopping(..)
        | State::Stopped(_)
        | State::Installing(_)
        | State::Blank
        | State::Binned { .. }
        | State::Releasing(..) => None,
    };
    json!({
        "fact": "instance_changed",
        "id": ids::instance(instance.id),
        "account": who(instance.account),
        "batch": ids::order(instance.batch),
        "index": instance.index,
        "status": status(instance.state.status()),
        "failure": failure,
        "address": instance.address.to_string(),
        "public_address": instance.public.map(|address| address.to_string()),
        "created_at": time::seconds(instance.created_at),
        "started_at": instance.started_at.map(time::seconds),
        "release_at": instance.release_at.map(time::seconds),
        "paid_until": instance.paid_until.map(time::seconds),
    })
}

/// What is different by now. Settings are the client's own words and not told.
fn amended(id: String, amendment: &Amendment) -> Value {
    let labels =
        |labels: &Vec<fleet::Label>| labels.iter().map(|label| label.to_string()).collect::<Vec<_>>();
    json!({
        "fact": "instance_amended",
        "id": id,
        "name": amendment.name.as_deref(),
        "host_name": amendment.host_name.as_deref(),
        "description": amendment.description.as_deref(),
        "groups": amendment.groups.as_ref().map(labels),
        "key_pair": amendment.key_pair.as_deref(),
        "lock": amendment.lock.map(lock),
    })
}

fn batch(decided: &Decided) -> Value {
    let instances = decided.instances.iter().zip(&decided.outcomes).map(|(id, of)| {
        let (outcome, failure) = match of {
            Outcome::Pending => ("pending", None),
            Outcome::Made => ("made", None),
            Outcome::Failed(why) => ("failed", Some(reason(*why))),
            Outcome::Released => ("released", None),
        };
        json!({"id": ids::instance(*id), "outcome": outcome, "failure": failure})
    });
    let launched = decided.launched.as_ref().map(|spec| {
        json!({
            "region": spec.region.as_str(),
            "zone": spec.zone.as_str(),
            "instance_type": spec.instance_type.as_str(),
            "image": spec.image.as_ref().map(hatchery::Label::as_str),
            "network": spec.network.as_str(),
            "subnet": spec.subnet.as_str(),
        })
    });
    json!({
        "fact": "batch_decided",
        "id": ids::order(decided.id),
        "account": who(decided.account),
        "instances": instances.collect::<Vec<_>>(),
        "launched": launched,
    })
}

/// As text: not every reader keeps all digits of a number.
fn who(account: AccountId) -> String {
    account.0.to_string()
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Starting => "starting",
        Status::Running => "running",
        Status::Stopping => "stopping",
        Status::Stopped => "stopped",
        Status::Failed => "failed",
        Status::Installing => "installing",
        Status::Blank => "blank",
        Status::Binned => "binned",
        Status::Releasing => "releasing",
    }
}

const fn reason(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::NoStock => "no_stock",
        FailureReason::NoAddress => "no_address",
        FailureReason::Machine => "machine",
        FailureReason::Deadline => "deadline",
        FailureReason::Exhausted => "exhausted",
    }
}

const fn lock(lock: LockReason) -> &'static str {
    match lock {
        LockReason::Money => "money",
        LockReason::Security => "security",
        LockReason::Recycling => "recycling",
        LockReason::HostMoney => "host_money",
        LockReason::Refunded => "refunded",
    }
}

const fn event_kind(kind: EventKind) -> &'static str {
    use fleet::IncidentKind as Kind;
    match kind {
        EventKind::CreationFailure(_) => "creation_failure",
        EventKind::Incident(incident) => match incident.kind {
            Kind::MaintenanceReboot => "maintenance_reboot",
            Kind::MaintenanceRedeploy => "maintenance_redeploy",
            Kind::MaintenanceStop => "maintenance_stop",
            Kind::FailureReboot => "failure_reboot",
            Kind::FailureRedeploy => "failure_redeploy",
            Kind::FailureStop => "failure_stop",
            Kind::FailureRelease => "failure_release",
            Kind::InstanceReboot => "instance_reboot",
            Kind::ExpiryStop => "expiry_stop",
            Kind::ExpiryRelease => "expiry_release",
            Kind::UnpaidStop => "unpaid_stop",
            Kind::UnpaidRelease => "unpaid_release",
            Kind::Reclaim => "reclaim",
        },
    }
}

const fn cycle(cycle: Cycle) -> &'static str {
    match cycle {
        Cycle::Inquiring => "inquiring",
        Cycle::Scheduled => "scheduled",
        Cycle::Executing => "executing",
        Cycle::Executed => "executed",
        Cycle::Avoided => "avoided",
        Cycle::Canceled => "canceled",
        Cycle::Failed => "failed",
    }
}

fn catalogue(item: &CatalogueItem) -> (&'static str, &str) {
    match item {
        CatalogueItem::Region(region) => ("region", region.label.as_str()),
        CatalogueItem::Zone(zone) => ("zone", zone.label.as_str()),
        CatalogueItem::InstanceType(instance_type) => ("instance_type", instance_type.label.as_str()),
        CatalogueItem::Image(image) => ("image", image.label.as_str()),
        CatalogueItem::Asset(asset) => ("asset", asset.label.as_str()),
    }
}

fn what_is_gone(gone: &Gone) -> (&'static str, String) {
    match gone {
        Gone::Account(id) => ("account", who(*id)),
        Gone::Batch(id) => ("batch", ids::order(*id)),
        Gone::Disk(instance, index) => ("disk", ids::disk(*instance, *index)),
        Gone::Event(id) => ("event", ids::event(*id)),
        Gone::Group(label) => ("group", label.to_string()),
        Gone::Host(label) => ("host", label.to_string()),
        Gone::KeyPair(_, name) => ("key_pair", name.to_string()),
        Gone::Network(label) => ("network", label.to_string()),
        Gone::PublicPool(region) => ("public_pool", region.to_string()),
        Gone::Rule(_, id) => ("rule", ids::rule(*id)),
        Gone::Stock(key) => ("stock", format!("{}/{}", key.zone, key.instance_type)),
        Gone::Subnet(label) => ("subnet", label.to_string()),
        Gone::Template(label) => ("template", label.to_string()),
        Gone::TemplateVersion(template, number) => ("template_version", format!("{template}/{number}")),
        Gone::Catalogue(label) => ("catalogue", label.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet::{Revision, Time, Write};

    const PLANTED: &str = "planted-secret-7Qz";

    fn of(write: Write) -> String {
        let change_of = Change { revision: Revision::new(7), time: Time::from_secs(1), writes: vec![write] };
        change(&change_of).to_string()
    }

    #[test]
    fn no_kind_of_record_shows_a_secret_as_json() {
        let records = testkit::one_of_every_kind(PLANTED);
        let removals = testkit::removals(&records);
        let mut facts = 0;
        for write in records.into_iter().map(Write::Put).chain(removals.into_iter().map(Write::Remove)) {
            let text = of(write.clone());
            assert!(!text.contains(PLANTED), "{text}");
            assert!(!text.contains('\n'), "an event is one line: {text}");
            facts += text.matches(r#""fact":"#).count();
        }
        assert!(facts > 40, "{facts} facts");
    }

    #[test]
    fn a_commit_is_its_revision_its_time_and_its_facts() {
        let stock = fleet::StockKey { zone: "z".parse().unwrap(), instance_type: "t".parse().unwrap() };
        let stock = fleet::Stock::new(stock, 3).take(1).unwrap();
        assert_eq!(
            of(Write::Put(fleet::Record::Stock(stock))),
            r#"{"facts":[{"fact":"stock_changed","free":2,"instance_type":"t","missing":0,"open":true,"taken":1,"total":3,"zone":"z"}],"revision":7,"time":"1970-01-01T00:00:01Z"}"#
        );
    }
}
