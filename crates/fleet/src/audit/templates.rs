//! What holds of templates, their versions and their names.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Finding, Invariant};
use crate::{Label, Template, TemplateNameKey};

/// The templates, and what stands beside them.
#[derive(Debug, Default)]
pub(super) struct Templates {
    templates: BTreeMap<Label, Template>,
    versions: BTreeSet<(Label, u32)>,
    names: BTreeSet<(TemplateNameKey, Label)>,
}

impl Templates {
    pub(super) fn see(&mut self, template: Template) {
        self.templates.insert(template.label.clone(), template);
    }

    pub(super) fn see_version(&mut self, template: Label, number: u32) {
        self.versions.insert((template, number));
    }

    pub(super) fn see_name(&mut self, key: TemplateNameKey, template: Label) {
        self.names.insert((key, template));
    }

    pub(super) fn check(&self, findings: &mut Vec<Finding>) {
        let mut find = |invariant, detail: String| findings.push(Finding { invariant, detail });
        let invariant = Invariant::TemplatesAgreeWithVersions;
        for Template { label, versions, default_version, last_version, .. } in self.templates.values() {
            let ascend = versions.is_sorted_by(|one, next| one < next);
            let numbered =
                versions.iter().all(|number| (1..=*last_version).contains(number)) && !versions.is_empty();
            if !ascend || !numbered {
                let detail = format!("template {label} lists {versions:?}, the last was {last_version}");
                find(invariant, detail);
            }
            if !versions.contains(default_version) {
                let detail =
                    format!("template {label} lists {versions:?} without {default_version}, its default");
                find(invariant, detail);
            }
        }
        let listed = self.templates.values();
        let listed = listed
            .flat_map(|template| template.versions.iter().map(|number| (template.label.clone(), *number)));
        for (template, number) in listed.collect::<BTreeSet<_>>().symmetric_difference(&self.versions) {
            let detail =
                format!("version {number} of template {template} is there, or is listed, and not both");
            find(invariant, detail);
        }
        let named = self.templates.values().map(|template| (template.name_key(), template.label.clone()));
        for (key, template) in named.collect::<BTreeSet<_>>().symmetric_difference(&self.names) {
            let detail = format!("{key:?} leads to template {template}, or is its name, and not both");
            find(Invariant::TemplatesAreFoundByName, detail);
        }
    }
}
