//! Which functions constants are made with. Those have to stay `const`, and so cannot ask which mutant is on.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::visit::{self, Visit};

/// The names that constants say, directly or by the `const` functions that they call.
pub(crate) fn names<'a>(files: impl IntoIterator<Item = &'a syn::File>) -> BTreeSet<String> {
    let mut said = Said::default();
    for file in files {
        said.visit_file(file);
    }
    let mut names = said.names;
    loop {
        let more = said.functions.iter().filter(|(name, _)| names.contains(*name));
        let more: BTreeSet<_> =
            more.flat_map(|(_, body)| body).filter(|name| !names.contains(*name)).cloned().collect();
        if more.is_empty() {
            return names;
        }
        names.extend(more);
    }
}

#[derive(Default)]
struct Said {
    names: BTreeSet<String>,
    /// What the bodies of `const` functions say.
    functions: BTreeMap<String, BTreeSet<String>>,
}

impl Said {
    fn function(&mut self, signature: &syn::Signature, body: &syn::Block) {
        if signature.constness.is_some() {
            let said = self.functions.entry(signature.ident.to_string()).or_default();
            collect(body.to_token_stream(), said);
        }
    }
}

impl<'ast> Visit<'ast> for Said {
    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        collect(item.expr.to_token_stream(), &mut self.names);
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        collect(item.expr.to_token_stream(), &mut self.names);
    }

    fn visit_trait_item_const(&mut self, item: &'ast syn::TraitItemConst) {
        collect(item.to_token_stream(), &mut self.names);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        collect(item.expr.to_token_stream(), &mut self.names);
    }

    fn visit_type_array(&mut self, array: &'ast syn::TypeArray) {
        collect(array.len.to_token_stream(), &mut self.names);
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        collect(repeat.len.to_token_stream(), &mut self.names);
        visit::visit_expr_repeat(self, repeat);
    }

    fn visit_expr_const(&mut self, block: &'ast syn::ExprConst) {
        collect(block.to_token_stream(), &mut self.names);
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.function(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.function(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }
}

fn collect(tokens: TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                names.insert(name.to_string());
            }
            TokenTree::Group(group) => collect(group.stream(), names),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_constant_calls_and_what_that_calls_stays_const() {
        let text = "const A: u8 = one(); const fn one() -> u8 { two() } const fn other() -> u8 { three() }";
        let names = names([&syn::parse_file(text).unwrap()]);
        assert!(names.contains("one") && names.contains("two") && !names.contains("three"));
    }
}
