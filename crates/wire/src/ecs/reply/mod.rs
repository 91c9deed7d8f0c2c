//! What a client reads when its request succeeds: from values of the fleet to trees, in the exact
//! shapes of `contract/ecs-actions.md`. A field without a model behind it has its documented neutral
//! value. What the catalogue does not know (any more) leaves gaps in a reply, never breaks it.

mod attribute;
mod availability;
mod catalogue;
mod companion;
mod event;
mod group;
pub mod ids;
mod instance;
mod key_pair;
mod launch;
mod listing;
mod network;
mod options;
mod system_event;
mod tag;
mod template;

pub use attribute::{
    allocate_public_ip_address, describe_instance_attribute, describe_user_data, moved_instances,
};
pub use availability::describe_available_resource;
pub use catalogue::{describe_images, describe_instance_types, describe_regions, describe_zones};
pub use companion::{
    DiskRow, InterfaceRow, describe_disks, describe_instance_attachment_attributes,
    describe_instance_auto_renew_attribute, describe_instance_maintenance_attributes,
    describe_instance_ram_role, describe_instance_type_families, describe_instance_vnc_url,
    describe_network_interfaces, describe_tasks,
};
pub use event::describe_instance_history_events;
pub use group::describe_security_group_attribute;
pub use instance::{describe_instance_status, describe_instances};
pub use key_pair::{create_key_pair, describe_key_pairs, import_key_pair};
pub use launch::{create_instance, run_instances};
pub use listing::Listing;
pub use network::{
    create_security_group, create_vpc, create_vswitch, describe_security_groups, describe_vpcs,
    describe_vswitches,
};
pub use tag::list_tag_resources;
pub use template::{
    create_launch_template, create_launch_template_version, delete_launch_template,
    delete_launch_template_version, describe_launch_template_versions, describe_launch_templates,
    modify_launch_template_default_version,
};

pub use system_event::{create_simulated_system_events, describe_instances_full_status};

use fleet::Tag;

use crate::document::{Document, Format, Object};

/// The answer of one action, but for the id of the request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    action: &'static str,
    body: Object,
}

impl Reply {
    pub(super) const fn new(action: &'static str, body: Object) -> Self {
        Self { action, body }
    }

    /// The answer of an action that has nothing to say but that it is done. The name is ours,
    /// never the client's: it becomes the name of an element.
    #[must_use]
    pub const fn done(action: &'static str) -> Self {
        Self::new(action, Object::new())
    }

    /// The whole answer to the request with this id.
    #[must_use]
    pub fn document(self, request_id: &str) -> Document {
        Document::success(self.action, request_id, self.body)
    }

    /// The text of the whole answer.
    #[must_use]
    pub fn render(self, request_id: &str, format: Format) -> String {
        self.document(request_id).render(format)
    }
}

/// Tags as instances, images and groups show them.
fn tags(tags: &[Tag]) -> impl Iterator<Item = Object> {
    tags.iter().map(|tag| Object::new().text("TagKey", tag.key.as_str()).text("TagValue", tag.value.as_str()))
}

/// A list that has nothing in it, and a wrapper all the same.
const NONE: [Object; 0] = [];
