//! What a function may return instead of what it works out: plain values of its type, as Rust text. Whether they fit,
//! the compiler says.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "the types of Rust are not ours, and those without a value are many"
)]

use std::collections::BTreeMap;

use syn::{GenericArgument, GenericParam, Item, PathArguments, PathSegment, Type, TypePath, TypeReference};

const BOX: &str = "alloc::boxed::Box::new";

/// What results are called: by the name of an alias, what it is good for; `None` for what is said at its first place.
#[derive(Default)]
pub(crate) struct Results(BTreeMap<String, Option<Type>>);

impl Results {
    /// The aliases of some files. Those that go by one name are taken to be alike.
    pub(crate) fn of<'a>(files: impl IntoIterator<Item = &'a syn::File>) -> Self {
        Self(files.into_iter().flat_map(|file| &file.items).filter_map(alias).collect())
    }

    /// The plain values of a type; none where there is nothing to be guessed.
    pub(crate) fn values(&self, kind: &Type) -> Vec<String> {
        if let Type::Path(path) = kind
            && let Some(last) = path.path.segments.last()
            && let Some(good) = self.0.get(&last.ident.to_string())
        {
            let good = good.as_ref().or_else(|| arguments(last).next()).map(of).unwrap_or_default();
            return good.iter().map(|value| format!("Ok({value})")).collect();
        }
        of(kind)
    }
}

fn alias(item: &Item) -> Option<(String, Option<Type>)> {
    let Item::Type(alias) = item else { return None };
    let Type::Path(target) = alias.ty.as_ref() else { return None };
    let last = target.path.segments.last().filter(|last| last.ident == "Result")?;
    let good = arguments(last).next()?;
    let is_first = alias.generics.params.first().is_some_and(|first| match (first, good) {
        (GenericParam::Type(first), Type::Path(good)) => good.path.is_ident(&first.ident),
        _ => false,
    });
    Some((alias.ident.to_string(), (!is_first).then(|| good.clone())))
}

fn of(kind: &Type) -> Vec<String> {
    match kind {
        Type::Path(path) => of_path(path),
        Type::Reference(reference) => of_reference(reference),
        Type::Paren(inner) => of(&inner.elem),
        Type::Group(inner) => of(&inner.elem),
        Type::Array(array) => of(&array.elem).iter().map(|value| format!("[{value}; _]")).collect(),
        Type::Tuple(tuple) if tuple.elems.is_empty() => fixed(&["()"]),
        Type::Tuple(tuple) => {
            let all = tuple.elems.iter().map(of).reduce(|before, next| pairs(&before, &next));
            all.unwrap_or_default().iter().map(|values| format!("({values},)")).collect()
        }
        _ => Vec::new(),
    }
}

fn pairs(before: &[String], next: &[String]) -> Vec<String> {
    before.iter().flat_map(|first| next.iter().map(move |second| format!("{first}, {second}"))).collect()
}

fn of_path(path: &TypePath) -> Vec<String> {
    let Some(last) = path.path.segments.last() else { return Vec::new() };
    if path.qself.is_some() || path.path.segments.first().is_some_and(|first| first.ident == "Self") {
        return fixed(&["Default::default()"]);
    }
    let inner: Vec<Vec<String>> = arguments(last).map(of).collect();
    let first = inner.first().cloned().unwrap_or_default();
    let around = |make: &str| first.iter().map(|value| format!("{make}({value})")).collect::<Vec<_>>();
    let with = |plain: &str, made: Vec<String>| [fixed(&[plain]), made].concat();
    match last.ident.to_string().as_str() {
        "bool" => fixed(&["true", "false"]),
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => fixed(&["0", "1"]),
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => fixed(&["0", "1", "-1"]),
        "String" => fixed(&["alloc::string::String::new()", "alloc::string::String::from(\"xyzzy\")"]),
        "Option" => with("None", around("Some")),
        "Result" => around("Ok"),
        "Box" => around(BOX),
        "Vec" => {
            let one = first.iter().map(|value| format!("alloc::vec![{value}]")).collect();
            with("alloc::vec::Vec::new()", one)
        }
        name @ ("BTreeMap" | "BTreeSet" | "VecDeque") => {
            let entries = match inner.as_slice() {
                [keys, values] => {
                    pairs(keys, values).iter().map(|pair| format!("({pair})")).collect::<Vec<_>>()
                }
                _ => first,
            };
            let made = entries.iter().map(|entry| format!("alloc::collections::{name}::from([{entry}])"));
            with(&format!("alloc::collections::{name}::new()"), made.collect())
        }
        _ => fixed(&["Default::default()"]),
    }
}

fn of_reference(reference: &TypeReference) -> Vec<String> {
    let again = if reference.mutability.is_some() { "" } else { "&*" };
    match reference.elem.as_ref() {
        Type::Path(path) if path.path.is_ident("str") => fixed(&["\"\"", "\"xyzzy\""]),
        Type::Slice(slice) => {
            let one = of(&slice.elem).into_iter().map(|value| format!("alloc::vec![{value}]"));
            let lists = core::iter::once("alloc::vec::Vec::new()".to_owned()).chain(one);
            lists.map(|list| format!("{again}alloc::vec::Vec::leak({list})")).collect()
        }
        other => {
            let leak = |value: String| format!("{again}alloc::boxed::Box::leak({BOX}({value}))");
            of(other).into_iter().map(leak).collect()
        }
    }
}

fn arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    })
}

fn fixed(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_type_has_its_plain_values() {
        let table = [
            ("bool", "true | false"),
            ("Option<u8>", "None | Some(0) | Some(1)"),
            ("Result<(), Fault>", "Ok(())"),
            ("Result<bool, Fault>", "Ok(true) | Ok(false)"),
            ("(bool, Time)", "(true, Default::default(),) | (false, Default::default(),)"),
            ("&str", "\"\" | \"xyzzy\""),
            ("&Time", "&*alloc::boxed::Box::leak(alloc::boxed::Box::new(Default::default()))"),
            ("Self::Reply", "Default::default()"),
            ("impl Iterator<Item = u8>", ""),
        ];
        for (kind, expected) in table {
            let values = of(&syn::parse_str(kind).unwrap()).join(" | ");
            assert_eq!(values, expected, "{kind}");
        }
    }

    #[test]
    fn an_alias_of_a_result_is_one() {
        let text = "type Judged<T, V> = Result<T, Halt<V>>; type Rule = core::result::Result<bool, Fault>; type T = u8;";
        let results = Results::of([&syn::parse_file(text).unwrap()]);
        for (kind, expected) in
            [("Judged<(), V>", "Ok(())"), ("Rule", "Ok(true) | Ok(false)"), ("T", "Default::default()")]
        {
            assert_eq!(results.values(&syn::parse_str(kind).unwrap()).join(" | "), expected, "{kind}");
        }
    }
}
