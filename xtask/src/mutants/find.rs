//! Where a file can be mutated, and into what. No more than one mutant is ever on, so that the text of a mutant has
//! none in it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, BinOp, Block, Expr, ExprBinary, ExprMatch, Pat, ReturnType, Signature, Type, UnOp};

use crate::mutants::operators;
use crate::mutants::values::Results;
use crate::mutants::weave::{Id, Piece, Site};

/// One mistake that can be made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Mutant {
    pub(crate) id: Id,
    /// From the sources of the crate.
    pub(crate) file: String,
    pub(crate) line: usize,
    /// What tells it from all others, and outlives changes elsewhere: file, function, and what becomes of what.
    pub(crate) key: String,
}

/// A file, and all that can be done to it.
#[derive(Debug)]
pub(crate) struct Found {
    /// The original, its functions no longer `const` where they can be otherwise.
    pub(crate) text: String,
    pub(crate) sites: Vec<Site>,
    pub(crate) mutants: Vec<Mutant>,
    /// How many functions are left alone, for constants are made with them.
    pub(crate) left: usize,
}

/// What has to be known of all files.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// The names of functions that have to stay `const`.
    pub(crate) fixed: &'a BTreeSet<String>,
    pub(crate) results: &'a Results,
}

/// Finds all mutants of a file, and numbers them from `first` on.
pub(crate) fn find(name: &str, text: &str, file: &syn::File, known: Known<'_>, first: Id) -> Found {
    let mut finder = Finder {
        name,
        text,
        fixed: known.fixed,
        results: known.results,
        next: first,
        within: Vec::new(),
        loosened: Vec::new(),
        found: Found { text: String::new(), sites: Vec::new(), mutants: Vec::new(), left: 0 },
        seen: BTreeMap::new(),
    };
    finder.visit_file(file);
    let mut loose = text.to_owned();
    for range in &finder.loosened {
        // Just as long, so that all places stay where they are.
        loose.replace_range(range.clone(), &" ".repeat(range.len()));
    }
    finder.found.text = loose;
    finder.found
}

struct Finder<'a> {
    name: &'a str,
    text: &'a str,
    fixed: &'a BTreeSet<String>,
    results: &'a Results,
    next: Id,
    /// The type and the function that are looked at.
    within: Vec<String>,
    /// Where `const` goes.
    loosened: Vec<Range<usize>>,
    found: Found,
    seen: BTreeMap<String, usize>,
}

impl Finder<'_> {
    fn source(&self, range: &Range<usize>) -> String {
        self.text.get(range.clone()).unwrap_or_default().to_owned()
    }

    /// Books a mutant at `span`.
    fn mutant(&mut self, span: Span, change: &str) -> Id {
        let id = self.next;
        self.next = id.saturating_add(1);
        let plain = format!("{} {}: {change}", self.name, self.within.join("::"));
        let times = self.seen.entry(plain.clone()).or_default();
        *times = times.saturating_add(1);
        let key = if *times == 1 { plain } else { format!("{plain} #{times}") };
        let line = span.start().line;
        self.found.mutants.push(Mutant { id, file: self.name.to_owned(), line, key });
        id
    }

    /// An expression that becomes one of others.
    fn expression(&mut self, span: Span, others: Vec<(String, String)>) {
        let mut before = vec![Piece::always("(")];
        for (change, other) in others {
            let id = self.mutant(span, &change);
            before.push(Piece::of(id, format!("if crate::mutant::on({id}) {{ {other} }} else ")));
        }
        before.push(Piece::always("{ "));
        let site = Site { range: span.byte_range(), before, after: vec![Piece::always(" })")] };
        self.found.sites.push(site);
    }

    fn binary(&mut self, binary: &ExprBinary) {
        let Some((operator, instead)) = operators::instead(binary.op) else { return };
        let (left, right) = (self.source(&range(&binary.left)), self.source(&range(&binary.right)));
        let whole = short(&self.source(&range(binary)));
        let other = |new: &&str| {
            (format!("`{operator}` becomes `{new}` in `{whole}`"), format!("{left} {new} {right}"))
        };
        self.expression(binary.span(), instead.iter().map(other).collect());
    }

    fn function(&mut self, attributes: &[Attribute], signature: &Signature, body: &Block) -> bool {
        if is_for_tests(attributes) {
            return false;
        }
        if let Some(constness) = signature.constness {
            if self.fixed.contains(&signature.ident.to_string()) {
                self.found.left = self.found.left.saturating_add(1);
                return false;
            }
            self.loosened.push(constness.span().byte_range());
        }
        self.within.push(signature.ident.to_string());
        // A default that is made by default would never end.
        if signature.ident != "default" {
            self.body(signature, body);
        }
        true
    }

    fn body(&mut self, signature: &Signature, body: &Block) {
        let span = signature.ident.span();
        match &signature.output {
            ReturnType::Default if body.stmts.is_empty() => {}
            ReturnType::Default => self.early(span, body, "()"),
            ReturnType::Type(_, kind) if matches!(kind.as_ref(), Type::ImplTrait(_)) => {
                self.iterator(span, body)
            }
            ReturnType::Type(_, kind) => {
                let said: String = body.stmts.iter().map(|part| part.to_token_stream().to_string()).collect();
                for value in self.results.values(kind) {
                    // What it says anyway is no mistake.
                    if without_spaces(&said) != without_spaces(&value) {
                        self.early(span, body, &value);
                    }
                }
            }
        }
    }

    /// The function returns at once.
    fn early(&mut self, span: Span, body: &Block, value: &str) {
        let id = self.mutant(span, &format!("returns `{value}`"));
        let at = body.brace_token.span.open().byte_range().end;
        let text = format!(" if crate::mutant::on({id}) {{ return {value}; }}");
        self.found.sites.push(Site { range: at..at, before: vec![Piece::of(id, text)], after: Vec::new() });
    }

    /// What returns something that is iterated over returns nothing of it; its type has no other name.
    fn iterator(&mut self, span: Span, body: &Block) {
        let Some(syn::Stmt::Expr(last, None)) = body.stmts.last() else { return };
        let id = self.mutant(span, "returns nothing to iterate over");
        let text = format!(").take(if crate::mutant::on({id}) {{ 0 }} else {{ usize::MAX }})");
        let (before, after) = (vec![Piece::of(id, "(".to_owned())], vec![Piece::of(id, text)]);
        self.found.sites.push(Site { range: range(last), before, after });
    }

    fn arms(&mut self, whole: &ExprMatch) {
        let has_rest = whole.arms.iter().any(|arm| arm.guard.is_none() && matches!(arm.pat, Pat::Wild(_)));
        for arm in &whole.arms {
            let pattern = short(&self.source(&range(&arm.pat)));
            let goes = has_rest && !matches!(arm.pat, Pat::Wild(_));
            let Some((_, guard)) = &arm.guard else {
                if goes {
                    let id = self.mutant(arm.pat.span(), &format!("arm `{pattern}` goes"));
                    let at = range(&arm.pat).end;
                    let before = vec![Piece::of(id, format!(" if !crate::mutant::on({id})"))];
                    self.found.sites.push(Site { range: at..at, before, after: Vec::new() });
                }
                continue;
            };
            if !has_let(guard) {
                self.guard(guard, &pattern, goes);
            }
        }
    }

    fn guard(&mut self, guard: &Expr, pattern: &str, goes: bool) {
        let (span, shown) = (guard.span(), short(&self.source(&range(guard))));
        let holds = self.mutant(span, &format!("guard `{shown}` of `{pattern}` becomes `true`"));
        let never = self.mutant(span, &format!("guard `{shown}` of `{pattern}` becomes `false`"));
        let mut before = Vec::new();
        if goes {
            let id = self.mutant(span, &format!("arm `{pattern}` goes"));
            before.push(Piece::of(id, format!("!crate::mutant::on({id}) && ")));
        }
        before.extend([
            Piece::of(holds, format!("(crate::mutant::on({holds}) || ")),
            Piece::of(never, format!("(!crate::mutant::on({never}) && ")),
            Piece::always("("),
        ]);
        let after =
            vec![Piece::always(")"), Piece::of(never, ")".to_owned()), Piece::of(holds, ")".to_owned())];
        self.found.sites.push(Site { range: range(guard), before, after });
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        let of = block.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        let is_shown = of.is_some_and(|last| last.ident == "Debug" || last.ident == "Display");
        if is_shown || is_for_tests(&block.attrs) {
            return;
        }
        let subject = short(&block.self_ty.to_token_stream().to_string().replace(' ', ""));
        self.within.push(match of {
            Some(of) => format!("<{subject} as {}>", of.to_token_stream().to_string().replace(' ', "")),
            None => subject,
        });
        visit::visit_item_impl(self, block);
        self.within.pop();
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.within.push(item.ident.to_string());
        visit::visit_item_trait(self, item);
        self.within.pop();
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if self.function(&function.attrs, &function.sig, &function.block) {
            visit::visit_block(self, &function.block);
            self.within.pop();
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if self.function(&function.attrs, &function.sig, &function.block) {
            visit::visit_block(self, &function.block);
            self.within.pop();
        }
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        let Some(body) = &function.default else { return };
        if self.function(&function.attrs, &function.sig, body) {
            visit::visit_block(self, body);
            self.within.pop();
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        if !has_let(&Expr::Binary(binary.clone())) {
            self.binary(binary);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        let sign = if matches!(unary.op, UnOp::Not(_)) {
            Some("!")
        } else if matches!(unary.op, UnOp::Neg(_)) {
            Some("-")
        } else {
            None
        };
        if let Some(sign) = sign {
            let whole = short(&self.source(&range(unary)));
            let bare = self.source(&range(&unary.expr));
            self.expression(unary.span(), vec![(format!("`{sign}` goes in `{whole}`"), bare)]);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_match(&mut self, whole: &'ast ExprMatch) {
        self.arms(whole);
        visit::visit_expr_match(self, whole);
    }

    // What is const, and what is no expression.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_item_enum(&mut self, _: &'ast syn::ItemEnum) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_generics(&mut self, _: &'ast syn::Generics) {}
}

fn range(part: &impl syn::spanned::Spanned) -> Range<usize> {
    part.span().byte_range()
}

/// Whether it is a chain with a `let` in it, which only `&&` can make.
fn has_let(expression: &Expr) -> bool {
    if let Expr::Binary(binary) = expression
        && matches!(binary.op, BinOp::And(_))
    {
        return has_let(&binary.left) || has_let(&binary.right);
    }
    matches!(expression, Expr::Let(_))
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let said = without_spaces(&attribute.meta.to_token_stream().to_string());
        said == "test" || said == "cfg(test)"
    })
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

/// On one line, and not too long to be read.
fn short(text: &str) -> String {
    const LONGEST: usize = 70;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::constants;
    use crate::mutants::weave::weave;

    /// What can be done to a file, without the name of the file.
    fn found(text: &str) -> Found {
        let file = syn::parse_file(text).unwrap();
        let (fixed, results) = (constants::names([&file]), Results::of([&file]));
        find("a.rs", text, &file, Known { fixed: &fixed, results: &results }, 0)
    }

    fn changes(text: &str) -> Vec<String> {
        let mutants = found(text).mutants.into_iter();
        mutants.map(|mutant| mutant.key.strip_prefix("a.rs ").unwrap().to_owned()).collect()
    }

    #[test]
    fn a_function_returns_plain_values_of_its_type_but_not_what_it_says_anyway() {
        assert_eq!(changes("fn f() -> bool { false }"), ["f: returns `true`"]);
        assert_eq!(changes("fn f() { g(); }"), ["f: returns `()`"]);
        assert_eq!(changes("fn f() {}"), [""; 0]);
        assert_eq!(
            changes("impl A for B<'_> { fn f() -> impl Iterator<Item = u8> { g() } }"),
            ["<B<'_> as A>::f: returns nothing to iterate over"]
        );
    }

    #[test]
    fn an_operator_becomes_another_and_a_chain_with_a_let_stays() {
        let text = "fn f() -> ! { if let A = a && b == c && d {} }";
        assert_eq!(changes(text), ["f: `==` becomes `!=` in `b == c`"]);
        assert_eq!(changes("fn f() -> ! { a && b }"), ["f: `&&` becomes `||` in `a && b`"]);
    }

    #[test]
    fn guards_always_or_never_hold_and_arms_before_the_rest_go() {
        let text = "fn g() -> ! { match a { A if b => 1, B => 2, _ => 3 } }";
        assert_eq!(
            changes(text),
            [
                "g: guard `b` of `A` becomes `true`",
                "g: guard `b` of `A` becomes `false`",
                "g: arm `A` goes",
                "g: arm `B` goes"
            ]
        );
        assert_eq!(changes("fn g() -> ! { match a { A => 1, B => 2 } }"), [""; 0]);
    }

    #[test]
    fn tests_constants_and_what_is_printed_for_people_are_left_alone() {
        for text in [
            "#[cfg(test)] mod tests { fn f() -> bool { a == b } }",
            "const A: u8 = 1 + 2;",
            "impl fmt::Debug for A { fn fmt(&self) -> bool { a == b } }",
        ] {
            assert_eq!(changes(text), [""; 0], "{text}");
        }
        let left = found("const A: u8 = f(); const fn f() -> u8 { 1 + 2 }");
        assert_eq!((left.mutants.len(), left.left), (0, 1));
    }

    #[test]
    fn the_same_change_twice_in_a_function_is_told_apart() {
        let keys = changes("fn f() -> ! { a == b; a == b }");
        assert_eq!(keys, ["f: `==` becomes `!=` in `a == b`", "f: `==` becomes `!=` in `a == b` #2"]);
    }

    #[test]
    fn a_mutant_has_none_in_it_and_the_original_has_all() {
        let Found { text, sites, .. } = found("const fn f() -> ! { !(a + b) }");
        let woven = weave(&text, &sites, &BTreeSet::from([2])).text;
        let inner = "if crate::mutant::on(1) { a - b } else { a + b }";
        let expected = format!(
            "      fn f() -> ! {{ (if crate::mutant::on(0) {{ (a + b) }} else {{ !(({inner} )) }})}}"
        );
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(plain(&woven), plain(&expected));
    }
}
