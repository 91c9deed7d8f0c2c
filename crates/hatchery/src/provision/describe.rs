//! A work item as JSON, for programs that are no Rust. `docs/provisioners.md` has the schema.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fleet::{DiskKind, Label, Means, Secret, State, Task, WorkItem};
use serde_json::{Map, Value, json};

/// The version of the schema. Fields may be added under one number; none changes its meaning.
const SCHEMA: u8 = 1;

/// The word for a task.
pub(super) const fn task_word(task: Task) -> &'static str {
    match task {
        Task::Create => "create",
        Task::Install => "install",
        Task::Start => "start",
        Task::Stop => "stop",
        Task::Reboot => "reboot",
        Task::Release => "release",
    }
}

/// The item as JSON, without its secrets.
#[must_use]
pub fn describe(item: &WorkItem) -> Map<String, Value> {
    let profile = &item.profile;
    let (instance, spec) = (&profile.instance, &profile.spec);
    let disks: Vec<_> = std::iter::once(&spec.system_disk).chain(&spec.data_disks).collect();
    let disks: Vec<Value> =
        disks.into_iter().map(|disk| json!({ "kind": disk_word(disk.kind), "gib": disk.size_gib })).collect();
    let tags: Map<String, Value> =
        profile.tags().iter().map(|tag| (tag.key.clone(), tag.value.clone().into())).collect();
    let cut = match instance.state {
        State::Stopping(shutdown, _) => shutdown.means == Means::Cut,
        State::Pending(_)
        | State::Installing(_)
        | State::Starting(..)
        | State::Running
        | State::Stopped(_)
        | State::Blank
        | State::Binned { .. }
        | State::Failed(_)
        | State::Releasing(..) => false,
    };
    let described = json!({
        "schema": SCHEMA,
        "task": task_word(item.task),
        "order": item.id.order,
        "attempt": item.attempt,
        "instance": instance.id.to_string(),
        "account": instance.account.0,
        "name": profile.name(""),
        "host_name": profile.host_name(),
        "zone": spec.zone.as_str(),
        "type": spec.instance_type.as_str(),
        "image": spec.image.as_ref().map(Label::as_str),
        "cpus": spec.cpus,
        "network": spec.network.as_str(),
        "subnet": spec.subnet.as_str(),
        "address": instance.address,
        "public_address": instance.public,
        "further_addresses": instance.further,
        "ipv6_addresses": instance.ipv6,
        "disks": disks,
        "tags": tags,
        "cut_power": cut,
    });
    match described {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// The item as JSON with its secrets. `None` when the password is no text.
pub(super) fn describe_with_secrets(item: &WorkItem) -> Option<Vec<u8>> {
    let amendment = item.profile.amendment.as_deref();
    let handed = &item.handover;
    let password = handed.password.as_ref().or(amendment.and_then(|amendment| amendment.password.as_ref()));
    let changed_data = amendment.and_then(|amendment| amendment.user_data.as_ref());
    let password = password.map(|secret| std::str::from_utf8(secret.reveal())).transpose().ok()?;
    let user_data = changed_data.or(handed.user_data.as_ref()).map(Secret::reveal);
    let mut fields = describe(item);
    fields.insert("password".into(), json!(password));
    fields.insert("user_data_base64".into(), json!(user_data.map(|bytes| STANDARD.encode(bytes))));
    fields.insert("public_key".into(), json!(handed.public_key));
    serde_json::to_vec(&fields).ok()
}

const fn disk_word(kind: DiskKind) -> &'static str {
    match kind {
        DiskKind::Basic => "basic",
        DiskKind::Efficiency => "efficiency",
        DiskKind::Ssd => "ssd",
        DiskKind::Essd => "essd",
        DiskKind::EssdEntry => "essd-entry",
        DiskKind::Auto => "auto",
        DiskKind::RegionalAuto => "regional-auto",
        DiskKind::LocalSsd => "local-ssd",
        DiskKind::ElasticStandard => "elastic-standard",
        DiskKind::ElasticPremium => "elastic-premium",
    }
}
